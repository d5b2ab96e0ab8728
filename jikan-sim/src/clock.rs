//! The clocks a simulator lives by; all of them can be replaced.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

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
