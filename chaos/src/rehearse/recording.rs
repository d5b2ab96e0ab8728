//! What a rehearsal wrote down: its events in the order of their times, and its numbers.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::probe::Answers;

/// How much of what a command printed is kept, in lines.
const SAID: usize = 12;

/// All of it, as it is written into a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recording {
    /// What this is, for who finds the file.
    pub(super) about: String,
    /// Every window and wait of the rules and of Alertmanager was so many times shorter.
    pub(super) windows_cut: u64,
    /// What happened.
    pub(super) events: Vec<Event>,
    /// What `kansoku ledger` said last: before, during and after.
    pub(super) ledgers: Vec<String>,
    /// What those who asked the API the known question got, from the trigger to the end.
    pub(super) answers: Vec<(String, u64)>,
    /// What each objective counted, from the trigger to the end.
    pub(super) budgets: Vec<Budget>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Event {
    /// When (UTC).
    pub(super) at: DateTime<Utc>,
    /// Who did it or saw it: a role, or a program.
    pub(super) by: String,
    /// What.
    pub(super) what: String,
    /// The first lines of what a command printed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) said: Vec<String>,
}

/// What an objective counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    /// Its name.
    pub(super) slo: String,
    /// What part of the requests has to be good.
    pub(super) objective: f64,
    /// Requests, by the objective's own definition.
    pub(super) requests: f64,
    /// Of them bad.
    pub(super) errors: f64,
    /// What part of the budget of thirty days like these minutes they used.
    pub(super) used: f64,
}

impl Budget {
    /// Errors over what the objective allows in thirty days, if requests went on as in these seconds.
    pub(super) fn new(slo: &str, objective: f64, requests: f64, errors: f64, seconds: f64) -> Self {
        let allowed = (1.0 - objective) * requests * (30.0 * 86_400.0 / seconds);
        let used = if allowed > 0.0 { errors / allowed } else { 0.0 };
        Self { slo: slo.to_owned(), objective, requests, errors, used }
    }
}

impl Recording {
    /// One that is empty yet.
    pub(super) fn new(about: &str, windows_cut: u64) -> Self {
        let (events, ledgers, answers, budgets) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { about: about.to_owned(), windows_cut, events, ledgers, answers, budgets }
    }

    /// Writes an event down.
    pub(super) fn note(&mut self, at: DateTime<Utc>, by: &str, what: impl Into<String>, said: &str) {
        let lines = said.lines().map(str::trim_end).filter(|line| !line.is_empty());
        let said = lines.take(SAID).map(str::to_owned).collect();
        self.events.push(Event { at, by: by.to_owned(), what: what.into(), said });
    }

    /// Keeps the answers' numbers.
    pub(super) fn count(&mut self, answers: Answers) {
        let Answers { asked, fresh, stale, failed, silent, other, new: _ } = answers;
        let numbers = [asked, fresh, stale, failed, silent, other];
        let names = ["asked", "fresh", "stale", "5xx", "silent", "other"].map(str::to_owned);
        self.answers = names.into_iter().zip(numbers).collect();
    }

    /// The timeline as the table of a postmortem has it.
    pub(super) fn table(&self) -> String {
        let mut events: Vec<_> = self.events.iter().collect();
        events.sort_by_key(|event| event.at);
        let mut table = "| time | what | seen or done by |\n|---|---|---|\n".to_owned();
        for Event { at, by, what, .. } in events {
            let _ =
                writeln!(table, "| {} | {} | {by} |", at.format("%H:%M:%S%.3f"), what.replace('|', "\\|"));
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_weighed_by_requests() {
        // Ten errors in a minute of 1,000 requests: 43,200 such minutes may have 216,000 errors at 99.5 %.
        let budget = Budget::new("availability", 0.995, 1_000.0, 10.0, 60.0);
        assert!((budget.used - 10.0 / 216_000.0).abs() < 1e-12, "{budget:?}");
        assert_eq!(Budget::new("captures", 0.99, 0.0, 0.0, 60.0).used, 0.0, "nothing was asked");
    }

    #[test]
    fn the_timeline_is_in_order_whoever_noted_first() {
        let mut recording = Recording::new("a test", 12);
        let at = DateTime::UNIX_EPOCH;
        recording.note(at + chrono::TimeDelta::seconds(2), "slack", "told", "");
        recording.note(at, "hands", "typed a | b", "one\n\ntwo  \n");
        assert_eq!(recording.events[1].said, ["one", "two"]);
        let table = recording.table();
        let rows: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(rows, ["| 00:00:00.000 | typed a \\| b | hands |", "| 00:00:02.000 | told | slack |"]);
    }
}
