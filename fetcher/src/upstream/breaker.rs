//! When a base URL is left alone because it fails. Pure; its state travels through Redis.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// When it opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// So many failures in a row open it.
    pub failures: u32,
    /// So long it stays open.
    pub open: Duration,
}

/// What is known of a base URL's failures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// Failures in a row.
    pub failures: u32,
    /// Until when nobody asks.
    pub open_until: Option<DateTime<Utc>>,
}

/// Whether one may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Yes.
    Closed,
    /// Once, to see; requests follow one another, so there is never a second one.
    HalfOpen,
    /// Not before this.
    Open(DateTime<Utc>),
}

impl Gate {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half-open",
            Self::Open(_) => "open",
        }
    }
}

impl Breaker {
    /// Whether one may ask now.
    pub fn gate(&self, now: DateTime<Utc>) -> Gate {
        match self.open_until {
            Some(until) if until > now => Gate::Open(until),
            Some(_) => Gate::HalfOpen,
            None => Gate::Closed,
        }
    }

    /// After a failure. One while it is half open opens it again.
    #[must_use]
    pub fn failed(self, now: DateTime<Utc>, rules: Rules) -> Self {
        let failures = self.failures.saturating_add(1);
        let opens = failures >= rules.failures || self.open_until.is_some();
        let until = now + TimeDelta::from_std(rules.open).unwrap_or(TimeDelta::MAX);
        Self { failures, open_until: opens.then_some(until) }
    }

    /// Of two tellings the graver one: what one process has seen, another may not have.
    #[must_use]
    pub fn graver(self, other: Self) -> Self {
        if (other.open_until, other.failures) > (self.open_until, self.failures) { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_lets_one_through_afterwards() {
        let rules = Rules { failures: 3, open: Duration::from_secs(60) };
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let two = Breaker::default().failed(at(0), rules).failed(at(1), rules);
        assert_eq!(two.gate(at(1)), Gate::Closed);
        let open = two.failed(at(2), rules);
        assert_eq!((open.gate(at(2)), open.gate(at(61))), (Gate::Open(at(62)), Gate::Open(at(62))));
        assert_eq!(open.gate(at(62)), Gate::HalfOpen);
        assert_eq!(open.failed(at(70), rules).gate(at(71)), Gate::Open(at(130)));
        assert_eq!(two.graver(open), open);
        assert_eq!(open.graver(two), open);
    }
}
