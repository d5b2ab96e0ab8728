//! How instants are written, and reading them.

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta, TimeZone, Utc,
    format::{Item, Parsed, StrftimeItems, parse},
};

use crate::import::{
    forms::is_leap,
    plan::{AHEAD, FIRST_YEAR, LEAP_SECOND, NO_INSTANT, TOO_EARLY},
};

/// How instants are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// `2026-02-15T00:09:43Z`.
    Rfc3339,
    /// Seconds since 1970, with or without a fraction.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// By a pattern of `strftime`; where that holds no offset from UTC, in this zone.
    Pattern {
        /// The pattern.
        pattern: String,
        /// The zone.
        zone: Option<FixedOffset>,
    },
}

/// Why a line has no instant that it could be kept at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoInstant {
    /// What is written is none.
    Unreadable,
    /// It lies in a 61st second, which no table has: it would pass for the minute after it.
    LeapSecond,
    /// It lies before anybody counted.
    TooEarly,
    /// It has not come yet.
    Future,
}

impl NoInstant {
    /// Its name in the closing table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => NO_INSTANT,
            Self::LeapSecond => LEAP_SECOND,
            Self::TooEarly => TOO_EARLY,
            Self::Future => "captured in the future",
        }
    }
}

impl Form {
    /// A pattern with its zone; in words why it will not do.
    pub fn pattern(pattern: &str, zone: Option<FixedOffset>) -> Result<Self, String> {
        if StrftimeItems::new(pattern).any(|item| item == Item::Error) {
            return Err(format!("{pattern:?} is no pattern of strftime, such as %Y-%m-%d %H:%M"));
        }
        let sample = FixedOffset::east_opt(3600)
            .and_then(|zone| zone.with_ymd_and_hms(2026, 11, 23, 13, 37, 0).single())
            .map(|sample| (sample, sample.format(pattern).to_string()));
        let read = sample.as_ref().and_then(|(_, text)| parsed(pattern, text));
        let (Some((sample, _)), Some((read, offset))) = (sample, read) else {
            return Err(format!("{pattern:?} holds no whole date, or a part of a time of day"));
        };
        if read.date() != sample.date_naive() {
            return Err(format!("{pattern:?} does not tell one day from another"));
        }
        match (offset.is_some(), zone.is_some()) {
            (true, true) => Err(format!("{pattern:?} holds the zone already: leave zone out")),
            (false, false) => {
                Err(format!("{pattern:?} holds no zone: say zone = \"UTC\", or such as \"+09:00\""))
            }
            _ => Ok(Self::Pattern { pattern: pattern.to_owned(), zone }),
        }
    }

    /// The instant that is written, in the microseconds that the tables keep.
    pub fn read(&self, text: &str) -> Result<DateTime<Utc>, NoInstant> {
        let at = self.written(text).ok_or(NoInstant::Unreadable)?;
        if is_leap(at) {
            return Err(NoInstant::LeapSecond);
        }
        Ok(at.trunc_subsecs(6))
    }

    fn written(&self, text: &str) -> Option<DateTime<Utc>> {
        match self {
            Self::Rfc3339 => Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc()),
            Self::Unix => unix(text),
            Self::UnixMs => DateTime::from_timestamp_millis(text.parse().ok()?),
            Self::Pattern { pattern, zone } => {
                let (local, offset) = parsed(pattern, text)?;
                Some(offset.or(*zone)?.from_local_datetime(&local).single()?.to_utc())
            }
        }
    }

    /// The instant that a line is kept at.
    pub fn instant(&self, text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, NoInstant> {
        let at = self.read(text)?;
        if at > now + AHEAD {
            return Err(NoInstant::Future);
        }
        if at.year() < FIRST_YEAR {
            return Err(NoInstant::TooEarly);
        }
        Ok(at)
    }

    /// The form in words, for a person whose instants do not read.
    pub fn words(&self) -> &str {
        match self {
            Self::Rfc3339 => "RFC 3339, such as 2026-02-15T00:09:43Z",
            Self::Unix => "seconds since 1970",
            Self::UnixMs => "milliseconds since 1970",
            Self::Pattern { pattern, .. } => pattern,
        }
    }
}

/// A zone by its offset from UTC: names of places stand for offsets that change, and for some instants two.
pub fn zone(text: &str) -> Option<FixedOffset> {
    match text {
        "UTC" | "Z" => FixedOffset::east_opt(0),
        _ => text.parse().ok().filter(|_| text.starts_with(['+', '-'])),
    }
}

