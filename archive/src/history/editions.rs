//! What is published of a history, when some of it is there already.
//!
//! The rows of an instant are a run, named by the instant and not by what it holds. When a file has other rows there than
//! before, the run stays as it is, and rows that were added or changed are a run of their own: the next edition of the
//! instant. Later pages count, so that what was mended takes the place of what it mends.

use anyhow::{Context, Result};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_runs::{Open, RunMeta, RunState, publish::sha256};
use kansoku_schemas::{Catalogue, Dataset, RunId};

use super::{
    cut::Cut,
    known::{Known, rows_of},
    pages::Sheet,
};
use crate::import::{Recorded, work::Importer};

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
#[derive(Debug, Default)]
pub struct Planned {
    /// Pages; some of them may be there, as the import will find.
    pub pages: Vec<Recorded>,
    /// Rows that are on none of them, because they are there.
    pub absorbed: u64,
    /// Runs among them of which nobody has told yet.
    pub new_runs: u64,
    /// Runs that an import began and that these rows do not go on with: they end as what they are.
    pub left: Vec<Open>,
}

impl History {
    /// A page of the first edition.
    pub fn page(&self, sheet: &Sheet) -> Recorded {
        let run = RunId::history(&self.source, self.catalogue, sheet.at);
        let counts = sheet.rows.len() as u64;
        self.recorded(run, sheet, counts)
    }

    fn recorded(&self, run: RunId, sheet: &Sheet, counts: u64) -> Recorded {
        let Sheet { at, number, pages, rows } = sheet;
        Recorded {
            name: format!("{} (rows of {at}, page {number} of {pages})", self.name),
            url: None,
            status: 200,
            captured_at: Some(at.to_rfc3339()),
            source: Some(self.source.clone()),
            catalogue: self.catalogue,
            run: Some(run),
            dataset: Some(Dataset::History),
            page: Some(*number),
            pages: Some(*pages),
            exported: None,
            refusal: None,
            counts,
            body: body(rows),
        }
    }

    /// The pages of an edition: of these rows, of which some count in the closing table.
    fn edition(&self, at: DateTime<Utc>, number: u32, rows: &[(&str, bool)]) -> Vec<Recorded> {
        let run = RunId::edition(&self.source, self.catalogue, at, number);
        let mut cut = Cut::default();
        let mut sheets: Vec<(Vec<String>, u64)> = Vec::new();
        for (row, counts) in rows {
            if cut.add(row.len()) {
                sheets.push((Vec::new(), 0));
            }
            if let Some((rows, counted)) = sheets.last_mut() {
                rows.push((*row).to_owned());
                *counted += u64::from(*counts);
            }
        }
        let numbered = (1..).zip(sheets);
        let page = |(number, (rows, counts))| {
            self.recorded(run, &Sheet { at, number, pages: cut.pages(), rows }, counts)
        };
        numbered.map(page).collect()
    }

