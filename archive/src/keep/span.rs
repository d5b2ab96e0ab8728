//! The part of RAW that an archive file covers: where one file ends and the next begins, and their names. Pure.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// The most bytes of messages in one file.
const MAX_BYTES: u64 = 1 << 30;
/// A file ends well before RAW is half full: nobody shall wait for the end of a day.
const PARTS: u64 = 8;
/// What every file's name ends with.
pub(super) const ENDING: &str = ".jsonl.zst";
/// How far the server's clock may be from ours.
const CLOCKS: TimeDelta = TimeDelta::minutes(5);

/// The most bytes of a file, where RAW may hold so many.
pub(super) fn max_bytes(raw_max_bytes: Option<u64>) -> u64 {
    raw_max_bytes.map_or(MAX_BYTES, |raw| MAX_BYTES.min(raw / PARTS).max(1))
}

/// The name of the file that covers these positions. Files are to be imported in the order in which a shell lists them.
pub(super) fn name(epoch: u64, first: u64, last: u64) -> String {
    format!("{}{last:012}{ENDING}", beginning(epoch, first))
}

/// What the names of all files begin with that begin at this position.
pub(super) fn beginning(epoch: u64, first: u64) -> String {
    format!("{epoch}-{first:012}-")
}

/// The part of RAW in the file that is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: u64,
    pub(super) last: u64,
    bytes: u64,
    day: NaiveDate,
}

impl Span {
    /// Begins with a message that was stored then.
    pub(super) fn begin(seq: u64, bytes: u64, stored: DateTime<Utc>) -> Self {
        Self { first: seq, last: seq, bytes, day: stored.date_naive() }
    }

    /// Adds the next message; `false` where a new file must begin with it.
    pub(super) fn add(&mut self, seq: u64, bytes: u64, stored: DateTime<Utc>, max: u64) -> bool {
        let fits = self.day == stored.date_naive() && self.bytes + bytes <= max;
        if fits {
            self.last = seq;
            self.bytes += bytes;
        }
        fits
    }

    /// Whether nothing more will come into it: its day is over, or it is as good as full.
    pub(super) fn is_over(&self, now: DateTime<Utc>, max: u64) -> bool {
        (now - CLOCKS).date_naive() > self.day || self.bytes >= max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_file_ends_with_its_day_or_when_it_is_full() {
        let mut span = Span::begin(5, 40, at("2026-11-01T23:00:00Z"));
        assert!(span.add(6, 40, at("2026-11-01T23:59:59Z"), 100));
        assert!(!span.add(7, 40, at("2026-11-01T23:59:59Z"), 100), "full");
        assert!(!span.add(7, 1, at("2026-11-02T00:00:00Z"), 100), "another day");
        assert_eq!((span.first, span.last), (5, 6));
        assert!(span.add(8, 20, at("2026-11-01T23:59:59Z"), 100), "after a gap");
        assert!(span.is_over(at("2026-11-01T23:59:59Z"), 100));
    }

    #[test]
    fn a_day_is_over_some_minutes_after_midnight() {
        let span = Span::begin(1, 1, at("2026-11-01T12:00:00Z"));
        assert!(!span.is_over(at("2026-11-02T00:04:59Z"), 100), "the server's clock may be behind");
        assert!(span.is_over(at("2026-11-02T00:05:00Z"), 100));
    }

    #[test]
    fn files_are_small_where_raw_is() {
        assert_eq!([None, Some(8 << 30), Some(8_000)].map(max_bytes), [1 << 30, 1 << 30, 1_000]);
    }

    #[test]
    fn the_order_of_names_is_that_of_the_positions() {
        assert_eq!(name(5, 9, 10), "5-000000000009-000000000010.jsonl.zst");
        assert!(name(5, 9, 9) < name(5, 10, 99) && name(5, 10, 99) < name(5, 100, 100));
    }
}
