//! What is published of an instant of a history, when some of it is there already.
//!
//! The rows of an instant are a run, named by the instant and not by what it holds. When a file has other rows there than the
//! last revision of the instant, all its rows are the next revision: later pages count, so that what was mended takes the
//! place of what it mends, and what is gone from the file stays.

use anyhow::{Context, Result};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_runs::{Ledger, Open, RunMeta, RunState, publish::sha256};
use kansoku_schemas::{Catalogue, Dataset, RunId};

use super::pages;
use crate::import::Recorded;

/// A history that is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The file's name, for messages.
    pub name: String,
    /// Its source, `csv:<name>`.
    pub source: String,
    /// Which family of titles.
    pub catalogue: Catalogue,
}

/// What is published of an instant.
#[derive(Debug)]
pub struct Planned {
    /// Its pages; some may be there, as the import will find.
    pub pages: Vec<Recorded>,
    /// Whether their run is new.
    pub is_new: bool,
    /// A revision that an import began and that these rows do not go on with: it ends as what it is.
    pub left: Option<Open>,
}

impl History {
    /// What is to be published of the rows of one instant.
    pub async fn plan(&self, at: DateTime<Utc>, rows: &[String], ledger: &Ledger) -> Result<Planned> {
        let bodies = pages::bodies(rows);
        let (mut number, mut last) = (0, None);
        loop {
            let open = self.open(at, number, ledger).await?;
            if open.is_new() {
                break;
            }
            (number, last) = (number + 1, Some(open));
        }
        let goes_on = last.as_ref().is_some_and(|open| is_of(&open.state, &bodies));
        let number = if goes_on { number - 1 } else { number };
        let left = last.filter(|open| !goes_on && !open.state.has_ended());
        let count = u32::try_from(bodies.len()).context("count pages")?;
        let page = |(page, (counts, body)): (u32, (u64, Bytes))| Recorded {
            captured_at: Some(at.to_rfc3339()),
            source: Some(self.source.clone()),
            catalogue: self.catalogue,
            run: Some(self.run(at, number)),
            dataset: Some(Dataset::History),
            page: Some(page),
            pages: Some(count),
            counts,
            ..Recorded::new(format!("{} (rows of {at}, page {page} of {count})", self.name), body)
        };
        Ok(Planned { pages: (1..).zip(bodies).map(page).collect(), is_new: !goes_on, left })
    }

    fn run(&self, at: DateTime<Utc>, number: u32) -> RunId {
        match number {
            0 => RunId::history(&self.source, self.catalogue, at),
            _ => RunId::edition(&self.source, self.catalogue, at, number),
        }
    }

    async fn open(&self, at: DateTime<Utc>, number: u32, ledger: &Ledger) -> Result<Open> {
        let (source, catalogue, run) = (self.source.clone(), self.catalogue, self.run(at, number));
        let meta = RunMeta { run, dataset: Dataset::History, source, catalogue, captured_at: at };
        ledger.open(meta).await.context("ask what of an instant is there")
    }
}

/// Whether a run is of these pages, all of them or the first.
fn is_of(state: &RunState, bodies: &[(u64, Bytes)]) -> bool {
    let mut recorded = state.bodies().peekable();
    let count = u32::try_from(bodies.len()).ok();
    recorded.peek().is_some()
        && state.planned == count
        && recorded.all(|(page, digest, _)| {
            let body = usize::try_from(page).ok().and_then(|page| bodies.get(page.checked_sub(1)?));
            body.is_some_and(|(_, body)| sha256(body).starts_with(digest))
        })
}
