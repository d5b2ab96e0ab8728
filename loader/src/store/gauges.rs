//! The numbers of dead letters that an alarm asks for: small tables of counts, no items.

use super::Store;
use crate::{db_error::DbError, dead_letter_gauges::Seen};

/// So many regressed groups are named.
const MAX_NAMED: i64 = 100;
/// Among so many of the oldest is looked for one that is in no muted group.
const MAX_OLDEST: i64 = 1_000;

impl Store {
    /// Reads all numbers.
    pub async fn look_at_dead_letters(&self) -> Result<Seen, DbError> {
        self.supervised("look at dead letters", async {
            let failed = DbError::ours("look at dead letters");
            let mut session = self.pool.acquire().await.map_err(failed)?;
            let items = "select state, sum(items)::bigint from dead_letter_count group by state";
            let groups = "select dead_letter_group_state(g), count(*) from dead_letter_group g
                where last_at > '-infinity' and last_at < 'infinity' group by 1";
            let regressed = "select grp, reason, path, keyword from dead_letter_group g
                where dead_letter_group_state(g) = 'regressed' order by grp limit $1";
            let oldest = "select min(d.first_at) from (
                    (select item, first_at from dead_letter where state = 'open' order by first_at, item limit $1)
                    union all
                    (select item, first_at from dead_letter where state = 'failed' order by first_at, item limit $1)
                ) d
                where not exists (select from dead_letter_fault f join dead_letter_group g using (grp)
                    where f.item = d.item and g.muted)";
            let streams = "select stream, greatest(last_seq - seq, 0) as behind, bytes, max_bytes, full_at from dlq_progress";
            Ok(Seen {
                items: sqlx::query_as(items).fetch_all(&mut *session).await.map_err(failed)?,
                groups: sqlx::query_as(groups).fetch_all(&mut *session).await.map_err(failed)?,
                regressed: sqlx::query_as(regressed)
                    .bind(MAX_NAMED)
                    .fetch_all(&mut *session)
                    .await
                    .map_err(failed)?
                    .into_iter()
                    .collect(),
                oldest_open: sqlx::query_scalar(oldest)
                    .bind(MAX_OLDEST)
                    .fetch_one(&mut *session)
                    .await
                    .map_err(failed)?,
                streams: sqlx::query_as(streams).fetch_all(&mut *session).await.map_err(failed)?,
            })
        })
        .await
    }
}
