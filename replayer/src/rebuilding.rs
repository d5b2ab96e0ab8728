//! Dead letters that are being made again from the streams: some of them, and of what was done to them, are missing.

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use kansoku_service::Unavailable;
use sqlx::PgConnection;

use crate::failure::{Doing as _, Failure};

/// Refuses to go on while that is under way. Whoever asks after it has read items knows that they are all there, and whoever
/// has the lock of dead letters, that they stay.
pub(crate) async fn check(session: &mut PgConnection) -> Result<(), Failure> {
    let since: Option<DateTime<Utc>> = sqlx::query_scalar("select min(since) from dead_letter_rebuilding")
        .fetch_one(session)
        .await
        .doing("look whether dead letters are being made again")?;
    since.map_or(Ok(()), |since| {
        let since = since.format("%Y-%m-%d %H:%M:%S UTC");
        let remediation = "wait for `loader rebuild --dead-letters`; if it was interrupted, run it again";
        let words = anyhow!("they are being made again since {since}");
        Err(Unavailable::new("dead letters", words).with_remediation(remediation).into())
    })
}
