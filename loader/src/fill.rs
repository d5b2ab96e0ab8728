//! When a stream is full, at the pace at which it grew in the last minutes.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// How far back the pace is measured, and how little of that says nothing yet.
const WINDOW: Duration = Duration::from_secs(600);
const LEAST: Duration = Duration::from_secs(30);
/// How little of it says nothing while there is much capacity: one capture with bad rows is no pace.
const STEADY: Duration = Duration::from_secs(300);
/// The share of its limit from which a stream is watched by the pace of seconds, as the alert does.
const NEAR: f64 = 0.1;
/// How often what is seen is remembered.
const STEP: Duration = Duration::from_secs(10);
/// What is further away is never.
const NEVER: Duration = Duration::from_secs(366 * 86_400);

/// What was seen of a stream in the last minutes.
#[derive(Debug, Default)]
pub(crate) struct Fill {
    seen: VecDeque<(Instant, u64)>,
}

impl Fill {
    /// How long until so many bytes are `max_bytes`; `None` where it does not grow, where less than a tenth is full and it does not
    /// grow steadily, or where nobody would live to see it.
    pub(crate) fn left(&mut self, now: Instant, bytes: u64, max_bytes: Option<u64>) -> Option<Duration> {
        let age = |at: &Instant| now.saturating_duration_since(*at);
        // One made anew, or emptied by a person, has no past.
        if self.seen.back().is_some_and(|(_, before)| *before > bytes) {
            self.seen.clear();
        }
        while self.seen.front().is_some_and(|(at, _)| age(at) > WINDOW) {
            self.seen.pop_front();
        }
        if self.seen.back().is_none_or(|(at, _)| age(at) >= STEP) {
            self.seen.push_back((now, bytes));
        }
        let (at, before) = self.seen.front()?;
        let (grown, took) = (bytes - before, age(at));
        if took < LEAST || grown == 0 {
            return None;
        }
        let max_bytes = max_bytes?;
        if (bytes as f64) < NEAR * max_bytes as f64 && !self.is_steady(*at, took, bytes) {
            return None;
        }
        let seconds = max_bytes.saturating_sub(bytes) as f64 / grown as f64 * took.as_secs_f64();
        Duration::try_from_secs_f64(seconds).ok().filter(|left| *left < NEVER)
    }

    /// Whether it has grown in each third of a time that is long enough, and not in one burst.
    fn is_steady(&self, from: Instant, took: Duration, bytes: u64) -> bool {
        let by =
            |end: Instant| self.seen.iter().take_while(|(at, _)| *at <= end).last().map(|(_, seen)| *seen);
        let thirds = [by(from), by(from + took / 3), by(from + took * 2 / 3), Some(bytes)];
        took >= STEADY && thirds.is_sorted_by(|before, after| before < after)
    }
}

#[cfg(test)]
mod tests {
    use kansoku_service::{Clock as _, SystemClock};

    use super::*;

    #[test]
    fn the_pace_is_that_of_the_last_minutes() {
        let start = SystemClock.monotonic();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut fill = Fill::default();
        assert_eq!(fill.left(at(0), 1_000, Some(10_000)), None, "one look tells no pace");
        assert_eq!(fill.left(at(20), 1_200, Some(10_000)), None, "nor do a few seconds");
        assert_eq!(fill.left(at(100), 2_000, Some(10_000)), Some(Duration::from_secs(800)));
        assert_eq!(fill.left(at(100), 2_000, None), None, "one without a limit is never full");
        assert_eq!(fill.left(at(400), 10_500, Some(10_000)), Some(Duration::ZERO));
        for seconds in [500, 900, 1_100] {
            fill.left(at(seconds), 10_500, Some(20_000));
        }
        assert_eq!(fill.left(at(1_200), 10_500, Some(20_000)), None, "it stands still since then");
        assert_eq!(fill.left(at(1_300), 10, Some(20_000)), None, "a new one has no past");
        assert_eq!(fill.left(at(1_400), 110, Some(1_010)), Some(Duration::from_secs(900)));
    }

    #[test]
    fn one_burst_in_an_empty_stream_is_no_pace() {
        let start = SystemClock.monotonic();
        let mut fill = Fill::default();
        // A capture of a minute from second 100 on, looked at each second.
        for second in 0..1_200_u64 {
            let bytes = 1_000 * second.clamp(100, 160);
            let left = fill.left(start + Duration::from_secs(second), bytes, Some(1 << 31));
            assert_eq!(left, None, "{second} s");
        }
    }

    #[test]
    fn steady_growth_of_minutes_is_told_in_an_empty_stream() {
        let start = SystemClock.monotonic();
        let mut fill = Fill::default();
        let told: Vec<_> = (0..400_u64)
            .filter(|second| {
                let at = start + Duration::from_secs(*second);
                fill.left(at, 1_000 * second, Some(1 << 31)).is_some()
            })
            .collect();
        assert_eq!(told, (300..400).collect::<Vec<_>>());
    }
}
