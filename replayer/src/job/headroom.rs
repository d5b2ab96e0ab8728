//! Whether AUDIT takes the actions of a job: once it is full, nothing more is done.

use kansoku_nats::Client;
use sqlx::PgConnection;

use super::row::JobRow;
use crate::failure::{Doing as _, Failure};

const STREAM: &str = "AUDIT";
/// About what the action of a replay takes with its headers.
const REPLAY: u64 = 1 << 10;
/// About what that of an edit takes, which holds the text.
const EDIT: u64 = 4 << 10;

/// In words, what is missing for the members of a job; `None` where all of them can be told of.
pub(super) async fn lack(
    session: &mut PgConnection,
    client: &Client,
    row: &JobRow,
) -> Result<Option<String>, Failure> {
    let waiting: i64 = sqlx::query_scalar(
        "select count(*) from dlq_plan_member where plan = $1 and outcome is null and ($2 or verdict = 'pass')",
    )
    .bind(row.plan)
    .bind(row.takes_all())
    .fetch_one(session)
    .await
    .doing("count a job's members")?;
    let audit = client.stream_state(STREAM).await?;
    Ok(words(waiting.unsigned_abs(), row.steps.is_some(), audit.max_bytes, audit.bytes))
}

fn words(replays: u64, has_steps: bool, most: Option<u64>, taken: u64) -> Option<String> {
    let left = most?.saturating_sub(taken);
    let needed = replays * if has_steps { REPLAY + EDIT } else { REPLAY };
    (needed > left).then(|| {
        format!(
            "AUDIT has {left} bytes left, and {replays} replays take about {needed}: raise max_bytes of AUDIT, then start the job anew"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_audit_does_not_take_is_refused() {
        assert_eq!(words(1_000, false, None, 7), None);
        assert_eq!(words(1_000, false, Some(2_000_000), 0), None);
        let said = words(1_000, false, Some(2_000_000), 1_500_000).unwrap();
        assert!(
            said.starts_with("AUDIT has 500000 bytes left, and 1000 replays take about 1024000"),
            "{said}"
        );
        assert!(words(1_000, true, Some(2_000_000), 0).is_some());
    }
}
