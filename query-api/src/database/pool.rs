//! Sessions that a request waits for no longer than it may.

use std::time::Duration;

use sqlx::{Error, PgPool, Postgres, SqlSafeStr, Transaction, pool::PoolConnection};

/// Begins a transaction that reads, all of it as of one instant.
const SNAPSHOT: &str = "begin isolation level repeatable read, read only";

/// A pool of sessions.
///
/// The driver's pool ends what it does for a request that waits no more, so a session that takes longer to open would never
/// be opened. Here that goes on, and the session is there for whoever asks next.
#[derive(Debug, Clone)]
pub(crate) struct SessionPool {
    driver: PgPool,
    acquire_timeout: Duration,
}

impl SessionPool {
    /// The sessions of `driver`, for which a request waits for `acquire_timeout`. The limit of `driver` is how long a session
    /// may take to open.
    pub(super) fn new(driver: PgPool, acquire_timeout: Duration) -> Self {
        Self { driver, acquire_timeout }
    }

    /// The driver's pool, which waits as long as a session may take to open.
    pub(crate) fn driver(&self) -> &PgPool {
        &self.driver
    }

    /// How many sessions there may be.
    pub(crate) fn max_sessions(&self) -> u32 {
        self.driver.options().get_max_connections()
    }

    /// A session.
    ///
    /// # Errors
    /// `Error::PoolTimedOut` when there is none in time, and those of the driver.
    pub(crate) async fn acquire(&self) -> Result<PoolConnection<Postgres>, Error> {
        let acquiring = self.driver.acquire();
        let is_exhausted = self.driver.num_idle() == 0 && self.driver.size() >= self.max_sessions();
        let acquired = if is_exhausted {
            // It waits for others alone: its place in the queue must go with it.
            tokio::time::timeout(self.acquire_timeout, acquiring).await
        } else {
            let acquired = tokio::time::timeout(self.acquire_timeout, tokio::spawn(acquiring)).await;
            acquired.map(|acquired| acquired.unwrap_or(Err(Error::WorkerCrashed)))
        };
        acquired.unwrap_or(Err(Error::PoolTimedOut))
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// As [`Self::acquire`].
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>, Error> {
        Transaction::begin(self.acquire().await?, None).await
    }

    /// Begins a transaction that reads, all of it as of one instant.
    ///
    /// # Errors
    /// As [`Self::acquire`].
    pub(crate) async fn snapshot(&self) -> Result<Transaction<'static, Postgres>, Error> {
        Transaction::begin(self.acquire().await?, Some(SNAPSHOT.into_sql_str())).await
    }
}
