//! Which captures count: the parameters that most resources share.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Utc};
use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::{
    parameters::{Refusal, Value, parameters},
    vocabulary::Catalogue,
};

parameters! {
    /// Which captures count.
    #[derive(Default)]
    pub struct Selection {
        /// The catalogue; the one with the newest capture when left out.
        query catalogue: Option<Catalogue>,
        /// Only captures of this source; `/api/v1/sources` lists them.
        query source: Option<String>,
        /// Only captures up to this RFC 3339 instant, or up to the end of this UTC day.
        query as_of: Option<AsOf>,
    }
}

parameters! {
    /// Which titles count, where captures play no part.
    pub struct CatalogueOnly {
        /// The catalogue; the one with the newest capture when left out.
        query catalogue: Option<Catalogue>,
    }
}

impl From<CatalogueOnly> for Selection {
    fn from(only: CatalogueOnly) -> Self {
        Self { catalogue: only.catalogue, ..Self::default() }
    }
}

/// The last instant that counts, in whole microseconds as the database keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct AsOf(pub DateTime<Utc>);

/// The days to look at, for a database that keeps the last observation of each day apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first day that counts as a whole.
    pub whole_from: NaiveDate,
    /// The last one; before the first where none does.
    pub whole_until: NaiveDate,
    /// The start of the day that counts in part; after `rest_until` where no day does.
    pub rest_from: DateTime<Utc>,
    /// The end of the part that counts.
    pub rest_until: DateTime<Utc>,
}

/// Read from an instant, or from a day as its last microsecond.
impl Value for AsOf {
    fn parse(text: &str) -> Result<Self, Refusal> {
        if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return last_instant(day)
                .filter(|_| YEARS.contains(&day.year()))
                .map(Self)
                .ok_or_else(|| refused(text));
        }
        // A plus sign that was not escaped arrives as a space.
        let instant = DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_rfc3339(&text.replace(' ', "+")))
            .map_err(|_| refused(text))?;
        let instant = instant.to_utc().trunc_subsecs(6);
        if YEARS.contains(&instant.year()) { Ok(Self(instant)) } else { Err(refused(text)) }
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).examples(["2026-11-23"])
    }
}

impl AsOf {
    /// The one instant that stands for all that have the same captures behind them: the newest capture's, or the end of its
    /// day where that has passed; the day before the oldest one where no capture has been made by then.
    #[must_use]
    pub fn canonical(self, newest: Option<DateTime<Utc>>, oldest: Option<DateTime<Utc>>) -> Self {
        let Some(newest) = newest else {
            let before = oldest.and_then(|at| at.date_naive().pred_opt()).unwrap_or(FIRST_DAY);
            return last_instant(before).map_or(self, Self);
        };
        match last_instant(newest.date_naive()) {
            Some(end) if end <= self.0 => Self(end),
            _ => Self(newest),
        }
    }

    /// The days that count up to this instant.
    pub fn window(self) -> Window {
        let day = self.0.date_naive();
        if last_instant(day) == Some(self.0) {
            return Window { whole_until: day, ..Window::open() };
        }
        Window {
            whole_from: FIRST_DAY,
            whole_until: day.checked_sub_days(Days::new(1)).unwrap_or(FIRST_DAY),
            rest_from: day.and_time(NaiveTime::MIN).and_utc(),
            rest_until: self.0,
        }
    }
}

impl Window {
    /// Every day there is.
    pub fn open() -> Self {
        Self {
            whole_from: FIRST_DAY,
            whole_until: LAST_DAY,
            rest_from: DateTime::UNIX_EPOCH,
            rest_until: DateTime::UNIX_EPOCH - TimeDelta::microseconds(1),
        }
    }
}

