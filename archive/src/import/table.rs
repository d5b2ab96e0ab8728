//! What became of every recording: a table that adds up.

use std::{collections::BTreeMap, fmt};

use kansoku_schemas::{Dataset, Reason};
use serde::Serialize;

/// So many captures are named in JSON.
const MAX_NAMED: usize = 1_000;

/// Counts by what became of the captures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Captures read.
    pub captures: u64,
    /// Pages published, by dataset.
    pub published: BTreeMap<String, u64>,
    /// Captures that were there already.
    pub absorbed: u64,
    /// Bodies that are no pages and went to DLQ, by reason.
    pub dead: BTreeMap<String, u64>,
    /// Bodies too large for any stream, by reason; RUN tells of them.
    pub refused: BTreeMap<String, u64>,
    /// Captures that Kansoku does not keep, by name.
    pub not_taken: BTreeMap<String, u64>,
    /// Captures that could not be read or stored.
    pub failed: u64,
    /// The first of the captures that were left out for what is wrong with them, each with its name and the reason.
    pub left_out: Vec<String>,
    /// Ends of runs read.
    #[serde(skip)]
    pub ends: u64,
    /// Runs of which an export told more than their pages do.
    pub runs: u64,
}

impl Table {
    /// A page that counts as `counts` was published.
    pub fn published(&mut self, dataset: &Dataset, counts: u64) {
        *self.published.entry(dataset.to_string()).or_default() += counts;
    }

    /// A body went to DLQ.
    pub fn dead(&mut self, reason: Reason, counts: u64) {
        *self.dead.entry(reason.to_string()).or_default() += counts;
    }

    /// A body was refused.
    pub fn refused(&mut self, reason: Reason, counts: u64) {
        *self.refused.entry(reason.to_string()).or_default() += counts;
    }

    /// A capture was left.
    pub fn not_taken(&mut self, name: &str, counts: u64) {
        *self.not_taken.entry(name.to_owned()).or_default() += counts;
    }

    /// A capture was left out for what is wrong with it.
    pub fn left_out(&mut self, name: &str, counts: u64, why: &anyhow::Error) {
        self.not_taken(name, counts);
        if self.left_out.len() < MAX_NAMED {
            self.left_out.push(format!("{why:#}"));
        }
    }

    /// Adds the counts of a part.
    pub(crate) fn add(&mut self, part: Self) {
        let add = |into: &mut BTreeMap<String, u64>, from: BTreeMap<String, u64>| {
            for (name, count) in from {
                *into.entry(name).or_default() += count;
            }
        };
        add(&mut self.published, part.published);
        add(&mut self.dead, part.dead);
        add(&mut self.refused, part.refused);
        add(&mut self.not_taken, part.not_taken);
        self.absorbed += part.absorbed;
        self.failed += part.failed;
        self.runs += part.runs;
    }

    /// Everything that is accounted for; equal to `captures` when the table adds up.
    pub fn sum(&self) -> u64 {
        let groups = [&self.published, &self.dead, &self.refused, &self.not_taken];
        groups.into_iter().flat_map(BTreeMap::values).sum::<u64>() + self.absorbed + self.failed
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        group(out, "pages published", &seasons_together(&self.published))?;
        line(out, "already there", self.absorbed)?;
        group(out, "put into DLQ", &self.dead)?;
        group(out, "too large", &self.refused)?;
        group(out, "not taken", &self.not_taken)?;
        line(out, "failed", self.failed)?;
        writeln!(out, "{}", "-".repeat(44))?;
        line(out, "captures", self.captures)?;
        if self.runs > 0 {
            line(out, "ends of runs told", self.runs)?;
        }
        Ok(())
    }
}

pub(crate) fn line(out: &mut fmt::Formatter<'_>, name: &str, count: u64) -> fmt::Result {
    writeln!(out, "{name:<36}{count:>8}")
}

pub(crate) fn group(out: &mut fmt::Formatter<'_>, name: &str, parts: &BTreeMap<String, u64>) -> fmt::Result {
    line(out, name, parts.values().sum())?;
    parts.iter().try_for_each(|(part, count)| writeln!(out, "  {part:<28}{count:>8}"))
}

/// Sixty seasons are one line for a person; JSON has them all.
pub(crate) fn seasons_together(published: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let mut shown = BTreeMap::new();
    let is_season = |name: &str| name.parse().is_ok_and(|dataset| matches!(dataset, Dataset::Season { .. }));
    let seasons = published.keys().filter(|name| is_season(name)).count();
    for (name, count) in published {
        let together = seasons > 3 && is_season(name);
        let name = if together { format!("season.* ({seasons} seasons)") } else { name.clone() };
        *shown.entry(name).or_default() += count;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_adds_up_and_says_so() {
        let mut table = Table { captures: 6, absorbed: 1, failed: 1, ..Table::default() };
        table.published(&Dataset::TopScore, 1);
        table.published(&Dataset::TopScore, 1);
        table.dead(Reason::UpstreamError, 1);
        table.not_taken("episodes", 1);
        assert_eq!(table.sum(), table.captures);
        let text = table.to_string();
        assert!(
            text.contains(
                "pages published                            2\n  top.score                          2\n"
            ),
            "{text}"
        );
        assert!(text.ends_with("captures                                   6\n"), "{text}");
    }
}
