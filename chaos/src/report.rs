//! What is printed.

use std::fmt::Write as _;

use crate::{oracle::Verdict, probe::Answers, run::Outcome};

/// The head of the table.
const HEAD: [&str; 11] = [
    "experiment",
    "faults",
    "pages",
    "rows",
    "stored",
    "same",
    "dead",
    "lost",
    "doubled",
    "API: fresh/stale/5xx/silent",
    "well again",
];

/// A table of experiments; below it, why a hypothesis did not hold.
pub fn table(outcomes: &[Outcome]) -> String {
    let rows: Vec<[String; 11]> = outcomes.iter().map(row).collect();
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.len());
        }
    }
    let mut out = String::new();
    let mut line = |cells: [&str; 11], said: &str| {
        for (place, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let _ = if place == 0 { write!(out, "{cell:width$}  ") } else { write!(out, "{cell:>width$}  ") };
        }
        let _ = writeln!(out, "{said}");
    };
    line(HEAD, "hypothesis");
    for (row, outcome) in rows.iter().zip(outcomes) {
        let said = if outcome.refuted.is_empty() { "held" } else { "DID NOT HOLD" };
        line(row.each_ref().map(String::as_str), said);
    }
    for Outcome { name, alerts, .. } in outcomes {
        for fired in alerts {
            let _ = writeln!(out, "{name}: {fired}");
        }
    }
    for outcome in outcomes.iter().filter(|outcome| !outcome.refuted.is_empty()) {
        let _ = writeln!(out, "\n{} did not hold:", outcome.name);
        for why in &outcome.refuted {
            let _ = writeln!(out, "  - {why}");
        }
    }
    out
}

fn row(Outcome { name, faults, answers, recovered, verdict, .. }: &Outcome) -> [String; 11] {
    let Verdict { pages, rows, stored, duplicate, dead_rows, dead_pages, lost, doubled, .. } = verdict;
    let Answers { fresh, stale, failed, silent, .. } = answers;
    [
        name.clone(),
        faults.to_string(),
        pages.to_string(),
        rows.to_string(),
        stored.to_string(),
        duplicate.to_string(),
        (dead_rows + dead_pages.1).to_string(),
        lost.len().to_string(),
        doubled.len().to_string(),
        format!("{fresh}/{stale}/{failed}/{silent}"),
        recovered.map_or_else(|| "never".to_owned(), |time| format!("{:.1} s", time.as_secs_f64())),
    ]
}
