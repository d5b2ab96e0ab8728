//! In an outage, one line a minute for each cause.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Between two lines of one cause.
const PAUSE: Duration = Duration::from_secs(60);

/// Remembers what was logged in the last minute. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct LogThrottle(Arc<Mutex<HashMap<String, (Instant, u64)>>>);

impl LogThrottle {
    /// Whether this cause is logged now, and how often it was left out since the last time.
    pub fn should_log(&self, cause: &str, now: Instant) -> Option<u64> {
        // A poisoned lock holds a whole map all the same.
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |last: &Instant| now.saturating_duration_since(*last) < PAUSE;
        if let Some((last, left_out)) = logged.get_mut(cause)
            && is_recent(last)
        {
            *left_out += 1;
            return None;
        }
        let left_out = logged.remove(cause).map_or(0, |(_, left_out)| left_out);
        // Words of others may be in a cause: what was not heard for a while is forgotten.
        logged.retain(|_, (last, _)| is_recent(last));
        logged.insert(cause.to_owned(), (now, 0));
        Some(left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock as _, SystemClock};

    #[test]
    fn one_line_a_minute_for_each_cause() {
        let (throttle, now) = (LogThrottle::default(), SystemClock.monotonic());
        let at = |seconds| now + Duration::from_secs(seconds);
        assert_eq!(throttle.should_log("5xx", at(0)), Some(0));
        assert_eq!(throttle.should_log("dns", at(1)), Some(0));
        assert_eq!((throttle.should_log("5xx", at(1)), throttle.should_log("5xx", at(59))), (None, None));
        assert_eq!(throttle.clone().should_log("5xx", at(60)), Some(2));
        assert_eq!(throttle.should_log("5xx", at(61)), None);
    }

    #[test]
    fn causes_without_end_do_not_fill_the_memory() {
        let (throttle, now) = (LogThrottle::default(), SystemClock.monotonic());
        for second in 0..1_000 {
            throttle.should_log(&format!("request {second}"), now + Duration::from_secs(second));
        }
        assert!(throttle.0.lock().unwrap().len() <= 60);
    }
}
