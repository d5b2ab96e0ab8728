//! Time, as a parameter.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time. What decides never has one: it is given instants.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The calendar time. It may jump, in both directions.
    fn now(&self) -> DateTime<Utc>;

    /// A time that only goes forward, to measure durations with.
    fn monotonic(&self) -> Instant;

    /// How long to wait for an instant of the calendar; no time at all for one that has passed.
    fn until(&self, instant: DateTime<Utc>) -> Duration {
        (instant - self.now()).to_std().unwrap_or_default()
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        SystemTime::now().into()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn monotonic(&self) -> Instant {
        Instant::now()
    }
}

/// A clock that a test moves by hand.
#[derive(Debug)]
pub struct ManualClock {
    start: (DateTime<Utc>, Instant),
    passed: Mutex<Duration>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { start: (now, SystemClock.monotonic()), passed: Mutex::default() }
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    fn passed(&self) -> Duration {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.start.0 + TimeDelta::from_std(self.passed()).unwrap_or(TimeDelta::MAX)
    }

    fn monotonic(&self) -> Instant {
        self.start.1 + self.passed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_both_times_alike() {
        let noon = DateTime::UNIX_EPOCH + TimeDelta::hours(12);
        let clock = ManualClock::new(noon);
        let before = clock.monotonic();
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now(), noon + TimeDelta::seconds(90));
        assert_eq!(clock.monotonic() - before, Duration::from_secs(90));
    }
}
