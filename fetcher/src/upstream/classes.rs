//! Every way in which an upstream can answer or not, and what is done about it: one table. Pure.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kansoku_runs::envelope::{Envelope, Refusal};
use kansoku_schemas::Reason;
use serde::de::IgnoredAny;

use super::{state::Outcome, transport::FaultKind};

/// How long 429 without `Retry-After` is taken to mean: what clients of this API settled on.
pub const UNSAID: Duration = Duration::from_secs(30);
/// The longest that any answer keeps us away: a server that says "in ten years" is mistaken.
pub const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// A page.
    Page,
    /// 429.
    RateLimited,
    /// 403.
    Refused,
    /// 404.
    NotFound,
    /// 408.
    RequestTimeout,
    /// 504.
    GatewayTimeout,
    /// Any other 5xx.
    ServerError,
    /// Any other status that is no success.
    OtherStatus,
    /// A success whose body is an error.
    ErrorBody,
    /// A success without a body.
    Empty,
    /// A success with a web page.
    Html,
    /// A success with anything else that is no JSON.
    NotJson,
    /// JSON without `data`.
    NotEnvelope,
    /// A body that breaks off.
    Truncated,
    /// A redirect that is not followed: a loop, or to another origin.
    Redirect,
    /// A body over the limit.
    TooLarge,
    /// A time-out, or a body that drips.
    Slow,
    /// No address.
    Dns,
    /// No trust.
    Tls,
    /// The connection was reset or refused, or broke.
    Network,
}

/// What is done about a class.
#[derive(Debug)]
pub struct Row {
    /// Which.
    pub class: Class,
    /// Its name in metrics and logs.
    pub name: &'static str,
    /// When it happens, and why it is treated so.
    pub case: &'static str,
    /// Whether the page is requested again.
    pub retry: bool,
    /// Whether it counts as a failure of the base URL.
    pub trips: bool,
    /// Whether another base URL is worth a try when the tries are used up.
    pub failover: bool,
    /// How long the base URL is left alone where the answer does not say it.
    pub cool: Option<Duration>,
    /// What is recorded where the body does not tell it better.
    pub reason: Reason,
}

impl Row {
    const fn new(class: Class, name: &'static str, reason: Reason, case: &'static str) -> Self {
        Self { class, name, case, retry: false, trips: false, failover: false, cool: None, reason }
    }

    const fn again(self) -> Self {
        Self { retry: true, ..self }
    }

    /// The base URL itself is ill: tried again, counted by the breaker, left for another one.
    const fn ill(self) -> Self {
        Self { retry: true, trips: true, failover: true, ..self }
    }

    const fn cool(self, seconds: u64) -> Self {
        Self { cool: Some(Duration::from_secs(seconds)), ..self }
    }
}

use Reason::{Envelope as BadEnvelope, NotJson, TooLarge, UpstreamError};

/// All of them.
#[rustfmt::skip]
pub const TABLE: [Row; 20] = [
    Row::new(Class::Page, "page", UpstreamError, "200 with a page, whatever its content type says: the bytes are what they are"),
    Row::new(Class::RateLimited, "429", UpstreamError, "429: Retry-After (seconds or date) is kept to; 30 s without one; in the past means now; more than a day means a day; longer than the deadline is a cool-down").again().cool(UNSAID.as_secs()),
    Row::new(Class::Refused, "403", UpstreamError, "403: a refusal of the edge that passes (MyAnimeList.bundle#49): left alone for a minute, then on").again().cool(60),
    Row::new(Class::NotFound, "404", UpstreamError, "404: it is not there, and will not be there in a second or elsewhere"),
    Row::new(Class::RequestTimeout, "408", UpstreamError, "408: the server was tired of waiting for us").ill(),
    Row::new(Class::GatewayTimeout, "504", UpstreamError, "504: the same address works on retry (jikan-rest#610)").ill(),
    Row::new(Class::ServerError, "5xx", UpstreamError, "5xx: parser errors, failed scrapes, restarts (jikan#585)").ill(),
    Row::new(Class::OtherStatus, "4xx", UpstreamError, "any other status: our request is wrong, another try is as wrong"),
    Row::new(Class::ErrorBody, "error_body", UpstreamError, "200 with an error body (jikan-rest#599), its status a number or a string (jikan.net PR 50)").again(),
    Row::new(Class::Empty, "empty", NotJson, "200 without a body (jikan-rest#134)").again(),
    Row::new(Class::Html, "html", NotJson, "200 with a web page: maintenance, or somebody between us and them").ill(),
    Row::new(Class::NotJson, "not_json", NotJson, "200 with what is no JSON (jikanpy#77)").again(),
    Row::new(Class::NotEnvelope, "not_envelope", BadEnvelope, "JSON that is neither a page nor an error").again(),
    Row::new(Class::Truncated, "truncated", NotJson, "a body that breaks off: fewer bytes than promised, JSON without its end, or compressed data that does not unpack").again(),
    Row::new(Class::Redirect, "redirect", UpstreamError, "a redirect in a loop, or to another origin, which our key is not for; within its own an answer is followed").ill(),
    Row::new(Class::TooLarge, "too_large", TooLarge, "a body over client.max_body: cut there, never held whole; as large the next time"),
    Row::new(Class::Slow, "slow", UpstreamError, "no answer in time, or a body that drips one byte a second").ill(),
    Row::new(Class::Dns, "dns", UpstreamError, "the name has no address").ill(),
    Row::new(Class::Tls, "tls", UpstreamError, "no trusted connection: a yearly tradition (jikan#556)").ill(),
    Row::new(Class::Network, "network", UpstreamError, "refused, reset, or closed before an answer").ill(),
];

