//! Which lines of a file share an instant.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, bail};
use chrono::{DateTime, Utc};
use csv::{ByteRecord, Position};

use super::{Csv, cut::Cut, time::NoInstant};

/// How many lines of each kind that are left out are named.
const MOST_NAMED: u64 = 5;

/// Lines that follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The first of them.
    pub first: Position,
    /// How many.
    pub lines: u64,
}

/// The lines of one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instant {
    /// Where they are, in the order of the file.
    pub spans: Vec<Span>,
    /// Their pages.
    pub cut: Cut,
}

/// What the lines of a file are.
#[derive(Debug, Default)]
pub struct Index {
    /// The instants, each with its lines.
    pub instants: BTreeMap<DateTime<Utc>, Instant>,
    /// Lines with an instant and something to keep.
    pub taken: u64,
    /// Lines that hold no number at all.
    pub silent: u64,
    /// Lines that no instant can be given.
    pub left: BTreeMap<NoInstant, u64>,
    /// The first of those, and where the reading ended early, in words.
    pub troubles: Vec<anyhow::Error>,
}

/// What one line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A row of this many bytes.
    Row(DateTime<Utc>, usize),
    /// It holds no number.
    Silent,
    /// It has no instant, and this in its place.
    Left(NoInstant, String),
}

impl Index {
    /// Reads a file once, for as long as `progress` says to go on. A file that breaks off gives what stands before.
    pub fn of(csv: &Csv, now: DateTime<Utc>, progress: &mut dyn FnMut(u64) -> bool) -> Result<Self> {
        let (mut index, mut lines, mut record) = (Self::default(), csv.lines()?, ByteRecord::new());
        loop {
            match lines.read(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(index),
                Err(error) => {
                    let words = format!("read {} after its first {} rows", csv.name(), index.lines());
                    index.troubles.push(anyhow::Error::new(error).context(words));
                    return Ok(index);
                }
            }
            let place = record.position().cloned().unwrap_or_else(Position::new);
            let line = match csv.layout.instant(&record, now) {
                Ok(at) => {
                    let row = csv.layout.row(&record, at);
                    if row.says_something { Line::Row(at, row.json.len()) } else { Line::Silent }
                }
                Err(why) => Line::Left(why, csv.layout.no_instant(&record)),
            };
            index.add(&csv.name(), place, line);
            if !progress(index.lines()) {
                bail!("stopped before anything was published");
            }
        }
    }

    /// Adds the next line of the file.
    pub fn add(&mut self, file: &str, place: Position, line: Line) {
        match line {
            Line::Row(at, bytes) => {
                self.taken += 1;
                let instant = self.instants.entry(at).or_default();
                instant.cut.add(bytes);
                match instant.spans.last_mut() {
                    Some(span) if span.first.record() + span.lines == place.record() => span.lines += 1,
                    _ => instant.spans.push(Span { first: place, lines: 1 }),
                }
            }
            Line::Silent => self.silent += 1,
            Line::Left(why, text) => {
                let count = self.left.entry(why).or_default();
                *count += 1;
                if *count <= MOST_NAMED {
                    let line = place.line();
                    self.troubles.push(anyhow!("{file}:{line}: {}: {text}", why.name()));
                }
            }
        }
    }

    /// How many lines there are.
    pub fn lines(&self) -> u64 {
        self.taken + self.silent + self.left.values().sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(record: u64) -> Position {
        let mut place = Position::new();
        place.set_record(record).set_line(record + 1).set_byte(record * 10);
        place
    }

    #[test]
    fn what_is_left_is_counted_and_its_first_lines_are_named() {
        let mut index = Index::default();
        for record in 1..=9 {
            index.add("a.csv", place(record), Line::Left(NoInstant::Unreadable, "\"?\"".to_owned()));
        }
        index.add("a.csv", place(10), Line::Left(NoInstant::Future, "\"2999\"".to_owned()));
        index.add("a.csv", place(11), Line::Silent);
        assert_eq!((index.left[&NoInstant::Unreadable], index.silent, index.lines()), (9, 1, 11));
        let said: Vec<String> = index.troubles.iter().map(ToString::to_string).collect();
        assert_eq!((said.len(), said[0].as_str()), (6, "a.csv:2: no instant: \"?\""));
        assert_eq!(said[5], "a.csv:11: captured in the future: \"2999\"");
    }

    proptest! {
        #[test]
        fn every_row_is_in_one_span_of_its_instant(lines in proptest::collection::vec(0_i64..5, 0..60)) {
            let at = |second| DateTime::from_timestamp(second, 0).unwrap();
            let mut index = Index::default();
            for (record, instant) in (1..).zip(&lines) {
                let line = if *instant == 4 { Line::Silent } else { Line::Row(at(*instant), 1) };
                index.add("a.csv", place(record), line);
            }
            let mut found = Vec::new();
            for (instant, all) in &index.instants {
                let records: Vec<u64> = all.spans.iter()
                    .flat_map(|span| span.first.record()..span.first.record() + span.lines).collect();
                prop_assert!(records.is_sorted());
                let apart = all.spans.windows(2).all(|two| two[0].first.record() + two[0].lines < two[1].first.record());
                prop_assert!(apart, "neighbours are one span");
                found.extend(records.into_iter().map(|record| (record, *instant)));
            }
            found.sort();
            let rows = (1..).zip(&lines).filter(|(_, instant)| **instant != 4);
            prop_assert_eq!(found, rows.map(|(record, instant)| (record, at(*instant))).collect::<Vec<_>>());
            prop_assert_eq!(index.lines(), lines.len() as u64);
        }
    }
}
