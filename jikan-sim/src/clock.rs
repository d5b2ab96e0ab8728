//! The clocks a simulator lives by; all of them can be replaced.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time.
pub type Now = Box<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Tells how long it has been since some fixed moment, and never goes back.
pub type Elapsed = Box<dyn Fn() -> Duration + Send + Sync>;

/// What the simulator takes the time from.
pub struct Clocks {
    /// The instant at which the world is looked at.
    pub now: Now,
    /// The wall clock, for the record of requests.
    pub wall: Now,
    /// The monotonic clock, for the record of requests and for the rate limits.
    pub elapsed: Elapsed,
}

impl Clocks {
    /// The machine's clocks, but for the instant at which the world is looked at.
    pub fn real(now: Now) -> Self {
        let start = moment();
        Self { now, wall: Box::new(wall), elapsed: Box::new(move || start.elapsed()) }
    }
}

/// The time it is.
#[expect(clippy::disallowed_methods, reason = "the only place where the simulator looks at a clock")]
pub fn wall() -> DateTime<Utc> {
    Utc::now()
}

#[expect(clippy::disallowed_methods, reason = "the only place where the simulator starts a stopwatch")]
fn moment() -> Instant {
    Instant::now()
}

/// Time that begins in the past and runs faster, until it has caught up with the present.
#[derive(Debug, Clone, Copy)]
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
        let passed = (real - self.started).num_microseconds().unwrap_or(i64::MAX).max(0) as f64;
        // Far more than a calendar holds is as good as the present.
        let simulated = (passed * 86_400.0 / self.day.as_secs_f64()).min(9e15) as i64;
        self.from.checked_add_signed(TimeDelta::microseconds(simulated)).map_or(real, |at| at.min(real))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_time_stops_at_the_present_and_goes_on_with_it() {
        let started: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let fast = FastForward { from: started - TimeDelta::days(10), started, day: Duration::from_secs(60) };
        assert_eq!(fast.at(started), fast.from);
        assert_eq!(fast.at(started + TimeDelta::seconds(60)), fast.from + TimeDelta::days(1));
        for minutes in [10, 11, 100_000] {
            let real = started + TimeDelta::minutes(minutes);
            let at = fast.at(real);
            assert!(at <= real);
            assert_eq!(at == real, minutes > 10, "after {minutes} minutes: {at}");
        }
    }
}
