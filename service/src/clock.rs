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

/// Time that begins in the past and runs faster, until it has caught up with the present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FastForward {
    /// The simulated instant at which it begins.
    pub from: DateTime<Utc>,
    /// When it begins, by the real clock.
    pub started: DateTime<Utc>,
    /// How long a simulated day takes.
    pub day: Duration,
}

impl FastForward {
    /// The simulated instant at this real one; never past it.
    pub fn at(&self, real: DateTime<Utc>) -> DateTime<Utc> {
        let simulated = scaled(real - self.started, 86_400.0 / self.day.as_secs_f64());
        self.from.checked_add_signed(simulated).map_or(real, |at| at.min(real))
    }

    /// The first real instant at which it is this simulated one.
    pub fn when(&self, simulated: DateTime<Utc>) -> DateTime<Utc> {
        let passed = scaled(simulated - self.from, self.day.as_secs_f64() / 86_400.0);
        self.started.checked_add_signed(passed).map_or(simulated, |real| real.max(simulated))
    }
}

fn scaled(time: TimeDelta, factor: f64) -> TimeDelta {
    let micros = time.num_microseconds().unwrap_or(i64::MAX).max(0) as f64;
    // Far more than a calendar holds is as good as the present.
    TimeDelta::microseconds((micros * factor).min(9e15) as i64)
}

/// A clock whose calendar runs fast, for life beside a simulated upstream that does.
#[derive(Debug, Clone, Copy)]
pub struct FastClock(pub FastForward);

impl Clock for FastClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.at(SystemClock.now())
    }

    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }

    fn until(&self, instant: DateTime<Utc>) -> Duration {
        (self.0.when(instant) - SystemClock.now()).to_std().unwrap_or_default()
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

    fn fast() -> FastForward {
        let started: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        FastForward { from: started - TimeDelta::days(10), started, day: Duration::from_secs(60) }
    }

    #[test]
    fn fast_time_stops_at_the_present_and_goes_on_with_it() {
        let fast = fast();
        let started = fast.started;
        assert_eq!(fast.at(started), fast.from);
        assert_eq!(fast.at(started + TimeDelta::seconds(60)), fast.from + TimeDelta::days(1));
        for minutes in [10, 11, 100_000] {
            let real = started + TimeDelta::minutes(minutes);
            let at = fast.at(real);
            assert!(at <= real);
            assert_eq!(at == real, minutes > 10, "after {minutes} minutes: {at}");
        }
    }

    #[test]
    fn it_is_that_instant_then_and_not_before() {
        let fast = fast();
        for hours in [0, 1, 23, 100, 239, 300, 5_000] {
            let wanted = fast.from + TimeDelta::hours(hours);
            let when = fast.when(wanted);
            assert!((fast.at(when) - wanted).abs() <= TimeDelta::milliseconds(2), "{hours}");
            assert!(hours == 0 || fast.at(when - TimeDelta::milliseconds(10)) < wanted, "{hours}");
        }
    }

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
