//! In an outage, one line a minute for each cause. Pure.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// Between two lines of one cause.
const PAUSE: Duration = Duration::from_secs(60);

/// Remembers what was said.
#[derive(Debug, Default)]
pub struct Quiet(HashMap<String, (Instant, u64)>);

impl Quiet {
    /// Whether this cause is said now, and how often it was passed over since it was last said.
    pub fn speaks(&mut self, cause: &str, now: Instant) -> Option<u64> {
        match self.0.get_mut(cause) {
            Some((last, passed)) if now.duration_since(*last) < PAUSE => {
                *passed += 1;
                None
            }
            _ => Some(self.0.insert(cause.to_owned(), (now, 0)).map_or(0, |(_, passed)| passed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use kansoku_service::{Clock as _, SystemClock};

    use super::*;

    #[test]
    fn one_line_a_minute_for_each_cause() {
        let (mut quiet, now) = (Quiet::default(), SystemClock.monotonic());
        let at = |seconds| now + Duration::from_secs(seconds);
        assert_eq!(quiet.speaks("5xx", at(0)), Some(0));
        assert_eq!(quiet.speaks("dns", at(1)), Some(0));
        assert_eq!((quiet.speaks("5xx", at(1)), quiet.speaks("5xx", at(59))), (None, None));
        assert_eq!(quiet.speaks("5xx", at(60)), Some(2));
        assert_eq!(quiet.speaks("5xx", at(61)), None);
    }
}
