//! How instants are written, and which of them a capture can have. Pure.

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta, TimeZone,
    Timelike, Utc,
    format::{Parsed, StrftimeItems, parse},
};

/// Forms for a person who has written the instant of a recording otherwise.
const FORMS: &str = "2026-02-15T00:09:43Z, 2026-02-15 09:09:43+09:00, Sun, 15 Feb 2026 00:09:43 GMT, or 2026-02-15 \
                     for its midnight UTC";
/// How far ahead of ours a recording's clock may be.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// Nobody counted before: MyAnimeList began in November 2004.
const FIRST_YEAR: i32 = 2004;

/// Why a text, or an instant, is none that a capture could have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NoInstant {
    Unreadable,
    NoZone,
    /// A 61st second, which no table has: it would pass for the minute after it.
    LeapSecond,
    TooEarly,
    Future,
}

impl NoInstant {
    /// Its name in a closing table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unreadable | Self::NoZone => "no instant",
            Self::LeapSecond => "a leap second",
            Self::TooEarly => "before 2004",
            Self::Future => "captured in the future",
        }
    }

    /// What is wrong with a recording whose instant is written so.
    pub(crate) fn words(self, text: &str) -> String {
        match self {
            Self::Unreadable => format!("has the date {text:?}, and an instant is such as {FORMS}"),
            Self::NoZone => format!("has the date {text:?} without a zone: write +00:00 or Z behind it"),
            Self::LeapSecond => format!("has the date {text:?}, a leap second: no table has it"),
            Self::TooEarly => format!("has the date {text:?}, before 2004, when MyAnimeList began: mend it"),
            Self::Future => {
                format!("has the date {text:?}, ahead of this machine's clock: set that, or import it then")
            }
        }
    }
}

pub(crate) fn is_leap(at: DateTime<Utc>) -> bool {
    at.nanosecond() >= 1_000_000_000
}

/// Refuses an instant that no capture can have.
pub(crate) fn check(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, NoInstant> {
    match at {
        at if is_leap(at) => Err(NoInstant::LeapSecond),
        at if at > now + AHEAD => Err(NoInstant::Future),
        at if at.year() < FIRST_YEAR => Err(NoInstant::TooEarly),
        at => Ok(at),
    }
}

/// Reads the instant of a recording. A date alone is its midnight UTC, as days are UTC.
pub(crate) fn read(text: &str) -> Result<DateTime<Utc>, NoInstant> {
    let text = text.trim();
    let zoned = text.parse::<DateTime<FixedOffset>>().or_else(|_| DateTime::parse_from_rfc2822(text));
    if let Ok(at) = zoned {
        return Ok(at.to_utc());
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(day.and_time(NaiveTime::MIN).and_utc());
    }
    let is_local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"]
        .iter()
        .any(|form| NaiveDateTime::parse_from_str(text, form).is_ok());
    Err(if is_local { NoInstant::NoZone } else { NoInstant::Unreadable })
}

/// How a history writes its instants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    Rfc3339,
    Unix,
    UnixMs,
    /// A pattern of `strftime`; where that holds no offset from UTC, in this zone.
    Pattern(String, Option<FixedOffset>),
}

impl Form {
    /// The form that a map names; in words why it will not do.
    pub(crate) fn new(format: Option<&str>, zone: Option<&str>) -> Result<Self, String> {
        let no_zone = |zone| format!("zone: {zone:?} is no offset from UTC, such as UTC, +09:00 or -05:30");
        let offset = zone.map(|zone| offset(zone).ok_or_else(|| no_zone(zone))).transpose()?;
        let form = match format {
            None | Some("rfc3339") => Self::Rfc3339,
            Some("unix") => Self::Unix,
            Some("unix_ms") => Self::UnixMs,
            Some(pattern) => return Self::pattern(pattern, offset),
        };
        match zone {
            None => Ok(form),
            Some(_) => {
                Err("zone: these instants hold their zone: leave it out, or give a pattern".to_owned())
            }
        }
    }

    fn pattern(pattern: &str, zone: Option<FixedOffset>) -> Result<Self, String> {
        if StrftimeItems::new(pattern).parse().is_err() {
            return Err(format!("{pattern:?} is no pattern of strftime, such as %Y-%m-%d %H:%M"));
        }
        let sample = FixedOffset::east_opt(3600)
            .and_then(|zone| zone.with_ymd_and_hms(2026, 11, 23, 13, 37, 0).single())
            .unwrap_or_default();
        let read = parsed(pattern, &sample.format(pattern).to_string());
        let Some((_, offset)) = read.filter(|(read, _)| read.date() == sample.date_naive()) else {
            return Err(format!("{pattern:?} holds no whole date, or a part of a time of day"));
        };
        match (offset, zone) {
            (Some(_), Some(_)) => Err(format!("{pattern:?} holds the zone already: leave zone out")),
            (None, None) => {
                Err(format!("{pattern:?} holds no zone: say zone = \"UTC\", or such as \"+09:00\""))
            }
            _ => Ok(Self::Pattern(pattern.to_owned(), zone)),
        }
    }

