//! What became of everything that an import read: a table that adds up, and what a person sees meanwhile.

use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    counts::{Counts, group, line, rule, sum},
    progress::Progress,
};

/// So many of the things that went wrong are named in JSON.
const MAX_NAMED: usize = 1_000;

/// Counts captures, or rows of a history, by what became of them.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Published, by dataset.
    pub(super) published: Counts,
    /// Already there.
    pub(super) absorbed: u64,
    /// No pages, put into DLQ, by reason.
    pub(super) dead: Counts,
    /// Too large for any stream, by reason; RUN records them.
    pub(super) refused: Counts,
    /// Not kept, or left out for what is wrong with them, by name.
    pub(crate) not_taken: Counts,
    /// Could not be read or stored.
    pub failed: u64,
    /// The first of the things that went wrong.
    pub left_out: Vec<String>,
    /// Ends of runs that an import of an export recorded.
    pub(super) runs: u64,
    /// How many things went wrong.
    #[serde(skip)]
    pub problems: u64,
    /// Ends of runs read.
    #[serde(skip)]
    pub(super) ends: u64,
    /// The instants of a history, the rows of which are counted.
    #[serde(skip)]
    pub(crate) instants: Option<u64>,
    /// Where a person sees it; nowhere in tests.
    #[serde(skip)]
    pub(crate) progress: Option<Progress>,
}

impl Report {
    /// One that a person sees: how many there are of `what`, and what went wrong.
    pub(crate) fn shown(what: &str) -> Self {
        Self { progress: Some(Progress::of(what)), ..Self::default() }
    }

    /// Shows how far the import has come.
    pub(crate) fn show(&self, count: u64) {
        self.progress.iter().for_each(|progress| progress.set(count));
    }

    /// Says what is no error and worth to know.
    pub(crate) fn notice(&self, words: &str) {
        self.progress.iter().for_each(|progress| progress.say(words));
    }

    /// Says what went wrong.
    pub(crate) fn problem(&mut self, error: &anyhow::Error) {
        self.note(error, true);
    }

    /// Notes what went wrong, and says it unless enough of its kind was said.
    pub(crate) fn note(&mut self, error: &anyhow::Error, is_said: bool) {
        let words = format!("{error:#}");
        if is_said {
            self.notice(&words);
        }
        self.problems += 1;
        if self.left_out.len() < MAX_NAMED {
            self.left_out.push(words);
        }
    }

    /// How many were read, and settled.
    pub fn read(&self) -> u64 {
        let groups = [&self.published, &self.dead, &self.refused, &self.not_taken];
        groups.into_iter().map(sum).sum::<u64>() + self.absorbed + self.failed
    }

    /// Whether nothing was there to be read.
    pub(crate) fn is_empty(&self) -> bool {
        self.read() == 0 && self.ends == 0
    }

    /// As JSON.
    pub(crate) fn json(&self) -> serde_json::Result<Value> {
        let mut json = serde_json::to_value(self)?;
        match self.instants {
            None => json["captures"] = json!(self.read()),
            Some(instants) => {
                json["rows"] = json!(self.read());
                json["instants"] = json!(instants);
                json["published"] = json!(sum(&self.published));
            }
        }
        Ok(json)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.instants {
            Some(_) => line(out, "rows published", sum(&self.published))?,
            None => group(out, "pages published", &self.published)?,
        }
        line(out, "already there", self.absorbed)?;
        if self.instants.is_none() {
            group(out, "no pages, into DLQ", &self.dead)?;
        }
        group(out, "too large", &self.refused)?;
        group(out, "not taken", &self.not_taken)?;
        line(out, "failed", self.failed)?;
        rule(out)?;
        let Some(instants) = self.instants else {
            line(out, "captures", self.read())?;
            return if self.runs > 0 { line(out, "ends of runs recorded", self.runs) } else { Ok(()) };
        };
        line(out, "rows", self.read())?;
        line(out, "instants", instants)?;
        if sum(&self.published) > 0 {
            let where_to =
                "the schemas judge each row now: what does not pass is in DLQ (bin/nats stream view DLQ)";
            writeln!(out, "{where_to}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(instants: Option<u64>) -> Report {
        let counts = |name: &str, count| [(name.to_owned(), count)].into();
        Report {
            published: counts("top.score", 2),
            absorbed: 1,
            dead: counts("upstream_error", 1),
            not_taken: counts("episodes", 1),
            failed: 1,
            instants,
            ..Report::default()
        }
    }

    #[test]
    fn captures_are_counted_by_what_became_of_them() {
        let captures = report(None);
        assert_eq!(captures.json().unwrap()["captures"], 6);
        let text = captures.to_string();
        let begin = "pages published                            2\n  top.score                          2\n";
        assert!(text.starts_with(begin), "{text}");
        assert!(text.ends_with("captures                                   6\n"), "{text}");
    }

    #[test]
    fn rows_of_a_history_are_counted_alike() {
        let rows = report(Some(3));
        let json = rows.json().unwrap();
        assert_eq!((&json["rows"], &json["published"], &json["instants"]), (&json!(6), &json!(2), &json!(3)));
        let text = rows.to_string();
        assert!(text.contains("rows published                             2\nalready there "), "{text}");
    }
}
