//! Slots: a capture belongs to the last instant that its cron expression names, so every process gives it the same id.

use chrono::{DateTime, TimeDelta, Utc};
use croner::Cron;
use kansoku_schemas::Dataset;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A cron expression in UTC: minute, hour, day of month, month, day of week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slots {
    text: String,
    cron: Cron,
}

impl TryFrom<String> for Slots {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let hint = "five fields such as `0 3 * * *`: minute, hour, day of month, month, day of week, in UTC";
        let five = text.split_whitespace().count() == 5;
        let cron = text.parse::<Cron>().ok().filter(|_| five);
        let cron = cron.ok_or_else(|| format!("{text:?} is no cron expression; it has {hint}"))?;
        let slots = Self { text, cron };
        match slots.next(DateTime::UNIX_EPOCH) {
            Some(_) => Ok(slots),
            None => Err(format!("{:?} names no instant at all", slots.text)),
        }
    }
}

impl From<Slots> for String {
    fn from(slots: Slots) -> Self {
        slots.text
    }
}

impl Slots {
    /// The expression.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The slot that `now` is in: the last instant named, up to now.
    pub fn slot(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.cron.find_previous_occurrence(&now, true).ok()
    }

    /// The first instant named after `now`.
    pub fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.cron.find_next_occurrence(&now, false).ok()
    }
}

/// How long after its slot begins a capture waits, at most `most`: always the same for the same capture, and different
/// for others, so that not all of the world asks on the hour.
pub fn jitter(dataset: &Dataset, slot: DateTime<Utc>, most: TimeDelta) -> TimeDelta {
    let seconds = u64::try_from(most.num_seconds()).unwrap_or_default();
    let digest = Sha256::digest(format!("{dataset} {}", slot.timestamp()));
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    TimeDelta::seconds(i64::try_from(number % (seconds + 1)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slots(text: &str) -> Result<Slots, String> {
        text.to_owned().try_into()
    }

    #[test]
    fn a_slot_begins_at_the_last_instant_named() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let daily = slots("30 3 * * *").unwrap();
        assert_eq!(daily.slot(at("2026-11-25T03:30:00Z")), Some(at("2026-11-25T03:30:00Z")));
        assert_eq!(daily.slot(at("2026-11-25T03:29:59Z")), Some(at("2026-11-24T03:30:00Z")));
        assert_eq!(daily.next(at("2026-11-25T03:30:00Z")), Some(at("2026-11-26T03:30:00Z")));
    }

    #[test]
    fn what_is_no_expression_is_refused_with_an_example() {
        for text in ["", "daily", "* * *", "0 0 3 * * *", "61 3 * * *", "0 3 30 2 *"] {
            let error = slots(text).unwrap_err();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
    }

    proptest! {
        #[test]
        fn now_is_in_its_slot(seconds in 0i64..4_000_000_000, which in 0usize..4) {
            let slots = slots(["0 3 * * *", "*/7 * * * *", "0 6 * * 1", "15 12 1 * *"][which]).unwrap();
            let now = DateTime::from_timestamp(seconds + 90 * 86_400, 0).unwrap();
            let (this, next) = (slots.slot(now).unwrap(), slots.next(now).unwrap());
            prop_assert!(this <= now && now < next);
            prop_assert_eq!(slots.slot(this), Some(this));
            prop_assert_eq!(slots.next(this), Some(next));
        }

        #[test]
        fn jitter_stays_below_its_limit(seconds in 0i64..4_000_000_000, most in 0i64..4_000) {
            let slot = DateTime::from_timestamp(seconds, 0).unwrap();
            let wait = jitter(&Dataset::Genres, slot, TimeDelta::seconds(most));
            prop_assert!(wait >= TimeDelta::zero() && wait <= TimeDelta::seconds(most));
            prop_assert_eq!(wait, jitter(&Dataset::Genres, slot, TimeDelta::seconds(most)));
        }
    }
}