    /// The instant that is written, in the microseconds that the tables keep.
    pub(crate) fn read(&self, text: &str) -> Option<DateTime<Utc>> {
        let at = match self {
            Self::Rfc3339 => DateTime::parse_from_rfc3339(text).ok()?.to_utc(),
            // Microseconds of this century are far below the 53 bits that are exact.
            Self::Unix => DateTime::from_timestamp_micros((text.parse::<f64>().ok()? * 1e6).round() as i64)?,
            Self::UnixMs => DateTime::from_timestamp_millis(text.parse().ok()?)?,
            Self::Pattern(pattern, zone) => {
                let (local, offset) = parsed(pattern, text)?;
                offset.or(*zone)?.from_local_datetime(&local).single()?.to_utc()
            }
        };
        Some(at.trunc_subsecs(6))
    }

    /// The form in words, for a person whose instants do not read.
    pub(crate) fn words(&self) -> &str {
        match self {
            Self::Rfc3339 => "RFC 3339, such as 2026-02-15T00:09:43Z",
            Self::Unix => "seconds since 1970",
            Self::UnixMs => "milliseconds since 1970",
            Self::Pattern(pattern, _) => pattern,
        }
    }
}

/// A zone by its offset from UTC: names of places stand for offsets that change, and for some instants two.
fn offset(text: &str) -> Option<FixedOffset> {
    match text {
        "UTC" | "Z" => FixedOffset::east_opt(0),
        _ => text.parse().ok().filter(|_| text.starts_with(['+', '-'])),
    }
}

