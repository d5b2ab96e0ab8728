//! Trying out a write before messages are taken: one taken in vain counts as delivered, and after five restarts during an
//! outage it would be given up, though nothing is wrong with it.

use super::Store;
use crate::db_error::DbError;

/// Rows of 2 kB, which Postgres does not compress yet: some MiB, so that a full disk shows.
const PADDING: i32 = 2_200;

impl Store {
    /// Locks the tables as a commit does, fills a few MiB, and takes it back.
    pub async fn probe(&self) -> Result<(), DbError> {
        let write = async {
            let mut tx = self.pool.begin().await?;
            sqlx::query(
                "lock table data_version, data_facet, source, run, page, anime, tag, anime_tag, observation, title_daily,
                     title_latest, title_name, title_week, title_first_year, week_change, run_balance, ranking_position,
                     genre_observation, archive_file, unreadable in row exclusive mode",
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "create unlogged table write_probe as select repeat('.', 1900) as line from generate_series(1, $1) as s(i)",
            )
            .bind(PADDING)
            .execute(&mut *tx)
            .await?;
            tx.rollback().await
        };
        self.supervised_ours("try out a write", write).await
    }
}
