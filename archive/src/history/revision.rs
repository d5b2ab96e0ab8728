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
use crate::import::Recording;

/// A history that is imported.
#[derive(Debug)]
pub(crate) struct History {
    /// The file's name, for messages.
    pub(crate) name: String,
    /// Its source, `csv:<name>`.
    pub(crate) source: String,
    pub(crate) catalogue: Catalogue,
}

/// What is published of an instant.
#[derive(Debug)]
pub(crate) struct Planned {
    /// Its pages; some may be there, as the import will find.
    pub(crate) pages: Vec<Recording>,
    /// Whether their run is new.
    pub(crate) is_new: bool,
    /// A revision that an import began and that these rows do not go on with: it ends as what it is.
    pub(crate) left: Option<Open>,
}

impl History {
    /// What is to be published of the rows of one instant.
    pub(crate) async fn plan(
        &self,
        at: DateTime<Utc>,
        rows: Vec<String>,
        ledger: &Ledger,
    ) -> Result<Planned> {
        let bodies = pages::bodies(&rows);
        drop(rows);
        let (mut number, mut last) = (0, None);
        loop {
            let open = ledger.open(self.run(at, number)).await.context("read what of an instant is there")?;
            if open.is_new() {
                break;
            }
            (number, last) = (number + 1, Some(open));
        }
        let goes_on = last.as_ref().is_some_and(|open| is_of(&open.state, &bodies));
        let run = self.run(at, if goes_on { number - 1 } else { number }).run;
        let left = last.filter(|open| !goes_on && !open.state.has_ended());
        let count = u32::try_from(bodies.len()).context("count pages")?;
        let page = |(page, (counts, body)): (u32, (u64, Bytes))| Recording {
            captured_at: Ok(at),
            source: Some(self.source.clone()),
            catalogue: self.catalogue,
            run: Some(run),
            dataset: Some(Dataset::History),
            page: Some(page),
            pages: Some(count),
            counts,
            ..Recording::new(format!("{} (rows of {at}, page {page} of {count})", self.name), body)
        };
        Ok(Planned { pages: (1..).zip(bodies).map(page).collect(), is_new: !goes_on, left })
    }

    /// A revision of an instant.
    fn run(&self, at: DateTime<Utc>, number: u32) -> RunMeta {
        let (source, catalogue) = (self.source.clone(), self.catalogue);
        let run = match number {
            0 => RunId::history(&source, catalogue, at),
            _ => RunId::edition(&source, catalogue, at, number),
        };
        RunMeta { run, dataset: Dataset::History, source, catalogue, captured_at: at }
    }
}

/// Whether a run is of these pages, all of them or the first.
fn is_of(state: &RunState, bodies: &[(u64, Bytes)]) -> bool {
    let digests = state.digests();
    digests.is_some_and(|digests| !digests.is_empty())
        && state.planned == u32::try_from(bodies.len()).ok()
        && digests.into_iter().flatten().all(|(page, digest)| {
            let body = usize::try_from(*page).ok().and_then(|page| bodies.get(page.checked_sub(1)?));
            body.is_some_and(|(_, body)| sha256(body).starts_with(digest))
        })
}
