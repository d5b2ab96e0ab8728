//! `[fast]`: a calendar that begins in the past and runs faster, until it has caught up with the present. For life beside a
//! simulated upstream that does.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{Clock, ConfigError, SystemClock};

const DAY_MS: u64 = 86_400_000;

/// A clock whose calendar runs fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FastClock {
    /// The simulated instant at which it begins.
    pub from: DateTime<Utc>,
    /// When that is, by the real clock.
    pub started: DateTime<Utc>,
    /// How long a simulated day takes, in milliseconds.
    pub day_ms: u64,
}

/// Reads how long a simulated day takes, such as 60s, 2min, 1h or 500ms, as milliseconds.
///
/// # Errors
/// When it is no duration, none at all, or no faster than a day.
pub fn parse_day(text: &str) -> Result<u64, String> {
    let day = humantime::parse_duration(text).ok().and_then(|day| u64::try_from(day.as_millis()).ok());
    day.filter(|millis| (1..DAY_MS).contains(millis)).ok_or_else(|| {
        "how long a simulated day takes looks like 60s, 2min, 1h or 500ms, and is less than a day".to_owned()
    })
}

/// As [`parse_day`] reads it again.
pub fn day_words(day_ms: u64) -> String {
    humantime::format_duration(Duration::from_millis(day_ms)).to_string().replace(' ', "")
}

impl FastClock {
    /// The simulated instant at this real one; never past it.
    pub fn at(&self, real: DateTime<Utc>) -> DateTime<Utc> {
        let simulated = scaled(real - self.started, DAY_MS, self.day_ms);
        self.from.checked_add_signed(simulated).map_or(real, |at| at.min(real))
    }

    /// The first real instant at which it is this simulated one.
    pub fn when(&self, simulated: DateTime<Utc>) -> DateTime<Utc> {
        let passed = scaled(simulated - self.from, self.day_ms, DAY_MS);
        self.started.checked_add_signed(passed).map_or(simulated, |real| real.max(simulated))
    }

    /// The real instant at which it has caught up: it gains a day less its own length in each of its days.
    pub fn caught_up(&self) -> DateTime<Utc> {
        let gains = DAY_MS.saturating_sub(self.day_ms).max(1);
        self.started + scaled(self.started - self.from, self.day_ms, gains)
    }

    /// As a clock among others.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(*self)
    }

    /// Refuses what no calendar is.
    ///
    /// # Errors
    /// The key whose value will not do.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.day_ms == 0 {
            return Err(ConfigError::new("fast.day_ms", "must be at least 1"));
        }
        if self.from > self.started {
            let problem = "must not be after fast.started: nothing is captured in the future";
            return Err(ConfigError::new("fast.from", problem));
        }
        Ok(())
    }
}

impl Clock for FastClock {
    fn now(&self) -> DateTime<Utc> {
        self.at(SystemClock.now())
    }

    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }

    fn until(&self, instant: DateTime<Utc>) -> Duration {
        (self.when(instant) - SystemClock.now()).to_std().unwrap_or_default()
    }
}

/// `time` · `by` / `of`; none where it is negative.
fn scaled(time: TimeDelta, by: u64, of: u64) -> TimeDelta {
    let micros = time.num_microseconds().unwrap_or(i64::MAX).max(0) as f64;
    // Far more than a calendar holds is as good as the present.
    TimeDelta::microseconds((micros * by as f64 / of as f64).min(9e15) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fast(days: i64, day_ms: u64) -> FastClock {
        let started: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        FastClock { from: started - TimeDelta::days(days), started, day_ms }
    }

    #[test]
    fn it_stops_at_the_present_and_goes_on_with_it() {
        let fast = fast(10, 60_000);
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
        let fast = fast(10, 60_000);
        for hours in [0, 1, 23, 100, 239, 300, 5_000] {
            let wanted = fast.from + TimeDelta::hours(hours);
            let when = fast.when(wanted);
            assert!((fast.at(when) - wanted).abs() <= TimeDelta::milliseconds(2), "{hours}");
            assert!(hours == 0 || fast.at(when - TimeDelta::milliseconds(10)) < wanted, "{hours}");
        }
    }

    #[test]
    fn it_catches_up_when_it_has_gained_all_that_it_was_behind() {
        for (day_ms, seconds) in [(60_000, 600), (43_200_000, 864_000)] {
            let fast = fast(10, day_ms);
            let takes = (fast.caught_up() - fast.started).num_seconds();
            assert!((seconds..seconds + 2).contains(&takes), "{day_ms}: {takes}");
        }
    }

    #[test]
    fn the_length_of_a_day_is_read_and_said_as_people_write_it() {
        for (text, millis) in
            [("60s", 60_000), ("2m", 120_000), ("2min", 120_000), ("1h", 3_600_000), ("500ms", 500)]
        {
            assert_eq!(parse_day(text), Ok(millis));
            assert_eq!(parse_day(&day_words(millis)), Ok(millis));
        }
        for wrong in ["", "60", "s", "0s", "-1s", "24h", "2d", "99999999999999999999h", "9999999999999999h"] {
            assert!(parse_day(wrong).unwrap_err().contains("60s, 2min, 1h"), "{wrong}");
        }
        assert_eq!([500, 60_000, 90_000, 7_200_000].map(day_words), ["500ms", "1m", "1m30s", "2h"]);
    }

    #[test]
    fn what_no_calendar_is_is_refused() {
        let fast = fast(1, 60_000);
        assert_eq!(fast.check(), Ok(()));
        assert_eq!(FastClock { day_ms: 0, ..fast }.check().unwrap_err().key, "fast.day_ms");
        let future = FastClock { from: fast.started + TimeDelta::days(1), ..fast };
        assert_eq!(future.check().unwrap_err().key, "fast.from");
    }
}
