//! Pages that are not what they say: of another run than the one they name, or a part of a page under the whole's number.
//!
//! All pages of a run share catalogue, source, dataset and instant. What a run is, is told by its newest event; before
//! any, by the page that was stored first. Its instant is told by its pages too: an event may be older than they are, for
//! a run that was released without a page begins anew as of then.
//!
//! A message with fewer rows than the page that is stored under its run and number is most likely a row that somebody
//! publishes again by hand without saying which row it is; its rows would take the places of others in the ranking.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::known::{Known, KnownRun};
use crate::page::Page;

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
        run: Uuid,
    },
    /// It has fewer rows than the page that is stored.
    #[error(
        "it has {found} rows, and page {page} of run {run} is stored with {stored}: it would take the places of other rows. \
         To replay a row, send the headers Dlq-Root, Kansoku-Row and Kansoku-Position of its dead letter"
    )]
    Rows {
        /// The run.
        run: Uuid,
        /// The number of the page.
        page: i32,
        /// Rows of this message.
        found: i32,
        /// Rows of the page that is stored.
        stored: i32,
    },
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
    [page.catalogue.to_string(), page.source.clone(), page.dataset.to_string()]
}

/// The page is of the run, or how it differs.
fn compare(known: &KnownRun, page: &Page) -> Result<(), Mismatch> {
    let differs = |what, found: &str, of: &str| {
        Err(Mismatch::Run { what, found: found.to_owned(), of: of.to_owned(), run: page.run })
    };
    let fields = ["catalogue", "source", "dataset"].into_iter().zip(identity(page)).zip(&known.identity);
    for ((what, found), of) in fields {
        if found != *of {
            return differs(what, &found, of);
        }
    }
    match known.of_pages {
        Some(at) if ![at, known.captured_at].contains(&page.captured_at) => {
            differs("captured_at", &page.captured_at.to_rfc3339(), &at.to_rfc3339())
        }
        _ => Ok(()),
    }
}

/// The mismatches of a batch, in the order of RAW: of a run that nothing is known of, its first page there tells what it
/// is. A page that is stored already is none, whatever was told of its run since.
pub(super) fn find(batch: &[Page], known: &mut Known) -> Mismatches {
    let mut in_raw: Vec<(usize, &Page)> = batch.iter().enumerate().collect();
    in_raw.sort_by_key(|(_, page)| page.origin);
    let mut found = Mismatches::new();
    for (number, page) in in_raw {
        let run = known.runs.entry(page.run).or_insert_with(|| KnownRun {
            ids: None,
            identity: identity(page),
            captured_at: page.captured_at,
            of_pages: None,
        });
        let stored = known.messages.contains_key(&(page.origin.epoch, page.origin.seq));
        if let Err(mismatch) = compare(run, page)
            && !stored
        {
            found.insert(number, mismatch);
            continue;
        }
        run.of_pages.get_or_insert(page.captured_at);
        if page.replay_row.is_some() {
            continue;
        }
        let most = known.rows.entry((page.run, page.number)).or_default();
        if page.received < *most && !stored {
            let (run, found_rows, stored) = (page.run, page.received, *most);
            found.insert(number, Mismatch::Rows { run, page: page.number, found: found_rows, stored });
        } else {
            *most = page.received.max(*most);
        }
    }
    found
}
