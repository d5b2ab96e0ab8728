//! When a dataset is captured. Pure.

use chrono::{DateTime, Utc};

/// The slot that `now` is in: slots of `every_hours` hours begin at midnight UTC of 1970-01-01, so that every process
/// names the same ones.
pub fn slot(now: DateTime<Utc>, every_hours: u32) -> DateTime<Utc> {
    let length = i64::from(every_hours) * 3_600;
    let start = now.timestamp().div_euclid(length) * length;
    DateTime::from_timestamp(start, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

/// When the next slot begins.
pub fn next_slot(now: DateTime<Utc>, every_hours: u32) -> DateTime<Utc> {
    slot(now, every_hours) + chrono::TimeDelta::hours(i64::from(every_hours))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn now_is_in_its_slot(seconds in 0i64..4_000_000_000, every in 1u32..=672) {
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            let (this, next) = (slot(now, every), next_slot(now, every));
            prop_assert!(this <= now && now < next);
            prop_assert_eq!(slot(this, every), this);
            prop_assert_eq!(slot(next, every), next);
        }
    }
}
