//! The ledger in numbers: the sums of all runs are kept by triggers, one row a run; places are compared for the newest runs
//! alone, since each of their pages is looked at.

use super::Store;
use crate::{db_error::DbError, ledger_gauges::Ledger};

/// So many runs are compared place by place.
const MAX_RUNS: i64 = 1_000;

/// What operators are shown, in sums. A page that is in flight is taken to have as many rows as the others of its run.
const NEWEST: &str = concat!(
    "select case when not exists (select from dlq_progress where stream = 'DLQ' and seq < last_seq)
            then coalesce(sum(l.missing_rows + l.extra_rows), 0)::bigint end,
        coalesce(sum(l.in_flight_pages * r.rows / greatest(cardinality(r.pages_got), 1)), 0)::bigint
     from (",
    include_str!("../../../query-api/src/operator/ledger.sql"),
    "\n) l join run r using (run)"
);

impl Store {
    /// Reads all numbers.
    pub async fn look_at_ledger(&self) -> Result<Ledger, DbError> {
        self.supervised_ours("look at the ledger", async {
            let mut look = self.pool.begin().await?;
            // The planner has to know how few runs these are, so that it looks up their pages and reads no others.
            sqlx::query("set local plan_cache_mode = force_custom_plan").execute(&mut *look).await?;
            let oldest: Option<i32> =
                sqlx::query_scalar("select run_id from run order by run_id desc offset $1 limit 1")
                    .bind(MAX_RUNS)
                    .fetch_optional(&mut *look)
                    .await?;
            let newest = sqlx::query_as(NEWEST).bind(None::<uuid::Uuid>).bind(oldest.unwrap_or(0));
            let (imbalance, in_flight) = newest.persistent(false).fetch_one(&mut *look).await?;
            // These are all of a small table.
            sqlx::query("set local enable_seqscan = on").execute(&mut *look).await?;
            let sums = "select coalesce(sum(received), 0)::bigint, coalesce(sum(stored), 0)::bigint,
                coalesce(sum(duplicate), 0)::bigint, coalesce(sum(dead), 0)::bigint from run_balance";
            let (received, stored, duplicate, dead) = sqlx::query_as(sums).fetch_one(&mut *look).await?;
            look.rollback().await?;
            Ok(Ledger { received, stored, duplicate, dead, in_flight, imbalance })
        })
        .await
    }
}