fn unix(text: &str) -> Option<DateTime<Utc>> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if !part.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let micros: String = part.chars().chain("000000".chars()).take(6).collect();
    let micros = TimeDelta::microseconds(micros.parse().ok()?);
    DateTime::from_timestamp(whole.parse().ok()?, 0)?.checked_add_signed(micros)
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

    fn read(form: &Form, text: &str) -> Option<String> {
        form.read(text).ok().map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }

    #[test]
    fn every_form_reads_its_own_and_nothing_else() {
        let pattern = |pattern: &str, of: &str| Form::pattern(pattern, zone(of)).unwrap();
        let tokyo = pattern("%d.%m.%Y %H:%M", "+09:00");
        for (form, text, instant) in [
            (&Form::Rfc3339, "2026-02-15T00:09:43Z", Some("2026-02-15T00:09:43Z")),
            (&Form::Rfc3339, "2026-02-15T09:09:43.1234567+09:00", Some("2026-02-15T00:09:43.123456Z")),
            (&Form::Rfc3339, "2026-02-15", None),
            (&Form::Rfc3339, "", None),
            (&Form::Unix, "1771114183", Some("2026-02-15T00:09:43Z")),
            (&Form::Unix, "1771114183.5", Some("2026-02-15T00:09:43.500Z")),
            (&Form::Unix, "1771114183.", Some("2026-02-15T00:09:43Z")),
            (&Form::Unix, "1.7e9", None),
            (&Form::Unix, "99999999999999999", None),
            (&Form::UnixMs, "1771114183500", Some("2026-02-15T00:09:43.500Z")),
            (&Form::UnixMs, "soon", None),
            (&tokyo, "15.02.2026 09:09", Some("2026-02-15T00:09:00Z")),
            (&tokyo, "15.02.2026 08:59", Some("2026-02-14T23:59:00Z")),
            (&tokyo, "2026-02-15 09:09", None),
            (&tokyo, "31.02.2026 09:09", None),
            (&pattern("%Y-%m-%d", "UTC"), "2026-02-15", Some("2026-02-15T00:00:00Z")),
            (&pattern("%Y-%m-%d", "+09:00"), "2026-02-15", Some("2026-02-14T15:00:00Z")),
            (&pattern("%b %e, %Y %I:%M %p", "-05:30"), "Feb  5, 2026 11:15 PM", Some("2026-02-06T04:45:00Z")),
            (&pattern("%Y%m%d%H%M%S%z", ""), "20260215090943+0900", Some("2026-02-15T00:09:43Z")),
        ] {
            assert_eq!(read(form, text).as_deref(), instant, "{text:?} as {form:?}");
        }
    }

    #[test]
    fn a_pattern_that_tells_no_instant_is_refused() {
        for (pattern, of, words) in [
            ("%Q", "UTC", "is no pattern of strftime"),
            ("%m/%d", "UTC", "no whole date"),
            ("%Y-%m-%d %H", "UTC", "a part of a time of day"),
            ("%H:%M", "UTC", "no whole date"),
            ("yesterday", "UTC", "no whole date"),
            ("%Y-%m-%d", "", "holds no zone: say zone = \"UTC\""),
            ("%Y-%m-%d %H:%M %z", "UTC", "holds the zone already"),
        ] {
            let error = Form::pattern(pattern, zone(of)).unwrap_err();
            assert!(error.contains(words), "{pattern}: {error}");
        }
        for none in ["", "Asia/Tokyo", "JST", "9", "+25:00", "09:00"] {
            assert_eq!(zone(none), None, "{none}");
        }
    }

    #[test]
    fn a_leap_second_is_no_other_minute() {
        let local = Form::pattern("%Y-%m-%d %H:%M:%S", zone("+09:00")).unwrap();
        for (form, text) in [
            (&Form::Rfc3339, "2016-12-31T23:59:60Z"),
            (&Form::Rfc3339, "2026-02-15T00:09:60.5+01:00"),
            (&local, "2017-01-01 08:59:60"),
        ] {
            assert_eq!(form.read(text), Err(NoInstant::LeapSecond), "{text}");
        }
        assert!(local.read("2017-01-01 08:59:59").is_ok());
    }

    #[test]
    fn an_instant_lies_between_the_first_count_and_now() {
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        let at =
            |text: &str| Form::Rfc3339.instant(text, now).map(|at| at.to_rfc3339()).map_err(NoInstant::name);
        assert!(at("2026-11-01T00:05:00Z").is_ok(), "clocks differ a little");
        assert_eq!(at("2026-11-01T00:05:01Z"), Err("captured in the future"));
        assert_eq!(at("2003-12-31T23:59:59Z"), Err("before 2004"));
        assert_eq!(at("today"), Err("no instant"));
        assert_eq!(
            Form::Unix.instant("1771114183000", now),
            Err(NoInstant::Future),
            "milliseconds as seconds"
        );
        assert_eq!(
            Form::UnixMs.instant("1771114183", now),
            Err(NoInstant::TooEarly),
            "seconds as milliseconds"
        );
    }

    proptest! {
        #[test]
        fn what_a_pattern_writes_it_reads(seconds in 1_072_915_200_i64..3_000_000_000, hours in -12_i32..14) {
            let of = FixedOffset::east_opt(hours * 3600).unwrap();
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            for pattern in ["%Y-%m-%d %H:%M:%S", "%d.%m.%y, %I:%M:%S %p", "%s"] {
                let text = at.with_timezone(&of).format(pattern).to_string();
                if let Ok(form) = Form::pattern(pattern, Some(of)) {
                    prop_assert_eq!(form.read(&text), Ok(at), "{} by {}", text, pattern);
                }
            }
            prop_assert_eq!(Form::Unix.read(&seconds.to_string()), Ok(at));
        }

        #[test]
        fn no_text_panics_a_form(text: String, pattern: String) {
            let _ = (Form::Rfc3339.read(&text), Form::Unix.read(&text), Form::UnixMs.read(&text));
            if let Ok(form) = Form::pattern(&pattern, zone("UTC")) {
                let _ = form.read(&text);
            }
        }
    }
}
