//! The forms in which recordings write addresses and instants. Pure.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use url::Url;

/// Words for a person who has written an address otherwise.
pub const ADDRESSES: &str = "https://api.example.org/v4/anime/1, /v4/anime/1 or GET /v4/anime/1";
/// Words for a person who has written an instant otherwise.
pub const INSTANTS: &str = "2026-02-15T00:09:43Z, 2026-02-15 09:09:43+09:00, Sun, 15 Feb 2026 00:09:43 GMT, or 2026-02-15 \
                            for its midnight UTC";

/// An address that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// As it is kept: without a method, a user and a password.
    pub text: String,
    /// To be looked into.
    pub url: Url,
    /// Whether it says which host.
    pub has_host: bool,
}

/// Reads an address: whole, a path, either after the method GET.
pub fn address(text: &str) -> Option<Address> {
    let text = text.strip_prefix("GET ").unwrap_or(text).trim();
    if text.contains(char::is_whitespace) {
        return None;
    }
    if text.starts_with('/') && !text.starts_with("//") {
        let url = Url::parse("http://host.invalid").ok()?.join(text).ok()?;
        return Some(Address { text: text.to_owned(), url, has_host: false });
    }
    let mut url = Url::parse(text).ok().filter(Url::has_host)?;
    if url.username().is_empty() && url.password().is_none() {
        return Some(Address { text: text.to_owned(), url, has_host: true });
    }
    // They are nobody's business, and everybody reads RAW.
    url.set_username("").and_then(|()| url.set_password(None)).ok()?;
    Some(Address { text: url.to_string(), url, has_host: true })
}

/// The page that an address asks for; `Err` with what stands there where that is no page.
pub fn page(url: &Url) -> Result<Option<u32>, String> {
    let Some((_, text)) = url.query_pairs().find(|(key, _)| key == "page") else { return Ok(None) };
    text.parse().ok().filter(|page| *page > 0).map(Some).ok_or_else(|| text.into_owned())
}

/// Why a text is no instant that a capture could have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoInstant {
    /// It is none.
    Unreadable,
    /// It says no zone.
    NoZone,
    /// It lies in a 61st second, which no table has: it would pass for the minute after it.
    LeapSecond,
}

/// Reads an instant. A date alone is its midnight UTC, as days are UTC.
pub fn instant(text: &str) -> Result<DateTime<Utc>, NoInstant> {
    let text = text.trim();
    let zoned = text.parse::<DateTime<FixedOffset>>().or_else(|_| DateTime::parse_from_rfc2822(text));
    let at = match zoned {
        Ok(at) => at.to_utc(),
        Err(_) => {
            if let Ok(day) = text.parse::<NaiveDate>() {
                return Ok(day.and_time(NaiveTime::MIN).and_utc());
            }
            let is_local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"]
                .iter()
                .any(|form| NaiveDateTime::parse_from_str(text, form).is_ok());
            return Err(if is_local { NoInstant::NoZone } else { NoInstant::Unreadable });
        }
    };
    if is_leap(at) { Err(NoInstant::LeapSecond) } else { Ok(at) }
}

/// Whether an instant lies in a leap second.
pub fn is_leap(at: DateTime<Utc>) -> bool {
    at.nanosecond() >= 1_000_000_000
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_of_an_address_is_taken_and_no_password_kept() {
        for (text, kept, host) in [
            ("https://api.example.org/v4/anime/1?page=2", "https://api.example.org/v4/anime/1?page=2", true),
            ("GET https://api.example.org/v4/anime/1", "https://api.example.org/v4/anime/1", true),
            ("GET /v4/anime/59032/full", "/v4/anime/59032/full", false),
            ("/v4/top/anime?page=3", "/v4/top/anime?page=3", false),
            ("https://me:geheim@api.example.org/v4/anime/1", "https://api.example.org/v4/anime/1", true),
        ] {
            let address = address(text).unwrap();
            assert_eq!((address.text.as_str(), address.has_host), (kept, host), "{text}");
        }
        for none in [
            "",
            "any",
            "anime/1",
            "//host/v4/anime/1",
            "file:///etc/passwd",
            "POST /v4/anime/1",
            "/v4/anime/1, status 200",
        ] {
            assert_eq!(address(none), None, "{none}");
        }
    }

    #[test]
    fn a_page_is_a_number_or_none() {
        let page = |query: &str| page(&Url::parse(&format!("http://h/v4/top/anime{query}")).unwrap());
        assert_eq!([page(""), page("?limit=5"), page("?page=3")], [Ok(None), Ok(None), Ok(Some(3))]);
        for wrong in ["abc", "0", "-1", "", "1e3"] {
            assert_eq!(page(&format!("?page={wrong}")), Err(wrong.to_owned()));
        }
    }

    #[test]
    fn every_form_of_an_instant_is_taken_and_none_without_its_zone() {
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
            ("2019-06-30T23:59:60Z", Err(NoInstant::LeapSecond)),
            ("Sun, 30 Jun 2019 23:59:60 GMT", Err(NoInstant::LeapSecond)),
        ] {
            assert_eq!(instant(text).map(|at| at.to_rfc3339()), taken.map(str::to_owned), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text: String) {
            let _ = (address(&text), instant(&text));
        }
    }
}
