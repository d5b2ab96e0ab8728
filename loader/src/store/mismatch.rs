//! Pages that are not what they say: of another run than the one they name, or a part of a page under the whole's number.
//!
//! All pages of a run share catalogue, source, dataset and instant. What a run is, is told by its newest event; before
//! any, by the page that was stored first. Its instant is told by its pages too: an event may be older than they are, for
//! a run that was released without a page begins anew as of then.
//!
//! A message with fewer rows than a page that is stored under its run and number, and stands before it in RAW, is most
//! likely a row that somebody publishes again by hand without saying which row it is; its rows would take the places of
//! others in the ranking. One that stands before the larger page in RAW and only comes after it is a page like any other.

use std::collections::BTreeMap;

use kansoku_schemas::{Page, RunId};

use super::known::{Known, KnownRun};
use crate::winner::Origin;

/// Mismatches by their page's number in the batch.
pub type Mismatches = BTreeMap<usize, Mismatch>;

/// Why a page is not what it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// It is of another run.
    #[error(
        "the {what} is {found:?}, and {of:?} in run {run}: all pages of a run share catalogue, source, dataset and instant"
    )]
    Run {
        /// What differs.
        what: &'static str,
        /// As the page has it.
        found: String,
        /// As the run has it.
        of: String,
        /// The run it names.
        run: RunId,
    },
    /// It has fewer rows than the page that is stored.
    #[error(
        "it has {found} rows, and page {page} of run {run} is stored with {stored}: it would take the places of other rows. \
         To replay a row, send the headers Dlq-Root, Kansoku-Row and Kansoku-Position of its dead letter"
    )]
    Rows {
        /// The run.
        run: RunId,
        /// The number of the page.
        page: u32,
        /// Rows of this message.
        found: u32,
        /// Rows of the page that is stored.
        stored: i32,
    },
}

/// A page of which a part was stored before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// The run.
    pub run: RunId,
    /// The number of the page.
    pub page: u32,
    /// Its rows.
    pub rows: u32,
    /// The most rows that were stored before.
    pub before: i32,
}

impl Mismatch {
    /// Where in the contract the difference lies, as a JSON pointer.
    pub fn pointer(&self) -> String {
        match self {
            Self::Run { what, .. } => format!("/{what}"),
            Self::Rows { .. } => "/data".to_owned(),
        }
    }
}

pub(super) fn identity(page: &Page) -> [String; 3] {
    [page.meta.catalogue.to_string(), page.meta.source.clone(), page.meta.dataset.to_string()]
}

/// The page is of the run, or how it differs.
fn compare(known: &KnownRun, page: &Page) -> Result<(), Mismatch> {
    let differs = |what, found: &str, of: &str| {
        Err(Mismatch::Run { what, found: found.to_owned(), of: of.to_owned(), run: page.meta.run })
    };
    let fields = ["catalogue", "source", "dataset"].into_iter().zip(identity(page)).zip(&known.identity);
    for ((what, found), of) in fields {
        if found != *of {
            return differs(what, &found, of);
        }
    }
    match known.of_pages {
        Some(at) if ![at, known.captured_at].contains(&page.meta.captured_at) => {
            differs("captured_at", &page.meta.captured_at.to_rfc3339(), &at.to_rfc3339())
        }
        _ => Ok(()),
    }
}

/// The mismatches of a batch, in the order of RAW: of a run that nothing is known of, its first page there tells what it
/// is. A page that is stored already is none, whatever was told of its run since.
pub(super) fn find(batch: &[Page], known: &mut Known) -> (Mismatches, Vec<Completed>) {
    let mut in_raw: Vec<(usize, &Page)> = batch.iter().enumerate().collect();
    in_raw.sort_by_key(|(_, page)| Origin::of(page));
    let (mut found, mut completed) = (Mismatches::new(), Vec::new());
    for (at, page) in in_raw {
        let run = known.runs.entry(page.meta.run.0).or_insert_with(|| KnownRun {
            ids: None,
            identity: identity(page),
            captured_at: page.meta.captured_at,
            of_pages: None,
        });
        let stored = known.messages.contains_key(&Origin::of(page).raw());
        if let Err(mismatch) = compare(run, page)
            && !stored
        {
            found.insert(at, mismatch);
            continue;
        }
        run.of_pages.get_or_insert(page.meta.captured_at);
        if page.replayed_row().is_some() {
            continue;
        }
        let (run, number, received) = (page.meta.run, page.meta.page, page.body.counts.received);
        let (raw, rows) = (Origin::of(page).raw(), received.cast_signed());
        let others = known.rows.entry((run.0, number.cast_signed())).or_default();
        let before = others.iter().filter(|(other, _)| *other < raw).map(|(_, rows)| *rows).max();
        if let Some(stored) = before.filter(|before| rows < *before && !stored) {
            found.insert(at, Mismatch::Rows { run, page: number, found: received, stored });
            continue;
        }
        let most = others.iter().map(|(_, rows)| *rows).max();
        if let Some(before) = most.filter(|most| rows > *most && !stored) {
            completed.push(Completed { run, page: number, rows: received, before });
        }
        others.push((raw, rows));
    }
    (found, completed)
}
