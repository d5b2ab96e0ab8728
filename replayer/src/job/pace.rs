//! How fast a job goes: a token bucket.

use std::time::{Duration, Instant};

/// The longest that unused time is saved.
const SAVED: Duration = Duration::from_secs(1);
/// How often something is published while there is enough to do: each time costs some writes to the disk.
const PUBLICATIONS: f64 = 10.0;

/// So many a second, and no burst of more than a second's worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    rate: f64,
    tokens: f64,
    at: Instant,
}

impl Pace {
    /// Begins with nothing saved.
    pub fn new(rate: i32, now: Instant) -> Self {
        Self { rate: f64::from(rate.max(1)), tokens: 0.0, at: now }
    }

    /// How many may go now.
    pub fn available(&mut self, now: Instant) -> usize {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.tokens = (self.tokens + passed * self.rate).min((self.rate * SAVED.as_secs_f64()).max(1.0));
        let enough = (self.rate / PUBLICATIONS).max(1.0);
        // Rates are at most thousands.
        if self.tokens < enough { 0 } else { self.tokens as usize }
    }

    /// So many go.
    pub fn take(&mut self, count: usize) {
        self.tokens -= count as f64;
    }

    /// How long until more may go.
    pub fn wait(&self) -> Duration {
        let missing = (self.rate / PUBLICATIONS).max(1.0) - self.tokens;
        Duration::from_secs_f64((missing / self.rate).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use kansoku_service::{Clock as _, SystemClock};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slow_pace_lets_one_go_at_a_time() {
        let start = SystemClock.monotonic();
        let mut pace = Pace::new(2, start);
        assert_eq!(pace.available(start), 0);
        assert_eq!(pace.wait(), Duration::from_millis(500));
        let later = start + Duration::from_millis(500);
        assert_eq!(pace.available(later), 1);
        pace.take(1);
        assert_eq!(pace.available(later), 0);
        assert_eq!(pace.available(later + Duration::from_secs(60)), 2, "a minute is not saved");
    }

    proptest! {
        #[test]
        fn no_second_has_more_than_two_seconds_worth(
            rate in 1i32..1000, steps in proptest::collection::vec(0u64..400, 1..200),
        ) {
            let start = SystemClock.monotonic();
            let (mut pace, mut now, mut gone) = (Pace::new(rate, start), start, Vec::new());
            for step in steps {
                now += Duration::from_millis(step);
                let count = pace.available(now);
                pace.take(count);
                gone.push((now, count));
            }
            for (from, _) in &gone {
                let second: usize = gone.iter()
                    .filter(|(at, _)| at >= from && at.duration_since(*from) < Duration::from_secs(1))
                    .map(|(_, count)| count)
                    .sum();
                prop_assert!(second <= 2 * rate as usize + 1, "{second} at a rate of {rate}");
            }
        }
    }
}
