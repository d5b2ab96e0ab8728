//! What the handlers of operators need.

use std::sync::Arc;

use axum::http::HeaderName;
use kansoku_service::Clock;
use sqlx::{PgPool, Postgres, Transaction};

use super::{access::Attempts, verdict::Judges};
use crate::problem::Failure;

/// The state of the handlers; cheap to clone.
#[derive(Clone)]
pub(crate) struct Operators {
    /// Sessions that read.
    pub reads: PgPool,
    /// A few sessions that change something.
    pub commands: PgPool,
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
        Ok(self.reads.begin_with("begin isolation level repeatable read, read only").await?)
    }

    /// Begins a command: it waits until the writers of dead letters before it are done.
    pub(super) async fn command(&self) -> Result<Transaction<'static, Postgres>, Failure> {
        let mut transaction = self.commands.begin().await?;
        sqlx::query("select lock_dead_letters()").execute(&mut *transaction).await?;
        Ok(transaction)
    }
}
