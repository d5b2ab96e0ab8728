//! The second reading: pages of rows, instant by instant.

use std::sync::Arc;

use anyhow::{Result, bail};
use chrono::{DateTime, Utc};
use csv::ByteRecord;

use super::{Csv, Index, cut::Cut, file::Lines};

/// The rows of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Their instant.
    pub at: DateTime<Utc>,
    /// The page's number.
    pub number: u32,
    /// How many pages the instant has.
    pub pages: u32,
    /// The rows as JSON.
    pub rows: Vec<String>,
}

/// The pages of a history.
pub struct Sheets {
    csv: Csv,
    lines: Lines,
    index: Arc<Index>,
    now: DateTime<Utc>,
    instants: std::vec::IntoIter<DateTime<Utc>>,
    current: Option<Current>,
    broken: bool,
}

/// The instant whose pages are being made.
struct Current {
    at: DateTime<Utc>,
    /// Which of its spans comes next.
    span: usize,
    /// Lines of the span in hand that are not read yet.
    left: u64,
    cut: Cut,
    /// The row that begins the next page.
    next: Option<String>,
}

impl Sheets {
    /// The pages of what the index found in a file.
    pub fn of(csv: Csv, index: Arc<Index>, now: DateTime<Utc>) -> Result<Self> {
        let instants: Vec<_> = index.instants.keys().copied().collect();
        let (lines, instants) = (csv.lines()?, instants.into_iter());
        Ok(Self { csv, lines, index, now, instants, current: None, broken: false })
    }

    /// The next row of the current instant, `None` at its end.
    fn row(&mut self, current: &mut Current) -> Result<Option<String>> {
        if current.left == 0 {
            let instant = &self.index.instants[&current.at];
            let Some(span) = instant.spans.get(current.span) else { return Ok(None) };
            self.lines.go_to(span.first.clone())?;
            (current.span, current.left) = (current.span + 1, span.lines);
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

    fn sheet(&mut self) -> Result<Option<Sheet>> {
        loop {
            let (mut current, number) = match self.current.take() {
                Some(current) => {
                    let number = current.cut.pages();
                    (current, number)
                }
                None => {
                    let Some(at) = self.instants.next() else { return Ok(None) };
                    (Current { at, span: 0, left: 0, cut: Cut::default(), next: None }, 1)
                }
            };
            let rows = self.rows(&mut current)?;
            if !rows.is_empty() {
                let (at, pages) = (current.at, self.index.instants[&current.at].cut.pages());
                self.current = current.next.is_some().then_some(current);
                return Ok(Some(Sheet { at, number, pages, rows }));
            }
        }
    }
}

impl Iterator for Sheets {
    type Item = Result<Sheet>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken {
            return None;
        }
        let sheet = self.sheet();
        self.broken = sheet.is_err();
        sheet.transpose()
    }
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
