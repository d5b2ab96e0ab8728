//! Pages that are not of the run they name: all pages of a run share catalogue, source, dataset and instant.
//!
//! What a run is, is told by its newest event; before any, by the page that was stored first. Its instant is told by
//! its pages too: an event may be older than they are, for a run that was let go of without a page begins anew as of then.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{column, pages};
use crate::{
    fault::{Fault, Part},
    page::Page,
};

/// Strays by their number in the batch.
pub type Strays = BTreeMap<usize, Stray>;

/// Why a page is none of the run it names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the {what} is {found:?}, and {of:?} in run {run}: all pages of a run share catalogue, source, dataset and instant"
)]
pub struct Stray {
    what: &'static str,
    found: String,
    of: String,
    run: Uuid,
}

impl Stray {
    /// Where in the contract the difference lies, as a JSON pointer.
    pub fn pointer(&self) -> String {
        format!("/{}", self.what)
    }
}

/// What is known of a run.
#[derive(Debug, Clone)]
struct Known {
    /// Its catalogue, source and dataset.
    is: [String; 3],
    /// What its event says, or its first page.
    captured_at: DateTime<Utc>,
    /// The instant of a page that is stored.
    of_pages: Option<DateTime<Utc>>,
}

fn is(page: &Page) -> [String; 3] {
    [page.catalogue.to_string(), page.source.clone(), page.dataset.to_string()]
}

impl Known {
    /// The page is of the run, or how it differs.
    fn compare(&self, page: &Page) -> Result<(), Stray> {
        let differs = |what, found: &str, of: &str| {
            Err(Stray { what, found: found.to_owned(), of: of.to_owned(), run: page.run })
        };
        for ((what, found), of) in ["catalogue", "source", "dataset"].into_iter().zip(is(page)).zip(&self.is)
        {
            if found != *of {
                return differs(what, &found, of);
            }
        }
        match self.of_pages {
            Some(at) if ![at, self.captured_at].contains(&page.captured_at) => {
                differs("captured_at", &page.captured_at.to_rfc3339(), &at.to_rfc3339())
            }
            _ => Ok(()),
        }
    }
}

/// The strays among the pages. Of a run that nothing is known of, the first page in RAW tells what it is.
fn strays(pages: &[Page], mut runs: HashMap<Uuid, Known>) -> Strays {
    let mut in_raw: Vec<(usize, &Page)> = pages.iter().enumerate().collect();
    in_raw.sort_by_key(|(_, page)| page.origin);
    let mut found = Strays::new();
    for (number, page) in in_raw {
        let begun = || Known { is: is(page), captured_at: page.captured_at, of_pages: None };
        let run = runs.entry(page.run).or_insert_with(begun);
        match run.compare(page) {
            Ok(()) => {
                run.of_pages.get_or_insert(page.captured_at);
            }
            Err(stray) => {
                found.insert(number, stray);
            }
        }
    }
    found
}

/// Finds the strays of a batch. A page that is stored already is none, whatever was told of its run since.
pub(super) async fn find(session: &mut PgConnection, batch: &[Page]) -> Result<Strays, Fault> {
    type Row = (Uuid, String, String, String, DateTime<Utc>, Option<DateTime<Utc>>);
    let runs: HashSet<Uuid> = batch.iter().map(|page| page.run).collect();
    let rows: Vec<Row> = sqlx::query_as(
        "select r.run, r.catalogue, s.name, r.dataset, r.captured_at, p.captured_at
         from run r
         join source s using (source_id)
         left join lateral (select captured_at from page where run_id = r.run_id order by page limit 1) p on true
         where r.run = any($1)",
    )
    .bind(Vec::from_iter(runs))
    .fetch_all(&mut *session)
    .await
    .map_err(|error| Fault::new(Part::Books, "look up what the runs are", error))?;
    let known = rows.into_iter().map(|(run, catalogue, source, dataset, captured_at, of_pages)| {
        (run, Known { is: [catalogue, source, dataset], captured_at, of_pages })
    });
    let mut found = strays(batch, known.collect());
    if !found.is_empty() {
        let numbers: Vec<usize> = found.keys().copied().collect();
        let stored = pages::known(session, &column(&numbers, |number| &batch[*number])).await?;
        found.retain(|number, _| {
            let origin = batch[*number].origin;
            !stored.contains_key(&(origin.epoch, origin.seq))
        });
    }
    Ok(found)
}
