//! The second reading: pages, instant by instant.

use std::collections::btree_map;

use anyhow::{Result, bail};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use csv::ByteRecord;
use kansoku_schemas::{Catalogue, Dataset, RunId};

use super::{
    Csv, Index,
    cut::Cut,
    file::Lines,
    index::{Instant, Span},
};
use crate::import::Recorded;

/// The pages of a history.
pub struct Pages {
    csv: Csv,
    lines: Lines,
    source: String,
    catalogue: Catalogue,
    now: DateTime<Utc>,
    instants: btree_map::IntoIter<DateTime<Utc>, Instant>,
    current: Option<Current>,
    broken: bool,
}

/// The instant whose pages are being made.
struct Current {
    at: DateTime<Utc>,
    pages: u32,
    spans: std::vec::IntoIter<Span>,
    /// Lines of the span in hand that are not read yet.
    left: u64,
    cut: Cut,
    /// The row that begins the next page.
    next: Option<String>,
}

impl Pages {
    /// The pages of what the index found in a file.
    pub fn of(
        csv: Csv,
        index: Index,
        source: String,
        catalogue: Catalogue,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let (lines, instants) = (csv.lines()?, index.instants.into_iter());
        Ok(Self { csv, lines, source, catalogue, now, instants, current: None, broken: false })
    }

    /// The next row of the current instant, `None` at its end.
    fn row(&mut self, current: &mut Current) -> Result<Option<String>> {
        if current.left == 0 {
            let Some(span) = current.spans.next() else { return Ok(None) };
            self.lines.go_to(span.first)?;
            current.left = span.lines;
        }
        let mut line = ByteRecord::new();
        current.left -= 1;
        let read = self.lines.read(&mut line)?;
        if !read || self.csv.layout.instant(&line, self.now) != Ok(current.at) {
            bail!("{} was changed while it was read", self.csv.name());
        }
        Ok(Some(self.csv.layout.row(&line, current.at).json))
    }

    /// The rows of the next page of the current instant; none at its end.
    fn rows(&mut self, current: &mut Current) -> Result<Vec<String>> {
        let mut rows: Vec<String> = current.next.take().into_iter().collect();
        while let Some(row) = self.row(current)? {
            if current.cut.add(row.len()) && !rows.is_empty() {
                current.next = Some(row);
                break;
            }
            rows.push(row);
        }
        Ok(rows)
    }

    fn page(&mut self) -> Result<Option<Recorded>> {
        loop {
            let (mut current, number) = match self.current.take() {
                Some(current) => {
                    let number = current.cut.pages();
                    (current, number)
                }
                None => {
                    let Some((at, instant)) = self.instants.next() else { return Ok(None) };
                    let spans = instant.spans.into_iter();
                    let cut = Cut::default();
                    (Current { at, pages: instant.cut.pages(), spans, left: 0, cut, next: None }, 1)
                }
            };
            let rows = self.rows(&mut current)?;
            if !rows.is_empty() {
                let page = self.recorded(&current, number, &rows);
                self.current = current.next.is_some().then_some(current);
                return Ok(Some(page));
            }
        }
    }

    fn recorded(&self, current: &Current, number: u32, rows: &[String]) -> Recorded {
        let Current { at, pages, .. } = current;
        let limit = Dataset::History.full_page();
        let body = format!(
            "{{\"pagination\":{{\"items\":{{\"per_page\":{limit}}}}},\"data\":[\n{}\n]}}",
            rows.join(",\n")
        );
        Recorded {
            name: format!("{} (rows of {at}, page {number} of {pages})", self.csv.name()),
            url: None,
            status: 200,
            captured_at: Some(at.to_rfc3339()),
            source: Some(self.source.clone()),
            catalogue: self.catalogue,
            run: Some(RunId::history(&self.source, self.catalogue, *at)),
            dataset: Some(Dataset::History),
            page: Some(number),
            pages: Some(*pages),
            exported: None,
            counts: rows.len() as u64,
            body: Bytes::from(body),
        }
    }
}

impl Iterator for Pages {
    type Item = Result<Recorded>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken {
            return None;
        }
        let page = self.page();
        self.broken = page.is_err();
        page.transpose()
    }
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
