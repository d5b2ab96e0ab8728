//! Reading Postgres: one snapshot for each answer, and what may go wrong on the way.

mod meta;
#[cfg(test)]
mod silent_tests;
mod versions;

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use sqlx::{
    Connection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::problem::Failure;

pub(crate) use meta::{Scope, describe};
pub(crate) use versions::{Versions, follow};

/// How the database is reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Sessions at most.
    pub sessions: u32,
    /// How long a request waits for a session.
    pub patience: Duration,
    /// How long one statement may run.
    pub statement: Duration,
    /// How long the versions of the data are believed without a notice.
    pub look_again: Duration,
}

impl Limits {
    /// How long a server may say nothing: a bit longer than it takes to end a statement itself.
    fn silence(self) -> Duration {
        self.statement + self.patience
    }
}

/// How each session begins.
pub(crate) fn options(url: &str, limits: Limits) -> anyhow::Result<PgConnectOptions> {
    let options: PgConnectOptions = url.parse().context("read the address of Postgres")?;
    let statement = limits.statement.as_millis().to_string();
    Ok(options
        .application_name("query-api")
        // Short statements: compiling them would cost more than it saves.
        .options([("statement_timeout", statement.as_str()), ("jit", "off"), ("timezone", "UTC")]))
}

/// The sessions that read, all but the one that listens. They connect when they are first asked, so that we start
/// before the database does.
pub(crate) fn pool(options: PgConnectOptions, limits: Limits) -> PgPool {
    PgPoolOptions::new()
        .max_connections(limits.sessions.saturating_sub(1).max(1))
        .acquire_timeout(limits.patience)
        // A session that came back from a request that gave up may hang; the pool itself would wait for it without end.
        .after_release(move |session, _| {
            Box::pin(async move {
                let silent = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
                tokio::time::timeout(limits.silence(), session.ping()).await.map_err(silent)?.map(|()| true)
            })
        })
        .connect_lazy_with(options)
}

/// Everything that one answer reads, as of one instant of the database.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The transaction; statements run on it.
    pub transaction: Transaction<'static, Postgres>,
    /// The versions of the data in this snapshot.
    pub versions: Versions,
}

impl Snapshot {
    /// Begins a snapshot.
    pub(crate) async fn begin(pool: &PgPool) -> Result<Self, ReadError> {
        let mut transaction = pool.begin_with("begin isolation level repeatable read, read only").await?;
        let versions = Versions::read(&mut *transaction).await?;
        Ok(Self { transaction, versions })
    }

    /// Ends it.
    pub(crate) async fn end(self) -> Result<(), ReadError> {
        Ok(self.transaction.rollback().await?)
    }
}

/// Why an answer could not be read.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum ReadError {
    /// The request itself was wrong, which took the data to see.
    #[error(transparent)]
    Refused(Failure),
    /// The database cannot be reached, or not now.
    #[error("the database is away: {0:#}")]
    Unavailable(Arc<anyhow::Error>),
    /// A statement ran out of time.
    #[error("the database did not answer in time: {0:#}")]
    TooSlow(Arc<anyhow::Error>),
    /// Our bug.
    #[error("{0:#}")]
    Broken(Arc<anyhow::Error>),
}

impl ReadError {
    /// A bug of ours.
    pub(crate) fn broken(error: impl Into<anyhow::Error>) -> Self {
        Self::Broken(Arc::new(error.into()))
    }

    /// A dependency that is away.
    pub(crate) fn unavailable(error: impl Into<anyhow::Error>) -> Self {
        Self::Unavailable(Arc::new(error.into()))
    }
}

impl From<Failure> for ReadError {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

impl From<sqlx::Error> for ReadError {
    fn from(error: sqlx::Error) -> Self {
        let wrap: fn(Arc<anyhow::Error>) -> Self = match &error {
            sqlx::Error::Database(answer) => match answer.code().as_deref().unwrap_or_default() {
                "57014" => Self::TooSlow, // query_canceled: the statement time-out
                // The tables are not there yet, or the database itself is not, or we may not read it.
                "42P01" | "42501" | "3D000" => Self::Unavailable,
                code if ["08", "28", "40", "53", "55", "57", "58"]
                    .iter()
                    .any(|class| code.starts_with(class)) =>
                {
                    Self::Unavailable
                }
                _ => Self::Broken,
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable,
            // All sessions are busy; whether the database is there is known from the one that listens.
            sqlx::Error::PoolTimedOut => Self::TooSlow,
            _ => Self::Broken,
        };
        wrap(Arc::new(error.into()))
    }
}
