//! `[fast]`: a calendar that runs fast, for life beside a simulated upstream that does.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{Clock, ConfigError, FastClock, FastForward};

const DAY_MS: f64 = 86_400_000.0;

/// When it begins, and how fast it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FastSettings {
    /// The simulated instant at which it begins.
    pub from: DateTime<Utc>,
    /// When that is, by the real clock.
    pub started: DateTime<Utc>,
    /// How long a simulated day takes, in milliseconds.
    pub day_ms: u64,
}

impl FastSettings {
    /// The clock.
    pub fn clock(&self) -> Arc<dyn Clock> {
        let Self { from, started, day_ms } = *self;
        Arc::new(FastClock(FastForward { from, started, day: Duration::from_millis(day_ms) }))
    }

    /// The real instant at which it has caught up: it gains a day less its own length in each of its days.
    pub fn caught_up(&self) -> DateTime<Utc> {
        let (behind, day) = ((self.started - self.from).num_milliseconds(), self.day_ms as f64);
        let takes = behind as f64 * day / (DAY_MS - day).max(1.0);
        self.started + TimeDelta::milliseconds(takes as i64)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_in_the_past_and_takes_its_time() {
        let started: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let fast = FastSettings { from: started - TimeDelta::days(1), started, day_ms: 60_000 };
        assert_eq!(fast.check(), Ok(()));
        assert_eq!(FastSettings { day_ms: 0, ..fast }.check().unwrap_err().key, "fast.day_ms");
        let future = FastSettings { from: started + TimeDelta::days(1), ..fast };
        assert_eq!(future.check().unwrap_err().key, "fast.from");
    }

    #[test]
    fn it_catches_up_when_it_has_gained_all_that_it_was_behind() {
        let started: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        for (day_ms, seconds) in [(60_000, 600), (43_200_000, 864_000)] {
            let fast = FastSettings { from: started - TimeDelta::days(10), started, day_ms };
            let takes = (fast.caught_up() - started).num_seconds();
            assert!((seconds..seconds + 2).contains(&takes), "{day_ms}: {takes}");
        }
    }
}
