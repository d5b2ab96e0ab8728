//! What an export takes, and what became of every message of RAW: a table that adds up.

use std::fmt;

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use kansoku_schemas::Capture;
use serde::Serialize;

use crate::counts::{Counts, add, group, line, rule, sum};

/// A period of captures: its start is in it, its end is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

impl Period {
    pub(crate) fn new(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Result<Self> {
        if let (Some(from), Some(to)) = (from, to) {
            ensure!(from < to, "--from {from} is not before --to {to}");
        }
        Ok(Self { from, to })
    }

    /// Whether an instant is in it.
    pub(crate) fn has(&self, at: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }

    /// As a person says it, with a space before.
    pub(crate) fn words(&self) -> String {
        let from = self.from.map_or_else(String::new, |from| format!(" from {from}"));
        from + &self.to.map_or_else(String::new, |to| format!(" before {to}"))
    }
}

/// Counts by what became of the messages.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Table {
    /// Pages written, by dataset.
    pub(crate) pages: Counts,
    /// Replays written, by dataset.
    replays: Counts,
    /// Answers that were no pages, by what was wrong with them.
    letters: Counts,
    /// Runs of which it is written how they ended.
    pub(crate) runs: u64,
    /// Captures outside the period.
    pub(crate) outside: u64,
    /// Messages that RAW dropped while it was read.
    pub(crate) gone: u64,
    /// Messages that are no pages.
    pub(crate) no_page: u64,
}

impl Table {
    /// A capture was written.
    pub(crate) fn exported(&mut self, capture: &Capture) {
        let is_replay = capture.nats_headers.as_ref().is_some_and(|headers| headers.contains_key("Dlq-Root"));
        let counts = if is_replay { &mut self.replays } else { &mut self.pages };
        add(counts, capture.dataset.map_or_else(String::new, |dataset| dataset.to_string()), 1);
    }

    /// An answer that was no page was written.
    pub(crate) fn dead_letter(&mut self, capture: &Capture) {
        let reason = capture.nats_headers.as_ref().and_then(|headers| headers.get("Dlq-Reason"));
        add(&mut self.letters, reason.cloned().unwrap_or_default(), 1);
    }

    /// Whether nothing was written.
    pub(crate) fn is_empty(&self) -> bool {
        self.written() == 0 && self.letters.is_empty() && self.runs == 0
    }

    /// How many messages of RAW were written.
    pub(crate) fn written(&self) -> u64 {
        sum(&self.pages) + sum(&self.replays)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        group(out, "pages written", &self.pages)?;
        group(out, "replays written", &self.replays)?;
        line(out, "outside the period", self.outside)?;
        line(out, "dropped by RAW meanwhile", self.gone)?;
        line(out, "no pages", self.no_page)?;
        rule(out)?;
        line(out, "messages of RAW", self.written() + self.outside + self.gone + self.no_page)?;
        group(out, "answers that were no pages", &self.letters)?;
        line(out, "ends of runs", self.runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_messages_add_up_and_what_raw_does_not_hold_is_named() {
        let letters = [("not_json".to_owned(), 4)].into();
        let text = Table { outside: 1, gone: 2, letters, runs: 5, ..Table::default() }.to_string();
        let last: Vec<&str> = text.lines().rev().take(4).collect();
        assert_eq!(
            last,
            [
                "ends of runs                               5",
                "  not_json                           4",
                "answers that were no pages                 4",
                "messages of RAW                            3",
            ]
        );
    }

    #[test]
    fn a_period_begins_with_its_start_and_ends_before_its_end() {
        let at = |day: u32| format!("2026-11-{day:02}T00:00:00Z").parse::<DateTime<Utc>>().unwrap();
        let period = Period::new(Some(at(2)), Some(at(3))).unwrap();
        assert_eq!([1, 2, 3].map(|day| period.has(at(day))), [false, true, false]);
        assert!(Period::new(None, None).unwrap().has(at(1)));
        assert!(Period::new(Some(at(2)), Some(at(2))).is_err());
    }
}
