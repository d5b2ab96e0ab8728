//! Whose a run is. Pure.
//!
//! A process that works on a run appends an event at least once a heartbeat. Another one leaves the run alone while it
//! sees that, and takes it over after three heartbeats of silence, measured on its own clock: what a holder's clock says does
//! not count.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use kansoku_schemas::RunId;

/// How many heartbeats of silence end a lease.
const SILENCE: u32 = 3;

/// How long one who has just found a run begun needs to know whether anybody works on it.
pub fn patience(heartbeat: Duration) -> Duration {
    heartbeat * (SILENCE + 1)
}

/// What this process has seen of runs that others work on.
#[derive(Debug, Default)]
pub struct Leases(HashMap<RunId, LastSeen>);

#[derive(Debug, Clone, Copy)]
struct LastSeen {
    last: u64,
    at: Instant,
}

impl Leases {
    /// Whether a run that another process has begun may be taken over now; `last` is the sequence of its last event.
    pub fn is_over(&mut self, run: RunId, last: u64, heartbeat: Duration, now: Instant) -> bool {
        let seen = self.0.entry(run).or_insert(LastSeen { last, at: now });
        if seen.last != last {
            *seen = LastSeen { last, at: now };
        }
        let over = now.duration_since(seen.at) >= heartbeat * SILENCE;
        if over {
            self.0.remove(&run);
        }
        over
    }

    /// The run has ended, or is ours.
    pub fn forget(&mut self, run: &RunId) {
        self.0.remove(run);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kansoku_schemas::Dataset;
    use kansoku_service::{Clock, SystemClock};

    use super::*;

    #[test]
    fn a_run_is_taken_over_after_three_silent_heartbeats() {
        let start = SystemClock.monotonic();
        let beat = Duration::from_secs(30);
        let run = RunId::scheduled("s", &Dataset::Genres, DateTime::UNIX_EPOCH);
        let mut leases = Leases::default();
        let mut over = |last, seconds| leases.is_over(run, last, beat, start + Duration::from_secs(seconds));
        assert!(!over(7, 0), "what was appended before is not known to be old");
        assert!(!over(7, 89));
        assert!(!over(8, 90), "a sign of life");
        assert!(!over(8, 179));
        assert!(over(8, 180));
        assert!(!over(9, 181), "it begins anew");
    }
}
