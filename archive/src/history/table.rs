//! What became of every line of a file: a table that adds up.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::{Index, row::NoRow};
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
    /// Rows that could not be read again or stored.
    pub failed: u64,
    /// Instants, each of which is a run.
    pub instants: u64,
    /// The file that has the lines which are no rows, if there are any.
    pub refused_lines: Option<String>,
}

/// What the first reading of a file found, beside the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Lines with an instant and a number.
    pub taken: u64,
    left: u64,
    not_taken: BTreeMap<String, u64>,
    instants: u64,
}

impl Found {
    /// Counts what an index found.
    pub fn of(index: &Index) -> Self {
        let left = index.left.iter().map(|(why, count): (&NoRow, &u64)| (why.name().to_owned(), *count));
        let silent = (index.silent > 0).then(|| ("no number".to_owned(), index.silent));
        Self {
            taken: index.taken,
            left: index.left.values().sum(),
            not_taken: left.chain(silent).collect(),
            instants: index.instants.len() as u64,
        }
    }

    /// How many lines are no rows.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// The table after the pages were published. Of an import that was stopped only what was read counts.
    pub fn with(self, pages: &import::Table, stopped: bool) -> Table {
        let sum = |group: &BTreeMap<String, u64>| group.values().sum::<u64>();
        let mut not_taken = self.not_taken;
        for (name, count) in &pages.not_taken {
            *not_taken.entry(name.clone()).or_default() += count;
        }
        let settled = pages.sum() - pages.failed;
        let taken = if stopped { pages.captures } else { self.taken };
        Table {
            rows: taken + sum(&not_taken) - sum(&pages.not_taken),
            published: sum(&pages.published),
            absorbed: pages.absorbed,
            refused: pages.refused.clone(),
            not_taken,
            failed: taken.saturating_sub(settled),
            instants: self.instants,
            refused_lines: None,
        }
    }
}

impl Table {
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

    #[test]
    fn the_table_adds_up_whatever_went_wrong() {
        let mut index = Index { taken: 10, silent: 3, ..Index::default() };
        index.left.insert(NoRow::SeveralLines, 2);
        let mut pages = import::Table { captures: 7, absorbed: 1, failed: 1, ..import::Table::default() };
        pages.published(&Dataset::History, 4);
        pages.refused(Reason::TooLarge, 1);
        let whole = Found::of(&index).with(&pages, false);
        assert_eq!(
            (whole.rows, whole.sum(), whole.failed),
            (15, 15, 4),
            "what could not be read again failed"
        );
        let stopped = Found::of(&index).with(&pages, true);
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
