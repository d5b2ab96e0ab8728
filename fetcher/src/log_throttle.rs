//! In an outage, one line a minute for each cause. Pure.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// Between two lines of one cause.
const PAUSE: Duration = Duration::from_secs(60);

/// Remembers what was logged.
#[derive(Debug, Default)]
pub struct LogThrottle(HashMap<String, (Instant, u64)>);

impl LogThrottle {
    /// Whether this cause is logged now, and how often it was left out since the last time.
    pub fn should_log(&mut self, cause: &str, now: Instant) -> Option<u64> {
        match self.0.get_mut(cause) {
            Some((last, left_out)) if now.duration_since(*last) < PAUSE => {
                *left_out += 1;
                None
            }
            _ => Some(self.0.insert(cause.to_owned(), (now, 0)).map_or(0, |(_, left_out)| left_out)),
        }
    }
}

#[cfg(test)]
mod tests {
    use kansoku_service::{Clock as _, SystemClock};

    use super::*;

    #[test]
    fn one_line_a_minute_for_each_cause() {
        let (mut throttle, now) = (LogThrottle::default(), SystemClock.monotonic());
        let at = |seconds| now + Duration::from_secs(seconds);
        assert_eq!(throttle.should_log("5xx", at(0)), Some(0));
        assert_eq!(throttle.should_log("dns", at(1)), Some(0));
        assert_eq!((throttle.should_log("5xx", at(1)), throttle.should_log("5xx", at(59))), (None, None));
        assert_eq!(throttle.should_log("5xx", at(60)), Some(2));
        assert_eq!(throttle.should_log("5xx", at(61)), None);
    }
}
