//! Everything that speaks to Postgres.
//!
//! [`Store::commit`] is the one transaction of a batch. It locks the `data_version` rows of its catalogues first, so the
//! transactions of several loaders follow one another; the statements after that are set-wise, whatever the batch holds.

mod anime;
mod archives;
mod commit;
mod connect;
mod gauges;
mod genres;
mod ids;
mod known;
mod ledger;
mod letter_rows;
mod letters;
mod lines;
mod mismatch;
mod observations;
mod owners;
mod pages;
mod partitions;
mod probe;
mod ranking;
mod rebuild;
mod rebuilding;
mod runs;
mod tags;
mod version;
mod weeks;

use std::{
    collections::BTreeSet,
    io::{self, ErrorKind as IoErrorKind},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::NaiveDate;
use kansoku_postgres::{Addresses, LOOK_INTERVAL};
use sqlx::PgPool;

use crate::db_error::{DbError, ErrorKind};

pub use self::{
    commit::Committed,
    connect::{ConnectError, addresses, connect, migrate, open, session},
    ids::Ids,
    letters::{Capacity, Progress},
    mismatch::{Completed, Mismatch, Mismatches},
    partitions::ahead,
    rebuild::rebuild,
    rebuilding::{First, Kept},
    runs::{Run, RunState, UnreadableMessage},
    version::CHANNEL,
};

/// How long the server may take to answer a query of nothing.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// How often it is asked for an answer while work is in hand.
const PING_INTERVAL: Duration = Duration::from_secs(5);
/// How long a transaction may take; the server ends each of its statements far sooner.
const WORK_TIMEOUT: Duration = Duration::from_secs(90);

/// The tables, and what we know of them.
#[derive(Debug)]
pub struct Store {
    pool: PgPool,
    /// Where the pool finds the primary after a failover; none for a pool of somebody else's.
    addresses: Option<Addresses>,
    months: Mutex<BTreeSet<NaiveDate>>,
    /// The last write, or its probe, worked.
    works: AtomicBool,
}

impl Store {
    /// The tables behind a pool.
    pub fn new(pool: PgPool) -> Self {
        Self { pool, addresses: None, months: Mutex::new(BTreeSet::new()), works: AtomicBool::new(false) }
    }

    /// The sessions that there are.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Asks the server whether it answers.
    pub async fn answers(&self) -> Result<(), DbError> {
        let failed = DbError::ours("ask Postgres whether it answers");
        self.follow_after_failure().await.map_err(failed)?;
        let Err(error) = self.ping().await else { return Ok(()) };
        // With what each of several servers said, if none of them is the primary.
        self.follow().await.and(Err(error)).map_err(failed)
    }

    /// What failed before may have failed because another server is the primary now.
    async fn follow_after_failure(&self) -> Result<(), sqlx::Error> {
        let has_primary = !self.addresses.as_ref().is_some_and(Addresses::lacks_primary);
        if self.works() && has_primary { Ok(()) } else { self.follow().await }
    }

    /// Lets the pool follow the primary also while nothing fails: a former one may take writes still.
    pub async fn keep_following(&self) {
        if let Some(addresses) = &self.addresses {
            addresses.keep_looking(&[&self.pool], LOOK_INTERVAL).await;
        }
    }

    /// Ends when the primary is another one than the pool leads to, or none.
    async fn moved(&self) {
        match &self.addresses {
            Some(addresses) => addresses.moved_from(&self.pool.connect_options()).await,
            None => std::future::pending().await,
        }
    }

    /// Lets the pool follow the primary, where there are several servers.
    async fn follow(&self) -> Result<(), sqlx::Error> {
        match &self.addresses {
            Some(addresses) => addresses.follow(&self.pool).await,
            None => Ok(()),
        }
    }

    async fn ping(&self) -> Result<(), sqlx::Error> {
        within(ANSWER_TIMEOUT, sqlx::query("select").execute(&self.pool)).await.map(drop)
    }

    /// Whether the last write, or its probe, worked; `false` before the first.
    pub fn works(&self) -> bool {
        self.works.load(Ordering::Relaxed)
    }

    /// Makes sure that a commit would work: by the last write, or by a probe.
    pub async fn ensure_works(&self) -> Result<(), DbError> {
        if !self.works() {
            self.probe().await?;
            self.works.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Every piece of work goes through here. The server limits how long its own statements take, but a connection whose
    /// other end is gone stays quiet for hours. So the work is given up when the server does not answer a ping in time, and
    /// when it takes too long though the server answers others.
    async fn supervised<T>(
        &self,
        doing: &'static str,
        work: impl Future<Output = Result<T, DbError>>,
    ) -> Result<T, DbError> {
        self.follow_after_failure().await.map_err(DbError::ours(doing))?;
        let silence = async {
            loop {
                tokio::time::sleep(PING_INTERVAL).await;
                if let Err(error) = self.ping().await {
                    return error;
                }
            }
        };
        let outcome = tokio::select! {
            done = work => done,
            error = silence => Err(DbError::ours(doing)(error)),
            // A former primary that waits for its standby would keep us waiting.
            () = self.moved() => Err(DbError::ours(doing)(former())),
            () = tokio::time::sleep(WORK_TIMEOUT) => Err(DbError::ours(doing)(no_answer(WORK_TIMEOUT))),
        };
        // Rows that do not fit say nothing about the next commit.
        if outcome.as_ref().is_err_and(|error| error.kind != ErrorKind::Data) {
            self.works.store(false, Ordering::Relaxed);
        }
        outcome
    }

    /// The same for work that writes none of the rows' own values.
    async fn supervised_ours<T>(
        &self,
        doing: &'static str,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, DbError> {
        self.supervised(doing, async { work.await.map_err(DbError::ours(doing)) }).await
    }
}

/// Gives up on a server that does not answer.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(limit, work).await.map_err(|_| no_answer(limit))?
}

fn former() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(IoErrorKind::NotConnected, "the server is the primary no more"))
}

fn no_answer(limit: Duration) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(IoErrorKind::TimedOut, format!("no answer within {limit:?}")))
}

/// One column of a set of rows, as an array to unnest.
fn column<R, T>(rows: &[R], value: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// A list in Postgres's own notation of arrays, for lists inside an array that is unnested.
fn array_literal(numbers: impl IntoIterator<Item = impl ToString>) -> String {
    let numbers: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}
