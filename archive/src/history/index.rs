//! Which lines of a file share an instant.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, bail};
use chrono::{DateTime, Utc};
use csv::{ByteRecord, Position};

use super::{Csv, cut::Cut, row::NoRow};

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
    /// Lines that are no rows.
    pub left: BTreeMap<NoRow, u64>,
    /// How many of those records there are.
    pub named: BTreeMap<NoRow, u64>,
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
    /// It is no row.
    Left(Left),
}

/// A record of the file that is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Why.
    pub why: NoRow,
    /// Its first line, from 1.
    pub line: u64,
    /// How many lines it has.
    pub lines: u64,
    /// What stands where its instant should be.
    pub text: String,
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
                    // What is told of the place is right but for ends of lines just before it.
                    let place = record.position().cloned().unwrap_or_else(Position::new);
                    let line = csv.raw(&place, place.byte() + 1).map_or(place.line(), |raw| raw.line);
                    let words = format!("read {} from line {line} on", csv.name());
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
                Err(why) => {
                    let raw = csv.raw(&place, lines.end())?;
                    let text = csv.layout.no_instant(&record);
                    Line::Left(Left { why, line: raw.line, lines: raw.lines().count() as u64, text })
                }
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
            Line::Left(left) => {
                let named = self.named.entry(left.why).or_default();
                *named += 1;
                if *named <= MOST_NAMED {
                    self.troubles.push(anyhow!("{file}:{}: {}", left.line, left.words()));
                }
                *self.left.entry(left.why).or_default() += left.lines;
            }
        }
    }

    /// How many lines there are.
    pub fn lines(&self) -> u64 {
        self.taken + self.silent + self.left.values().sum::<u64>()
    }
}

impl Left {
    fn words(&self) -> String {
        let (name, last) = (self.why.name(), self.line + self.lines - 1);
        match self.why {
            NoRow::SeveralLines => {
                format!("{name}, from {} to {last}: is a quote left open?", self.line)
            }
            NoRow::Instant(_) => format!("{name}: {}", self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::history::time::NoInstant;

    const UNREADABLE: NoRow = NoRow::Instant(NoInstant::Unreadable);

    fn place(record: u64) -> Position {
        let mut place = Position::new();
        place.set_record(record).set_line(record + 1).set_byte(record * 10);
        place
    }

    #[test]
    fn what_is_left_is_counted_and_its_first_lines_are_named() {
        let mut index = Index::default();
        let left =
            |why, line, lines, text: &str| Line::Left(Left { why, line, lines, text: format!("{text:?}") });
        for record in 1..=9 {
            index.add("a.csv", place(record), left(UNREADABLE, record + 1, 1, "?"));
        }
        index.add("a.csv", place(10), left(NoRow::Instant(NoInstant::Future), 11, 1, "2999"));
        index.add("a.csv", place(11), left(NoRow::SeveralLines, 12, 490, ""));
        index.add("a.csv", place(12), Line::Silent);
        assert_eq!((index.left[&UNREADABLE], index.silent, index.lines()), (9, 1, 501));
        let said: Vec<String> = index.troubles.iter().map(ToString::to_string).collect();
        assert_eq!((said.len(), said[0].as_str()), (7, "a.csv:2: no instant: \"?\""));
        assert_eq!(said[5], "a.csv:11: captured in the future: \"2999\"");
        assert_eq!(said[6], "a.csv:12: one row over several lines, from 12 to 501: is a quote left open?");
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