/// Date and time as a pattern finds them, and the offset if it holds one. A pattern without a time of day means midnight.
fn parsed(pattern: &str, text: &str) -> Option<(NaiveDateTime, Option<FixedOffset>)> {
    let mut found = Parsed::new();
    parse(&mut found, text, StrftimeItems::new(pattern)).ok()?;
    let clock = [found.hour_div_12(), found.hour_mod_12(), found.minute(), found.second()];
    let time = match clock {
        [None, None, None, None] => NaiveTime::MIN,
        _ => found.to_naive_time().ok()?,
    };
    let offset = match found.offset() {
        Some(seconds) => Some(FixedOffset::east_opt(seconds)?),
        None => None,
    };
    Some((found.to_naive_date().ok()?.and_time(time), offset))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_of_a_recording_is_taken_and_none_without_its_zone() {
        for (text, taken) in [
            ("2026-02-15T00:09:43Z", Ok("2026-02-15T00:09:43+00:00")),
            ("2026-02-15 09:09:43+09:00", Ok("2026-02-15T00:09:43+00:00")),
            ("Sun, 15 Feb 2026 00:09:43 GMT", Ok("2026-02-15T00:09:43+00:00")),
            ("Sun, 15 Feb 2026 09:09:43 +0900", Ok("2026-02-15T00:09:43+00:00")),
            ("2022-02-19", Ok("2022-02-19T00:00:00+00:00")),
            ("2026-02-15T00:09:43", Err(NoInstant::NoZone)),
            ("2026-02-15 00:09", Err(NoInstant::NoZone)),
            ("2022-02-17 (commit date)", Err(NoInstant::Unreadable)),
            ("1771114183", Err(NoInstant::Unreadable)),
        ] {
            assert_eq!(read(text).map(|at| at.to_rfc3339()), taken.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn every_form_of_a_history_reads_its_own_and_nothing_else() {
        let pattern = |pattern: &str, zone| Form::new(Some(pattern), zone).unwrap();
        let tokyo = pattern("%d.%m.%Y %H:%M", Some("+09:00"));
        for (form, text, instant) in [
            (&Form::Rfc3339, "2026-02-15T09:09:43.1234567+09:00", Some("2026-02-15T00:09:43.123456Z")),
            (&Form::Rfc3339, "2026-02-15", None),
            (&Form::Rfc3339, "", None),
            (&Form::Unix, "1771114183", Some("2026-02-15T00:09:43Z")),
            (&Form::Unix, "1771114183.5", Some("2026-02-15T00:09:43.500Z")),
            (&Form::Unix, "99999999999999999", None),
            (&Form::UnixMs, "1771114183500", Some("2026-02-15T00:09:43.500Z")),
            (&Form::UnixMs, "soon", None),
            (&tokyo, "15.02.2026 09:09", Some("2026-02-15T00:09:00Z")),
            (&tokyo, "15.02.2026 08:59", Some("2026-02-14T23:59:00Z")),
            (&tokyo, "2026-02-15 09:09", None),
            (&tokyo, "31.02.2026 09:09", None),
            (&pattern("%Y-%m-%d", Some("UTC")), "2026-02-15", Some("2026-02-15T00:00:00Z")),
            (&pattern("%Y-%m-%d", Some("+09:00")), "2026-02-15", Some("2026-02-14T15:00:00Z")),
            (
                &pattern("%b %e, %Y %I:%M %p", Some("-05:30")),
                "Feb  5, 2026 11:15 PM",
                Some("2026-02-06T04:45:00Z"),
            ),
            (&pattern("%Y%m%d%H%M%S%z", None), "20260215090943+0900", Some("2026-02-15T00:09:43Z")),
        ] {
            let read = form.read(text).map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
            assert_eq!(read.as_deref(), instant, "{text:?} as {form:?}");
        }
    }

    #[test]
    fn a_form_that_tells_no_instant_is_refused() {
        for (pattern, zone, words) in [
            ("%Q", Some("UTC"), "is no pattern of strftime"),
            ("%m/%d", Some("UTC"), "no whole date"),
            ("%Y-%m-%d %H", Some("UTC"), "a part of a time of day"),
            ("%H:%M", Some("UTC"), "no whole date"),
            ("yesterday", Some("UTC"), "no whole date"),
            ("%Y-%m-%d", None, "holds no zone: say zone = \"UTC\""),
            ("%Y-%m-%d %H:%M %z", Some("UTC"), "holds the zone already"),
            ("unix", Some("UTC"), "hold their zone"),
        ] {
            let error = Form::new(Some(pattern), zone).unwrap_err();
            assert!(error.contains(words), "{pattern}: {error}");
        }
        for none in ["", "Asia/Tokyo", "JST", "9", "+25:00", "09:00"] {
            assert!(Form::new(Some("%Y-%m-%d"), Some(none)).unwrap_err().contains("no offset"), "{none}");
        }
    }

    #[test]
    fn an_instant_lies_between_the_first_count_and_now_and_in_no_leap_second() {
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        let local = Form::new(Some("%Y-%m-%d %H:%M:%S"), Some("+09:00")).unwrap();
        for (form, text, expected) in [
            (&Form::Rfc3339, "2026-11-01T00:05:00Z", None),
            (&Form::Rfc3339, "2026-11-01T00:05:01Z", Some(NoInstant::Future)),
            (&Form::Rfc3339, "2004-01-01T00:00:00Z", None),
            (&Form::Rfc3339, "2003-12-31T23:59:59Z", Some(NoInstant::TooEarly)),
            (&Form::Unix, "1771114183000", Some(NoInstant::Future)),
            (&Form::UnixMs, "1771114183", Some(NoInstant::TooEarly)),
            (&Form::Rfc3339, "2016-12-31T23:59:60Z", Some(NoInstant::LeapSecond)),
            (&Form::Rfc3339, "2026-02-15T00:09:60.5+01:00", Some(NoInstant::LeapSecond)),
            (&local, "2017-01-01 08:59:60", Some(NoInstant::LeapSecond)),
            (&local, "2017-01-01 08:59:59", None),
        ] {
            assert_eq!(check(form.read(text).unwrap(), now).err(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_a_pattern_writes_it_reads(seconds in 1_072_915_200_i64..3_000_000_000, hours in -12_i32..14) {
            let zone = FixedOffset::east_opt(hours * 3600).unwrap();
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            for pattern in ["%Y-%m-%d %H:%M:%S", "%d.%m.%y, %I:%M:%S %p", "%s"] {
                let text = at.with_timezone(&zone).format(pattern).to_string();
                if let Ok(form) = Form::pattern(pattern, Some(zone)) {
                    prop_assert_eq!(form.read(&text), Some(at), "{} by {}", text, pattern);
                }
            }
            prop_assert_eq!(Form::Unix.read(&seconds.to_string()), Some(at));
        }

        #[test]
        fn no_text_panics_a_form(text: String, pattern: String) {
            let _ = (read(&text), Form::Rfc3339.read(&text), Form::Unix.read(&text), Form::UnixMs.read(&text));
            if let Ok(form) = Form::new(Some(&pattern), Some("UTC")) {
                let _ = form.read(&text);
            }
        }
    }
}