impl Window {
    /// The same, without the days before the first capture and after the last: a source that has not looked for years
    /// would be searched for on every day since.
    #[must_use]
    pub fn within(self, first: Option<DateTime<Utc>>, last: Option<DateTime<Utc>>) -> Self {
        let (Some(first), Some(last)) = (first, last) else {
            return Self { whole_from: LAST_DAY, whole_until: FIRST_DAY, ..Self::open() };
        };
        Self {
            whole_from: self.whole_from.max(first.date_naive()),
            whole_until: self.whole_until.min(last.date_naive()),
            ..self
        }
    }
}

fn last_instant(day: NaiveDate) -> Option<DateTime<Utc>> {
    Some(day.succ_opt()?.and_time(NaiveTime::MIN).and_utc() - TimeDelta::microseconds(1))
}

/// Years that are not written with four digits are beyond what the API reads, so no capture has one.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).expect("a day");
const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day");
const YEARS: RangeInclusive<i32> = 1..=9999;

fn refused(text: &str) -> Refusal {
    Refusal {
        message: format!("{text:?} is neither a day (2026-11-23) nor an instant (2026-11-23T18:00:00Z)"),
        allowed: vec!["2026-11-23".into(), "2026-11-23T18:00:00Z".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        AsOf::parse(text).map_or_else(|refusal| refusal.message, |as_of| as_of.0.to_rfc3339())
    }

    #[test]
    fn a_day_ends_with_its_last_microsecond() {
        assert_eq!(read("2026-11-23"), "2026-11-23T23:59:59.999999+00:00");
        assert_eq!(read("2026-11-23T18:00:00.1234567Z"), "2026-11-23T18:00:00.123456+00:00");
        assert_eq!(read("2026-11-23T01:00:00%2B02:00"), refused("2026-11-23T01:00:00%2B02:00").message);
        assert_eq!(read("2026-11-23T01:00:00 02:00"), "2026-11-22T23:00:00+00:00");
        let far = ["-4713-01-01", "0000-12-31", "+10000-01-01", "0000-12-31T23:59:59Z"];
        for wrong in
            ["2026-13-01", "yesterday", "2026-11-23T25:00:00Z", "20261123", "2026"].into_iter().chain(far)
        {
            assert!(read(wrong).contains("is neither a day"), "{wrong} was read as {}", read(wrong));
        }
    }

    #[test]
    fn instants_with_the_same_captures_behind_them_are_one() {
        let at = |text: &str| AsOf::parse(text).expect("an instant");
        let captured = |text: &str| Some(at(text).0);
        let oldest = captured("2026-11-10T04:00:00Z");
        let canonical = |asked: &str, newest: Option<&str>| {
            at(asked).canonical(newest.map(|text| at(text).0), oldest).0.to_rfc3339()
        };
        let noon = Some("2026-11-13T04:00:00.5Z");
        assert_eq!(canonical("2026-11-13T04:30:00.000001Z", noon), "2026-11-13T04:00:00.500+00:00");
        assert_eq!(canonical("2026-11-13", noon), "2026-11-13T23:59:59.999999+00:00");
        assert_eq!(canonical("2026-12-24T01:02:03Z", noon), "2026-11-13T23:59:59.999999+00:00");
        assert_eq!(canonical("2001-01-01", None), "2026-11-09T23:59:59.999999+00:00");
        assert_eq!(canonical("2026-11-10T03:59:59Z", None), "2026-11-09T23:59:59.999999+00:00");
        assert_eq!(at("2026-11-10").canonical(None, None), at("2001-01-01").canonical(None, None));
    }

    #[test]
    fn a_whole_day_needs_no_part_and_an_instant_does() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let whole = AsOf::parse("2026-11-23").expect("a day").window();
        assert_eq!(whole.whole_until, day("2026-11-23"));
        assert!(whole.rest_from > whole.rest_until);
        let part = AsOf::parse("2026-11-23T18:00:00Z").expect("an instant").window();
        assert_eq!(part.whole_until, day("2026-11-22"));
        assert_eq!(part.rest_from.to_rfc3339(), "2026-11-23T00:00:00+00:00");
        assert_eq!(part.rest_until.to_rfc3339(), "2026-11-23T18:00:00+00:00");
    }
}
