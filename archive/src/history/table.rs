//! What became of every line of a file: a table that adds up.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::Csv;
use crate::import::{
    self,
    table::{group, line},
};

/// Counts of lines by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Lines of the file, but for its header.
    pub rows: u64,
    /// Rows published; the validator says which are good.
    pub published: u64,
    /// Rows that were there already.
    pub absorbed: u64,
    /// Rows too large for any stream, by reason; RUN tells of them.
    pub refused: BTreeMap<String, u64>,
    /// Rows that are no observations, by what is missing.
    pub not_taken: BTreeMap<String, u64>,
    /// Rows that could not be stored.
    pub failed: u64,
    /// Instants, each of which is a run.
    pub instants: u64,
    /// The file that has the lines which are no rows, if there are any.
    pub refused_lines: Option<String>,
}

impl Table {
    /// The table of a file after its pages were published. Of an import that was stopped only what was read counts.
    pub fn of(csv: &Csv, instants: u64, pages: &import::Table, stopped: bool) -> Self {
        let sum = |group: &BTreeMap<String, u64>| group.values().sum::<u64>();
        let mut not_taken: BTreeMap<String, u64> = BTreeMap::new();
        for refused in &csv.refused {
            *not_taken.entry(refused.why.name().to_owned()).or_default() += 1;
        }
        if csv.silent > 0 {
            not_taken.insert("no number".to_owned(), csv.silent);
        }
        let lines_left = sum(&not_taken);
        for (name, count) in &pages.not_taken {
            *not_taken.entry(name.clone()).or_default() += count;
        }
        let taken = if stopped { pages.captures } else { csv.taken };
        Self {
            rows: taken + lines_left,
            published: sum(&pages.published),
            absorbed: pages.absorbed,
            refused: pages.refused.clone(),
            not_taken,
            failed: taken.saturating_sub(pages.sum() - pages.failed),
            instants,
            refused_lines: None,
        }
    }

    /// Everything that is accounted for; equal to `rows` when the table adds up.
    pub fn sum(&self) -> u64 {
        let groups = [&self.refused, &self.not_taken];
        let groups: u64 = groups.into_iter().flat_map(BTreeMap::values).sum();
        groups + self.published + self.absorbed + self.failed
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(out, "rows published", self.published)?;
        line(out, "already there", self.absorbed)?;
        group(out, "too large", &self.refused)?;
        group(out, "not taken", &self.not_taken)?;
        line(out, "failed", self.failed)?;
        writeln!(out, "{}", "-".repeat(44))?;
        line(out, "rows", self.rows)?;
        line(out, "instants", self.instants)?;
        if self.published > 0 {
            writeln!(
                out,
                "the schemas judge each row now: what does not pass is in DLQ (bin/nats stream view DLQ)"
            )?;
        }
        self.refused_lines.iter().try_for_each(|file| writeln!(out, "refused lines are in {file}"))
    }
}

#[cfg(test)]
mod tests {
    use kansoku_schemas::{Dataset, Reason};

    use super::*;
    use crate::history::{file::Refused, row::NoRow};

    #[test]
    fn the_table_adds_up_whatever_went_wrong() {
        let refused = Refused { line: 1, why: NoRow::SeveralLines, text: Vec::new() };
        let csv = Csv { taken: 10, silent: 3, refused: vec![refused; 2], ..Csv::default() };
        let mut pages = import::Table { captures: 7, absorbed: 1, failed: 1, ..import::Table::default() };
        pages.published(&Dataset::History, 4);
        pages.refused(Reason::TooLarge, 1);
        let whole = Table::of(&csv, 2, &pages, false);
        assert_eq!((whole.rows, whole.sum(), whole.failed), (15, 15, 4));
        let stopped = Table::of(&csv, 2, &pages, true);
        assert_eq!((stopped.rows, stopped.sum(), stopped.failed), (12, 12, 1));
        let text = whole.to_string();
        assert!(
            text.contains(
                "not taken                                  5\n  no number                          3\n  one row over several lines         2\n"
            ),
            "{text}"
        );
    }
}
