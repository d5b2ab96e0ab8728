//! `archive_file`: which file has which part of RAW.

use kansoku_schemas::ArchiveEvent;
use sqlx::types::Json;

use super::Store;
use crate::db_error::DbError;

impl Store {
    /// Notes archive files; of two that begin alike the one announced later counts.
    pub async fn write_archives(&self, files: &[ArchiveEvent]) -> Result<(), DbError> {
        if files.is_empty() {
            return Ok(());
        }
        let write = sqlx::query(
            "insert into archive_file as f (epoch, first, last, file, captures, bytes, sha256, announced_at)
             select distinct on (epoch, first) epoch, first, last, file, captures, bytes, sha256, at
             from jsonb_to_recordset($1) as i(epoch bigint, first bigint, last bigint, file text, captures bigint,
                 bytes bigint, sha256 text, at timestamptz)
             order by epoch, first, at desc
             on conflict (epoch, first) do update set
                 last = excluded.last, file = excluded.file, captures = excluded.captures, bytes = excluded.bytes,
                 sha256 = excluded.sha256, announced_at = excluded.announced_at
             where excluded.announced_at > f.announced_at",
        )
        .bind(Json(files))
        .execute(&self.pool);
        self.supervised_ours("note archive files", write).await.map(drop)
    }
}