    /// What is to be published of the pages of one instant.
    pub async fn plan(&self, sheets: &[Sheet], importer: &Importer) -> Result<Planned> {
        let Some(at) = sheets.first().map(|sheet| sheet.at) else { return Ok(Planned::default()) };
        let first = self.open(RunId::history(&self.source, self.catalogue, at), at, importer).await?;
        let editions = if first.is_new() { Vec::new() } else { self.editions(at, importer).await? };
        let pages: Vec<Recorded> = sheets.iter().map(|sheet| self.page(sheet)).collect();
        let differs = |page: &Recorded| first.state.differs(page.page.unwrap_or(1), || sha256(&page.body));
        // Begun by an import that did not tell what it would publish: what RAW has of it is not known.
        let is_unknown = !first.is_new() && !first.state.has_ended() && first.state.bodies().next().is_none();
        if editions.is_empty() && !is_unknown && !pages.iter().any(differs) {
            return Ok(Planned { pages, new_runs: first.is_new().into(), ..Planned::default() });
        }
        let mut known = Known::default();
        self.know(&mut known, 0, &first.state, &pages, importer).await?;
        // A run that was interrupted gets the pages that it misses, as it would have got them.
        let goes_on = |(sheet, page): &(&Sheet, &Recorded)| {
            !is_unknown && !first.state.has_ended() && !first.state.has(sheet.number) && !differs(page)
        };
        let mut rows: Vec<(&str, bool)> = Vec::new();
        let mut first_pages = Vec::new();
        for of in sheets.iter().zip(&pages) {
            let (sheet, goes_on) = (of.0, goes_on(&of));
            if goes_on {
                known.page(0, sheet.number, sheet.rows.iter().cloned());
                first_pages.push(of.1.clone());
            }
            rows.extend(sheet.rows.iter().map(|row| (row.as_str(), !goes_on)));
        }
        let missing = |known: &Known| -> Vec<(&str, bool)> {
            let missing = known.missing(&rows.iter().map(|(row, _)| *row).collect::<Vec<_>>());
            rows.iter().zip(missing).filter(|(_, missing)| *missing).map(|(row, _)| *row).collect()
        };
        let (mut number, mut edition) = (1, None);
        let last = editions.len();
        let mut left: Vec<Open> = Vec::new();
        if first_pages.is_empty() {
            left.push(first);
        }
        for (place, open) in (1..).zip(editions) {
            if place == last {
                // The last may be of these very rows: whole, or interrupted.
                let pages = self.edition(at, number, &missing(&known));
                edition = Some(pages).filter(|pages| begins(&open.state, pages));
            }
            if edition.is_none() {
                self.know(&mut known, number, &open.state, &[], importer).await?;
                number += 1;
                left.push(open);
            }
        }
        left.retain(|open| !open.is_new() && !open.state.has_ended());
        let edition = edition.unwrap_or_else(|| self.edition(at, number, &missing(&known)));
        let counted = rows.iter().filter(|(_, counts)| *counts).count() as u64;
        let new_runs = u64::from(!edition.is_empty() && number as usize > last);
        let absorbed = counted - edition.iter().map(|page| page.counts).sum::<u64>();
        first_pages.extend(edition);
        Ok(Planned { pages: first_pages, absorbed, new_runs, left })
    }

    /// What is told of the editions after the first.
    async fn editions(&self, at: DateTime<Utc>, importer: &Importer) -> Result<Vec<Open>> {
        let mut editions = Vec::new();
        for number in 1.. {
            let run = RunId::edition(&self.source, self.catalogue, at, number);
            let open = self.open(run, at, importer).await?;
            if open.is_new() {
                break;
            }
            editions.push(open);
        }
        Ok(editions)
    }

    async fn open(&self, run: RunId, at: DateTime<Utc>, importer: &Importer) -> Result<Open> {
        let (source, catalogue) = (self.source.clone(), self.catalogue);
        let meta = RunMeta { run, dataset: Dataset::History, source, catalogue, captured_at: at };
        importer.ledger.open(meta).await.context("ask what of an instant is there")
    }

    /// Reads the pages that a state tells of: from the file where it has the same, else from RAW. What RAW has dropped, or
    /// was only meant to be published, is not known, and comes once more.
    async fn know(
        &self,
        known: &mut Known,
        edition: u32,
        state: &RunState,
        own: &[Recorded],
        importer: &Importer,
    ) -> Result<()> {
        for (page, digest, seq) in state.bodies().filter(|(page, ..)| state.has(*page)) {
            let is_it = |body: &Bytes| sha256(body).starts_with(digest);
            let own = own.iter().find(|own| own.page == Some(page)).map(|own| own.body.clone());
            let body = match (own.filter(is_it), seq) {
                (Some(own), _) => Some(own),
                (None, Some(seq)) => importer.publisher.kept(seq).await.context("read a page of RAW")?,
                (None, None) => None,
            };
            known.page(edition, page, body.filter(is_it).map(|body| rows_of(&body)).unwrap_or_default());
        }
        Ok(())
    }
}

/// Whether what is told of an edition is on these pages, all of it.
fn begins(state: &RunState, pages: &[Recorded]) -> bool {
    let is_unknown = state.bodies().next().is_none();
    let page = |number| pages.iter().find(|page| page.page == Some(number));
    !is_unknown
        && state.bodies().all(|(number, digest, _)| {
            page(number).is_some_and(|page| sha256(&page.body).starts_with(digest))
        })
}

fn body(rows: &[String]) -> Bytes {
    let limit = Dataset::History.full_page();
    let rows = rows.join(",\n");
    Bytes::from(format!("{{\"pagination\":{{\"items\":{{\"per_page\":{limit}}}}},\"data\":[\n{rows}\n]}}"))
}
