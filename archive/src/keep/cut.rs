//! Where one archive file ends and the next begins. Pure.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// The most bytes of messages in one file.
const LARGEST: u64 = 1 << 30;
/// A file ends well before RAW is half full: nobody shall wait for the end of a day.
const PARTS: u64 = 8;
/// How far the server's clock may be from ours.
const CLOCKS: TimeDelta = TimeDelta::minutes(5);

/// The most bytes of a file, where RAW may hold so many.
pub fn most(raw_max_bytes: Option<u64>) -> u64 {
    raw_max_bytes.map_or(LARGEST, |raw| LARGEST.min(raw / PARTS).max(1))
}

/// The part of RAW in the file that is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first sequence.
    pub first: u64,
    /// Its last sequence so far.
    pub last: u64,
    bytes: u64,
    day: NaiveDate,
}

impl Span {
    /// Begins with a message that was stored then.
    pub fn begin(seq: u64, bytes: u64, stored: DateTime<Utc>) -> Self {
        Self { first: seq, last: seq, bytes, day: stored.date_naive() }
    }

    /// Adds the next message; `false` where a new file must begin with it.
    pub fn add(&mut self, seq: u64, bytes: u64, stored: DateTime<Utc>, most: u64) -> bool {
        let fits = self.day == stored.date_naive() && self.bytes + bytes <= most;
        if fits {
            self.last = seq;
            self.bytes += bytes;
        }
        fits
    }

    /// Whether nothing more will come into it: its day is over, or it is as good as full.
    pub fn is_over(&self, now: DateTime<Utc>, most: u64) -> bool {
        (now - CLOCKS).date_naive() > self.day || self.bytes >= most
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
        assert_eq!([None, Some(8 << 30), Some(8_000)].map(most), [1 << 30, 1 << 30, 1_000]);
    }
}
