//! Reading Postgres: one snapshot for each response, and what may go wrong on the way.

mod captures;
mod listener;
mod meta;
#[cfg(test)]
mod outage_tests;
mod pool;
mod versions;

use std::{sync::Arc, time::Duration};

use kansoku_postgres::{Addresses, LOOK_INTERVAL};
use sqlx::{
    PgConnection, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::problem::Failure;

pub(crate) use captures::Captures;
pub(crate) use listener::VersionListener;
pub(crate) use meta::{Scope, describe};
pub(crate) use pool::SessionPool;
pub(crate) use versions::{About, DataState, Dependence, Facet, KnownVersions, Versions};

/// A session that has been idle for longer may be dead without our knowing, and is pinged before it is used.
const MAX_UNCHECKED_IDLE: Duration = Duration::from_secs(1);

/// How many commands of operators may wait for one another.
const COMMAND_SESSIONS: u32 = 2;
/// A command may be about some thousand dead letters.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// How many sessions there are, and how long each thing may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoolLimits {
    /// Sessions at most.
    pub max_sessions: u32,
    /// How long a request waits for a session.
    pub acquire_timeout: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
    /// How long the versions of the data are believed without a notice.
    pub poll_interval: Duration,
}

impl PoolLimits {
    /// How long a server may fall silent: a bit longer than it takes to end a statement itself.
    fn silence_timeout(self) -> Duration {
        self.statement_timeout + self.acquire_timeout
    }
}

/// Where the database is, and the sessions on it. They connect when they are first asked, so that we start before it does.
#[derive(Debug, Clone)]
pub(crate) struct Sessions {
    addresses: Addresses,
    limits: PoolLimits,
    /// Those that read, all but the one that listens.
    pub reads: SessionPool,
    /// Those of commands: few, since commands follow one another.
    pub commands: SessionPool,
}

impl Sessions {
    /// Sessions of the database at `url`, none of them open yet.
    pub(crate) fn new(url: &str, limits: PoolLimits) -> anyhow::Result<Self> {
        let addresses = addresses(url, limits)?;
        let reads = limited(&addresses, limits)
            .max_connections(limits.max_sessions.saturating_sub(1).max(1))
            .connect_lazy_with(addresses.first());
        let statement = COMMAND_TIMEOUT.as_millis().to_string();
        let commands = limited(&addresses, limits)
            .max_connections(COMMAND_SESSIONS)
            .connect_lazy_with(addresses.first().options([("statement_timeout", statement.as_str())]));
        let [reads, commands] =
            [reads, commands].map(|driver| SessionPool::new(driver, limits.acquire_timeout));
        Ok(Self { addresses, limits, reads, commands })
    }

    /// The versions as a reader sees them; of several servers only the primary's count.
    async fn read_state(&self) -> Result<DataState, ReadError> {
        let mut session = self.reads.acquire().await?;
        if self.addresses.are_several() && !self.addresses.serves(&mut session).await? {
            return Err(ReadError::unavailable(anyhow::anyhow!("the server is no primary")));
        }
        DataState::read(&mut *session).await
    }

    /// Lets them follow the primary, for ever.
    async fn keep_following(&self) {
        self.addresses.keep_looking(&[self.reads.driver(), self.commands.driver()], LOOK_INTERVAL).await;
    }

    /// Where the database is now; all further sessions are opened there.
    async fn find(&self) -> Result<PgConnectOptions, sqlx::Error> {
        let found = self.addresses.find().await?;
        let pools = [&self.reads, &self.commands];
        pools.into_iter().for_each(|pool| self.addresses.move_to(pool.driver(), &found));
        Ok(found)
    }
}

/// Where the database is, and how each session begins.
fn addresses(url: &str, limits: PoolLimits) -> anyhow::Result<Addresses> {
    let statement = limits.statement_timeout.as_millis().to_string();
    let addresses = Addresses::of_setting(url)?;
    Ok(addresses.map(|options| {
        options.application_name("query-api").options([
            ("statement_timeout", statement.as_str()),
            // A transaction waits for nothing but the database: one that idles is lost, and its locks must go.
            ("idle_in_transaction_session_timeout", "5s"),
            // Short statements: compiling them would cost more than it saves.
            ("jit", "off"),
            ("timezone", "UTC"),
        ])
    }))
}

/// A pool of sessions that take no longer to open than a server may fall silent.
fn limited(addresses: &Addresses, limits: PoolLimits) -> PgPoolOptions {
    let (idle, released) = (addresses.clone(), addresses.clone());
    PgPoolOptions::new()
        .acquire_timeout(limits.silence_timeout())
        .test_before_acquire(false)
        .before_acquire(move |session, unused| {
            let addresses = idle.clone();
            Box::pin(async move {
                if unused.idle_for > MAX_UNCHECKED_IDLE {
                    serves(&addresses, session, limits).await
                } else {
                    Ok(true)
                }
            })
        })
        // A session that came back from a request that gave up may hang; the pool itself would wait for it without end.
        .after_release(move |session, _| {
            let addresses = released.clone();
            Box::pin(async move { serves(&addresses, session, limits).await })
        })
}

async fn serves(
    addresses: &Addresses,
    session: &mut PgConnection,
    limits: PoolLimits,
) -> Result<bool, sqlx::Error> {
    let silent = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    tokio::time::timeout(limits.silence_timeout(), addresses.serves(session)).await.map_err(silent)?
}

/// Everything that one response reads, as of one instant of the database. The pool ends it when it is dropped.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The transaction; statements run on it.
    pub transaction: Transaction<'static, Postgres>,
    /// The versions of the data in this snapshot.
    pub state: DataState,
}

impl Snapshot {
    /// Begins a snapshot.
    pub(crate) async fn begin(pool: &SessionPool) -> Result<Self, ReadError> {
        let mut transaction = pool.snapshot().await?;
        let state = DataState::read(&mut *transaction).await?;
        Ok(Self { transaction, state })
    }
}

/// Why a response could not be read.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum ReadError {
    /// The request itself was wrong, which took the data to see.
    #[error(transparent)]
    Refused(Failure),
    /// The database cannot be reached, or not now.
    #[error("the database is unavailable: {0:#}")]
    Unavailable(Arc<anyhow::Error>),
    /// All sessions are in use.
    #[error("all database sessions are in use: {0:#}")]
    Busy(Arc<anyhow::Error>),
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

    /// The database cannot be reached.
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
                // The tables, or a column or function of theirs, are not there yet, as before a migration; or the database
                // itself is not, or we may not read it; or it takes no writes.
                "42P01" | "42703" | "42883" | "42501" | "3D000" | "25006" => Self::Unavailable,
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
            // Whether the database is there is known from the session that listens.
            sqlx::Error::PoolTimedOut => Self::Busy,
            _ => Self::Broken,
        };
        wrap(Arc::new(error.into()))
    }
}
