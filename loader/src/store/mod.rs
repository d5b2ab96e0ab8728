//! Everything that speaks to Postgres.
//!
//! [`Store::commit`] is the one transaction of a batch. It locks the `data_version` rows of its catalogues first, so the
//! transactions of several loaders follow one another; the statements after that are set-wise, whatever the batch holds.

mod anime;
mod archives;
mod commit;
mod connect;
mod genres;
mod ids;
mod names;
mod observations;
mod pages;
mod partitions;
mod rehearsal;
mod runs;
mod strays;
mod version;

use std::{
    collections::BTreeSet,
    io::{self, ErrorKind},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgPool;

use crate::fault::{Class, Fault};

pub use self::{
    archives::ArchiveFile,
    commit::{Committed, Refusals, Refused},
    connect::{ConnectError, connect, migrate, open},
    ids::Ids,
    partitions::ahead,
    runs::{Run, RunState, UnreadableMessage},
    strays::{Stray, Strays},
    version::CHANNEL,
};

/// How long the server may take to answer a question of nothing.
const SOON: Duration = Duration::from_secs(10);

/// The tables, and what we know of them.
#[derive(Debug)]
pub struct Store {
    pool: PgPool,
    months: Mutex<BTreeSet<NaiveDate>>,
    /// The last commit, or its rehearsal, worked.
    works: AtomicBool,
}

impl Store {
    /// The tables behind a pool.
    pub fn new(pool: PgPool) -> Self {
        Self { pool, months: Mutex::new(BTreeSet::new()), works: AtomicBool::new(false) }
    }

    /// Asks the server whether it answers.
    pub async fn answers(&self) -> Result<(), sqlx::Error> {
        within(SOON, sqlx::query("select").execute(&self.pool)).await?.map(drop)
    }

    /// Whether the last commit, or its rehearsal, worked; `false` before the first.
    pub fn works(&self) -> bool {
        self.works.load(Ordering::Relaxed)
    }

    /// Makes sure that a commit would work: by the last one, or by a rehearsal.
    pub async fn ensure_works(&self, at: DateTime<Utc>) -> Result<(), Fault> {
        if self.works() {
            return Ok(());
        }
        self.rehearse(at).await?;
        self.works.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Notes whether a commit worked. Rows that do not fit say nothing about that.
    fn note<T>(&self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        if outcome.as_ref().is_err_and(|fault| fault.class != Class::Data) {
            self.works.store(false, Ordering::Relaxed);
        }
        outcome
    }
}

/// Gives up on a server that says nothing any more: a connection whose other end is gone may stay quiet for hours.
async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Result<T, sqlx::Error> {
    let silent =
        |_| sqlx::Error::Io(io::Error::new(ErrorKind::TimedOut, format!("no answer within {limit:?}")));
    tokio::time::timeout(limit, work).await.map_err(silent)
}

/// One column of a set of rows, as an array to unnest.
fn column<R, T>(rows: &[R], value: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// A list in Postgres's own notation of arrays, for lists inside an array that is unnested.
fn array_literal<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let quoted: Vec<String> = items
        .into_iter()
        .map(|item| format!("\"{}\"", item.as_ref().replace('\\', r"\\").replace('"', "\\\"")))
        .collect();
    format!("{{{}}}", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Part, class_of};

    #[tokio::test]
    async fn a_silent_server_is_away() {
        let error = within(Duration::from_millis(1), std::future::pending::<()>()).await.unwrap_err();
        assert_eq!(class_of(Part::Books, &error), Class::Unavailable);
        assert!(error.to_string().contains("no answer within 1ms"), "{error}");
    }

    #[test]
    fn an_array_literal_quotes_what_has_a_meaning() {
        assert_eq!(array_literal(Vec::<String>::new()), "{}");
        assert_eq!(array_literal(["a,b", r#"c"\"#, "NULL"]), r#"{"a,b","c\"\\","NULL"}"#);
    }
}
