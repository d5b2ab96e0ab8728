//! Seasons and days as Tokyo counts them.

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};

/// A broadcast season, counted from winter of the year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(i32);

const NAMES: [&str; 4] = ["winter", "spring", "summer", "fall"];

impl Quarter {
    /// The season of a year, by its number from 0 for winter to 3 for fall.
    pub const fn new(year: i32, number: i32) -> Self {
        Self(year * 4 + number)
    }

    /// The season a Tokyo day lies in.
    pub fn of(day: NaiveDate) -> Self {
        Self::new(day.year(), day.month0().cast_signed() / 3)
    }

    /// The season by its English name in lower case.
    pub fn named(year: i32, name: &str) -> Option<Self> {
        let number = NAMES.iter().position(|season| *season == name)?;
        Some(Self::new(year, i32::try_from(number).ok()?))
    }

    /// So many seasons later.
    pub const fn plus(self, seasons: i32) -> Self {
        Self(self.0 + seasons)
    }

    /// Seasons from `earlier` to this one.
    pub const fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// The calendar year.
    pub const fn year(self) -> i32 {
        self.0.div_euclid(4)
    }

    /// 0 for winter to 3 for fall.
    pub const fn number(self) -> usize {
        // A remainder of 4 is never negative here.
        self.0.rem_euclid(4).unsigned_abs() as usize
    }

    /// `winter` to `fall`.
    pub const fn name(self) -> &'static str {
        NAMES[self.number()]
    }

    /// The first day.
    pub fn first_day(self) -> NaiveDate {
        let month = u32::try_from(self.number()).unwrap_or_default() * 3 + 1;
        NaiveDate::from_ymd_opt(self.year(), month, 1).unwrap_or_default()
    }

    /// Its number from the first season of all, for hashing and ids.
    pub const fn ordinal(self) -> i32 {
        self.0
    }
}

/// Tokyo's clock: nine hours ahead, all year.
pub fn tokyo(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    // Unwrap safety: nine hours are a valid offset.
    #[expect(clippy::unwrap_used, reason = "nine hours are a valid offset")]
    let zone = FixedOffset::east_opt(9 * 3600).unwrap();
    at.with_timezone(&zone)
}

/// The day it is in Tokyo.
pub fn tokyo_day(at: DateTime<Utc>) -> NaiveDate {
    tokyo(at).date_naive()
}

/// The instant of a Tokyo wall-clock time.
pub fn from_tokyo(day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    Utc.from_utc_datetime(&day.and_time(time)) - TimeDelta::hours(9)
}

/// The day so many days later.
pub fn days_after(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

/// Days, with a fraction, from `start` to `at`.
pub fn days_between(start: DateTime<Utc>, at: DateTime<Utc>) -> f64 {
    (at - start).num_seconds() as f64 / 86_400.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_season_turns_at_midnight_in_tokyo() {
        let before = "2026-09-30T14:59:59Z".parse().unwrap();
        let after = "2026-09-30T15:00:00Z".parse().unwrap();
        assert_eq!(Quarter::of(tokyo_day(before)), Quarter::new(2026, 2));
        assert_eq!(Quarter::of(tokyo_day(after)), Quarter::named(2026, "fall").unwrap());
        assert_eq!(Quarter::of(tokyo_day(after)).plus(1).first_day().to_string(), "2027-01-01");
        assert_eq!(from_tokyo(tokyo_day(after), NaiveTime::MIN), after);
    }
}
