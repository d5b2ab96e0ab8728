//! Which captures count: the parameters that most resources share.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Utc};
use serde::Serialize;
use utoipa::IntoParams;

use crate::{
    parameters::{Given, bad},
    problem::Failure,
    vocabulary::Catalogue,
};

/// Which captures count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Selection {
    /// The catalogue; the one with the newest capture when left out.
    #[param(inline)]
    pub catalogue: Option<Catalogue>,
    /// Only captures of this source; `/api/v1/sources` lists them.
    #[param(example = "jikan-sim")]
    pub source: Option<String>,
    /// Only captures up to this RFC 3339 instant, or up to the end of this UTC day.
    #[param(value_type = Option<String>, example = "2026-11-23")]
    pub as_of: Option<AsOf>,
}

impl Selection {
    /// Reads the shared parameters.
    ///
    /// # Errors
    /// Names the parameter that cannot be understood.
    pub fn from_given(given: &Given) -> Result<Self, Failure> {
        Ok(Self {
            catalogue: given
                .word("catalogue", &Catalogue::ALL.map(|catalogue| (catalogue.name(), catalogue)))?,
            source: given.text("source").map(Into::into),
            as_of: given.text("as_of").map(AsOf::parse).transpose()?,
        })
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

impl AsOf {
    /// Reads an instant, or a day as its last microsecond.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return last_instant(day).map(Self).ok_or_else(|| refused(text));
        }
        // A plus sign that was not escaped arrives as a space.
        let instant = DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_rfc3339(&text.replace(' ', "+")))
            .map_err(|_| refused(text))?;
        Ok(Self(instant.to_utc().trunc_subsecs(6)))
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

fn refused(text: &str) -> Failure {
    let allowed = vec!["2026-11-23".into(), "2026-11-23T18:00:00Z".into()];
    bad(
        "as_of",
        format!("{text:?} is neither a day (2026-11-23) nor an instant (2026-11-23T18:00:00Z)"),
        allowed,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        AsOf::parse(text).map_or_else(|failure| failure.to_string(), |as_of| as_of.0.to_rfc3339())
    }

    #[test]
    fn a_day_ends_with_its_last_microsecond() {
        assert_eq!(read("2026-11-23"), "2026-11-23T23:59:59.999999+00:00");
        assert_eq!(read("2026-11-23T18:00:00.1234567Z"), "2026-11-23T18:00:00.123456+00:00");
        assert_eq!(read("2026-11-23T01:00:00%2B02:00"), refused("2026-11-23T01:00:00%2B02:00").to_string());
        assert_eq!(read("2026-11-23T01:00:00 02:00"), "2026-11-22T23:00:00+00:00");
        for wrong in ["2026-13-01", "yesterday", "2026-11-23T25:00:00Z", "20261123", "2026"] {
            assert!(read(wrong).starts_with("as_of: "), "{wrong} was read as {}", read(wrong));
        }
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
