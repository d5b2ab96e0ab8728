//! Makes room for dead letters that are made again from the streams.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Store;
use crate::db_error::DbError;

/// The first message that a stream still has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct First {
    /// The stream's epoch.
    pub epoch: i64,
    /// The message's sequence.
    pub seq: i64,
}

/// What only the tables have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Letters that DLQ has lost.
    pub letters: u64,
    /// Actions that AUDIT has lost.
    pub actions: u64,
}

impl Store {
    /// Tells those who work on dead letters to wait, however this ends. What is under way is done first.
    pub async fn begin_rebuilding(&self, at: DateTime<Utc>) -> Result<(), DbError> {
        self.supervised("begin to make dead letters again", async {
            let failed = DbError::ours("begin to make dead letters again");
            let mut tx = self.pool.begin().await.map_err(failed)?;
            sqlx::query("select lock_dead_letters()").execute(&mut *tx).await.map_err(failed)?;
            sqlx::query("insert into dead_letter_rebuilding (since) values ($1)")
                .bind(at)
                .execute(&mut *tx)
                .await
                .map_err(failed)?;
            tx.commit().await.map_err(failed)
        })
        .await
    }

    /// Forgets all that the streams can tell again. Letters and actions that they do not have any more stay, and actions
    /// that are not in AUDIT yet.
    pub async fn forget_dead_letters(&self, letters: First, actions: First) -> Result<Kept, DbError> {
        self.supervised("forget dead letters", async {
            let failed = DbError::ours("forget dead letters");
            let mut tx = self.pool.begin().await.map_err(failed)?;
            let kept = forget(&mut tx, letters, actions).await.map_err(failed)?;
            tx.commit().await.map_err(failed)?;
            Ok(kept)
        })
        .await
    }

    /// Says of groups what people said, of which some may not be in AUDIT yet; and that dead letters can be worked on.
    pub async fn end_rebuilding(&self) -> Result<(), DbError> {
        let end = "select lock_dead_letters();
             select set_dead_letter_group(detail) from (
                 select distinct on (detail ->> 'reason', detail ->> 'path', detail ->> 'keyword') detail
                 from dead_letter_action where action = 'group') said;
             delete from dead_letter_rebuilding;";
        self.supervised_ours("end to make dead letters again", sqlx::raw_sql(end).execute(&self.pool))
            .await
            .map(drop)
    }
}

async fn forget(session: &mut PgConnection, letters: First, actions: First) -> Result<Kept, sqlx::Error> {
    let kept = sqlx::query(
        "create temp table kept on commit drop as
         select l.*, d.root, d.run, d.page, d.row, d.stage as first_stage, d.catalogue, d.source, d.dataset
         from dead_letter_letter l join dead_letter d using (item) where l.epoch <> $1 or l.seq < $2",
    )
    .bind(letters.epoch)
    .bind(letters.seq)
    .execute(&mut *session)
    .await?;
    sqlx::raw_sql(
        "truncate dead_letter, dead_letter_letter, dead_letter_group, dead_letter_fault, dead_letter_group_hour,
             dead_letter_group_count, dead_letter_count, dlq_progress",
    )
    .execute(&mut *session)
    .await?;
    sqlx::query("delete from dead_letter_action where audit_epoch = $1 and audit_seq >= $2")
        .bind(actions.epoch)
        .bind(actions.seq)
        .execute(&mut *session)
        .await?;
    let actions: i64 =
        sqlx::query_scalar("select count(*) from dead_letter_action where audit_seq is not null")
            .fetch_one(&mut *session)
            .await?;
    sqlx::raw_sql(include_str!("keep_letters.sql")).execute(session).await?;
    Ok(Kept { letters: kept.rows_affected(), actions: actions.cast_unsigned() })
}