impl Class {
    /// What is done about it.
    pub fn row(self) -> &'static Row {
        // Every class has its row: the test below says so.
        TABLE.iter().find(|row| row.class == self).unwrap_or(&TABLE[0])
    }
}

impl Class {
    /// What it says of the base URL.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Page => Outcome::Success,
            class if class.row().trips => Outcome::Failure,
            _ => Outcome::Neutral,
        }
    }
}

/// The class of an answer.
pub fn of_answer(status: u16, body: &[u8], envelope: &Result<Envelope, Refusal>) -> Class {
    match status {
        429 => return Class::RateLimited,
        403 => return Class::Refused,
        404 => return Class::NotFound,
        408 => return Class::RequestTimeout,
        504 => return Class::GatewayTimeout,
        500..=599 => return Class::ServerError,
        300..=399 => return Class::Redirect,
        200..=299 => {}
        _ => return Class::OtherStatus,
    }
    let text = body.trim_ascii();
    match envelope {
        Ok(_) => Class::Page,
        Err(_) if text.is_empty() => Class::Empty,
        Err(refusal) => match refusal.reason {
            Reason::NotJson if text.starts_with(b"<") => Class::Html,
            Reason::NotJson if breaks_off(body) => Class::Truncated,
            Reason::NotJson => Class::NotJson,
            Reason::UpstreamError => Class::ErrorBody,
            _ => Class::NotEnvelope,
        },
    }
}

/// Whether a body is JSON that is right so far and stops.
fn breaks_off(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_err_and(|error| error.is_eof())
}

/// The class of no answer.
pub fn of_fault(kind: FaultKind) -> Class {
    match kind {
        FaultKind::TooLarge => Class::TooLarge,
        FaultKind::Slow => Class::Slow,
        FaultKind::Truncated => Class::Truncated,
        FaultKind::Dns => Class::Dns,
        FaultKind::Tls => Class::Tls,
        FaultKind::Network => Class::Network,
    }
}

/// How long the base URL is left alone, if at all. `retry_after` is the header as it came.
pub fn cool_down(class: Class, retry_after: Option<&str>, now: DateTime<Utc>) -> Option<Duration> {
    let cool = class.row().cool?;
    let said = retry_after.and_then(|text| read_retry_after(text, now));
    Some(said.unwrap_or(cool).min(LONGEST)).filter(|wait| !wait.is_zero())
}

/// `Retry-After` in seconds or as an HTTP date; a date in the past is no time at all; `None` for what is neither.
pub fn read_retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some((date.with_timezone(&Utc) - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_class_has_one_row() {
        let names: BTreeSet<_> = TABLE.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), TABLE.len());
        for row in &TABLE {
            assert_eq!(row.class.row().name, row.name);
            assert!(!row.case.is_empty());
        }
    }

    #[test]
    fn waiting_is_read_in_every_form() {
        let now: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let wait = |text| cool_down(Class::RateLimited, text, now).map(|wait| wait.as_secs());
        assert_eq!(wait(Some("7")), Some(7));
        assert_eq!(wait(Some(" Mon, 23 Nov 2026 12:00:40 GMT")), Some(40));
        assert_eq!(wait(Some("Mon, 23 Nov 2026 11:00:00 GMT")), None, "in the past");
        assert_eq!(wait(Some("0")), None);
        assert_eq!(wait(Some("99999999999999999999999")), Some(86_400));
        assert_eq!(wait(Some("-5")), Some(30));
        assert_eq!(wait(Some("soon")), Some(30));
        assert_eq!(wait(None), Some(30));
        assert_eq!(cool_down(Class::Refused, None, now), Some(Duration::from_secs(60)));
        assert_eq!(cool_down(Class::ServerError, Some("7"), now), None);
    }
}
