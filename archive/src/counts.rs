//! Counts by name, and the lines of a closing table.

use std::{collections::BTreeMap, fmt};

use kansoku_schemas::Dataset;

/// How many there are of each name.
pub(crate) type Counts = BTreeMap<String, u64>;

pub(crate) fn add(counts: &mut Counts, name: impl fmt::Display, count: u64) {
    *counts.entry(name.to_string()).or_default() += count;
}

pub(crate) fn sum(counts: &Counts) -> u64 {
    counts.values().sum()
}

pub(crate) fn line(out: &mut fmt::Formatter<'_>, name: &str, count: u64) -> fmt::Result {
    writeln!(out, "{name:<36}{count:>8}")
}

pub(crate) fn rule(out: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(out, "{}", "-".repeat(44))
}

/// A sum and its parts. Sixty seasons are one line for a person; JSON has them all.
pub(crate) fn group(out: &mut fmt::Formatter<'_>, name: &str, counts: &Counts) -> fmt::Result {
    line(out, name, sum(counts))?;
    let is_season = |name: &str| name.parse().is_ok_and(|dataset| matches!(dataset, Dataset::Season { .. }));
    let seasons = counts.keys().filter(|name| is_season(name)).count();
    let mut parts = Counts::new();
    for (name, count) in counts {
        let together = seasons > 3 && is_season(name);
        let name = if together { format!("season.* ({seasons} seasons)") } else { name.clone() };
        add(&mut parts, name, *count);
    }
    parts.iter().try_for_each(|(part, count)| writeln!(out, "  {part:<28}{count:>8}"))
}
