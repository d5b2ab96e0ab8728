//! `[fast]`: a calendar that runs fast, for life beside a simulated upstream that does.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use kansoku_service::{Clock, FastClock, FastForward};
use serde::{Deserialize, Serialize};

use crate::settings::Upstream;

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

    /// The key that will not do, and why.
    pub fn check(&self, upstreams: &[Upstream]) -> Result<(), (&'static str, &'static str)> {
        if self.day_ms == 0 {
            return Err(("fast.day_ms", "must be at least 1"));
        }
        if self.from > self.started {
            return Err(("fast.from", "must not be after fast.started: nothing is captured in the future"));
        }
        if !upstreams.iter().all(Upstream::is_loopback) {
            return Err(("fast", "is for simulated upstreams on this machine only"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kansoku_schemas::Catalogue;

    use super::*;

    #[test]
    fn only_a_simulated_upstream_can_live_fast() {
        let started: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let fast = FastSettings { from: started - chrono::TimeDelta::days(1), started, day_ms: 60_000 };
        let upstream = |url: &str| [Upstream::new(url, "x", Catalogue::Sample)];
        assert_eq!(fast.check(&upstream("http://127.0.0.1:7450/v4")), Ok(()));
        let key = |fast: FastSettings, url: &str| fast.check(&upstream(url)).unwrap_err().0;
        assert_eq!(key(fast, "https://api.example.org/v4"), "fast");
        assert_eq!(key(FastSettings { day_ms: 0, ..fast }, "http://127.0.0.1/v4"), "fast.day_ms");
        let future = FastSettings { from: started + chrono::TimeDelta::days(1), ..fast };
        assert_eq!(key(future, "http://127.0.0.1/v4"), "fast.from");
    }
}
