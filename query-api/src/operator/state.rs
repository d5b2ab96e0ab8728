//! What the handlers of operators need.

use std::sync::Arc;

use axum::http::{HeaderName, StatusCode};
use kansoku_service::Clock;
use sqlx::{PgConnection, Postgres, Transaction};

use super::{access::Attempts, refusal::refuse, verdict::Judges};
use crate::{database::SessionPool, problem::Failure};

/// The state of the handlers; cheap to clone.
#[derive(Clone)]
pub(crate) struct Operators {
    /// Sessions that read.
    pub reads: SessionPool,
    /// A few sessions that change something.
    pub commands: SessionPool,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The present schemas.
    pub judges: Arc<Judges>,
    /// Where a trace can be seen: an address with `{trace_id}` in it.
    pub trace_url: Option<Arc<str>>,
    /// The header in which a trusted proxy names the client.
    pub client_header: Option<HeaderName>,
    /// Who showed wrong credentials, and how often.
    pub attempts: Arc<Attempts>,
}

impl Operators {
    /// Begins one snapshot of the database.
    pub(super) async fn snapshot(&self) -> Result<Transaction<'static, Postgres>, Failure> {
        Ok(self.reads.snapshot().await?)
    }

    /// Begins a command: it waits until the writers of dead letters before it are done.
    pub(super) async fn command(&self) -> Result<Transaction<'static, Postgres>, Failure> {
        let mut transaction = self.commands.begin().await?;
        sqlx::query("select lock_dead_letters()").execute(&mut *transaction).await?;
        whole(&mut transaction).await?;
        Ok(transaction)
    }
}

/// Refuses a command while dead letters are being made again from the streams: some are missing.
pub(super) async fn whole(database: &mut PgConnection) -> Result<(), Failure> {
    let sql = "select exists (select from dead_letter_rebuilding)";
    if sqlx::query_scalar(sql).fetch_one(database).await? {
        let detail = "the dead letters are being made again from the streams; repeat this when that is done. If \
            `loader rebuild --dead-letters` was interrupted, run it again";
        return Err(refuse(StatusCode::SERVICE_UNAVAILABLE, detail));
    }
    Ok(())
}

/// Ends a command: what it did is done, whether or not whoever gave it hears of it.
pub(super) async fn commit(transaction: Transaction<'static, Postgres>) -> Result<(), Failure> {
    failpoint("query-api::before_commit");
    transaction.commit().await?;
    failpoint("query-api::after_commit");
    Ok(())
}

/// Where a test kills the process.
fn failpoint(name: &'static str) {
    #[cfg(feature = "failpoints")]
    fail::fail_point!(name, |_| kansoku_service::kill_this_process());
    #[cfg(not(feature = "failpoints"))]
    let _ = name;
}
