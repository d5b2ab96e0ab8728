//! A page's metadata as message headers: the CloudEvents binding for NATS (binary mode) and `Kansoku-*`.

use std::{fmt::Display, str::FromStr};

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use kansoku_schemas::{Page, PageBody, PageError, PageMeta, Position, Replay, Root};
use thiserror::Error;

use crate::{
    headers::Headers,
    id,
    message::{Outgoing, Stored},
    subject,
};

const CATALOGUE: &str = "Kansoku-Catalogue";
const RUN: &str = "Kansoku-Run";
const PAGE: &str = "Kansoku-Page";
const PAGES: &str = "Kansoku-Pages";
const URL: &str = "Kansoku-Url";
const STATUS: &str = "Kansoku-Status";
const ROW: &str = "Kansoku-Row";
const POSITION: &str = "Kansoku-Position";
/// On the dead letter of a row and on its replay: how many rows a full page had.
pub const LIMIT: &str = "Kansoku-Limit";
const RAW_EPOCH: &str = "Kansoku-Raw-Epoch";
const RAW_SEQ: &str = "Kansoku-Raw-Seq";
const JUDGE: &str = "Kansoku-Judge";
const SOURCE: &str = "ce-source";
const DATASET: &str = "ce-subject";
const TIME: &str = "ce-time";

pub(crate) const ROOT: &str = "Dlq-Root";
pub(crate) const PARENT: &str = "Dlq-Parent";
pub(crate) const REPLAYS: &str = "Dlq-Replays";

/// A header that is missing or says nothing sensible.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", match value {
    Some(value) => format!("the header {header} holds {value:?}: {problem}"),
    None => format!("the header {header} is missing"),
})]
pub struct HeaderError {
    /// Which header.
    pub header: &'static str,
    /// What it holds.
    pub value: Option<String>,
    /// What is wrong with that.
    pub problem: String,
}

/// What a message is, for `ce-type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A page as fetched.
    Fetched,
    /// A page's accepted rows.
    Validated,
    /// A run's event.
    Run,
    /// An archive file.
    Archive,
    /// What an operator or the replayer did.
    Audit,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Fetched => "moe.kansoku.page.fetched.v1",
            Self::Validated => "moe.kansoku.page.validated.v1",
            Self::Run => "moe.kansoku.run.event.v1",
            Self::Archive => "moe.kansoku.archive.written.v1",
            Self::Audit => "moe.kansoku.audit.action.v1",
        }
    }
}

/// The headers of a CloudEvent with JSON in it.
pub fn event(kind: Kind, id: &str, source: &str, subject: &str, time: DateTime<Utc>) -> Headers {
    Headers::from_iter([
        ("ce-specversion", "1.0"),
        ("ce-id", id),
        ("ce-type", kind.as_str()),
        (SOURCE, source),
        (DATASET, subject),
        (TIME, &instant(time)),
        ("content-type", "application/json"),
    ])
}

/// The headers of a page.
pub fn headers(kind: Kind, id: &str, meta: &PageMeta, replay: Option<&Replay>) -> Headers {
    let mut headers = event(kind, id, &meta.source, &meta.dataset.to_string(), meta.captured_at);
    headers.insert(CATALOGUE, meta.catalogue.to_string());
    headers.insert(RUN, meta.run.to_string());
    headers.insert(PAGE, meta.page.to_string());
    let mut optional = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    };
    optional(PAGES, meta.pages.map(|pages| pages.to_string()));
    optional(URL, meta.url.clone());
    optional(STATUS, meta.status.map(|status| status.to_string()));
    if let Some(replay) = replay {
        optional(ROW, replay.row.map(|row| row.to_string()));
        optional(POSITION, replay.position.map(|position| position.to_string()));
        optional(ROOT, Some(replay.root.to_string()));
        optional(PARENT, replay.parent.clone());
        optional(REPLAYS, Some(replay.attempt.to_string()));
    }
    headers
}

/// A page for RAW, its body untouched.
pub fn raw(meta: &PageMeta, body: Bytes) -> Outgoing {
    raw_as(meta, None, id::raw(&meta.run, meta.page), body)
}

/// A page or a replay for RAW under an id of its own. A replay never has that of what it replays: inside the duplicate
/// window that would be dropped.
pub fn raw_as(meta: &PageMeta, replay: Option<&Replay>, id: String, body: Bytes) -> Outgoing {
    let headers = headers(Kind::Fetched, &id, meta, replay);
    Outgoing { subject: subject::raw(&meta.dataset), id, headers, body, expect_last: None }
}

/// A judged page for VALID: its rows in the body, all else in the headers.
pub fn valid(page: &Page) -> serde_json::Result<Outgoing> {
    let id = id::valid(page.raw, &page.judge);
    let mut headers = headers(Kind::Validated, &id, &page.meta, page.replay.as_ref());
    put_position(&mut headers, page.raw);
    headers.insert(JUDGE, page.judge.as_str());
    let body = serde_json::to_vec(&page.body)?.into();
    Ok(Outgoing { subject: subject::valid(&page.meta.dataset), id, headers, body, expect_last: None })
}

/// Why a message of VALID is no judged page.
#[derive(Debug, Error)]
pub enum NoPage {
    /// By its headers.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// By its body.
    #[error(transparent)]
    Body(#[from] PageError),
}

/// The judged page in a message of VALID.
pub fn judged(Stored { headers, body, .. }: &Stored) -> Result<Page, NoPage> {
    let meta = meta(headers)?;
    let body = PageBody::from_json(meta.dataset.row_kind(), body)?;
    let judge = required(headers, JUDGE, String::from_str)?;
    Ok(Page { meta, replay: replay(headers)?, raw: position(headers)?, judge, body })
}

/// Writes into the headers of a row's dead letter where the row stands, so that they are those of its replay: its index
/// on the page, its position in the ranking and the rows on a full page.
pub fn put_row(headers: &mut Headers, row: u32, position: u32, limit: u32) {
    for (name, value) in [(ROW, row), (POSITION, position), (LIMIT, limit)] {
        headers.insert(name, value.to_string());
    }
}

pub(crate) fn put_position(headers: &mut Headers, raw: Position) {
    headers.insert(RAW_EPOCH, raw.epoch.to_string());
    headers.insert(RAW_SEQ, raw.seq.to_string());
}

/// The metadata of the page in a message.
pub fn meta(headers: &Headers) -> Result<PageMeta, HeaderError> {
    let captured_at = required(headers, TIME, parse_instant)?;
    Ok(PageMeta {
        catalogue: required(headers, CATALOGUE, FromStr::from_str)?,
        source: required(headers, SOURCE, String::from_str)?,
        dataset: required(headers, DATASET, FromStr::from_str)?,
        run: required(headers, RUN, FromStr::from_str)?,
        page: required(headers, PAGE, u32::from_str)?,
        pages: optional(headers, PAGES, u32::from_str)?,
        captured_at,
        url: optional(headers, URL, String::from_str)?,
        status: optional(headers, STATUS, u16::from_str)?,
    })
}

/// What the message replays; `None` for a page as fetched.
pub fn replay(headers: &Headers) -> Result<Option<Replay>, HeaderError> {
    let Some(root) = optional(headers, ROOT, Root::from_str)? else { return Ok(None) };
    Ok(Some(Replay {
        root,
        parent: optional(headers, PARENT, String::from_str)?,
        row: optional(headers, ROW, u32::from_str)?,
        position: optional(headers, POSITION, u32::from_str)?,
        // A replay by hand counts as one.
        attempt: optional(headers, REPLAYS, u32::from_str)?.unwrap_or(1),
    }))
}

/// The RAW position of the page in a message of VALID or DLQ.
pub fn position(headers: &Headers) -> Result<Position, HeaderError> {
    Ok(Position {
        epoch: required(headers, RAW_EPOCH, u64::from_str)?,
        seq: required(headers, RAW_SEQ, u64::from_str)?,
    })
}

/// Postgres has no leap seconds, and would count this one to the next day.
fn parse_instant(text: &str) -> Result<DateTime<Utc>, String> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|error| error.to_string())?.to_utc();
    let is_leap = time.timestamp_subsec_nanos() >= 1_000_000_000;
    if is_leap { Err("a leap second; name the second before it".to_owned()) } else { Ok(time) }
}

pub(crate) fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn required<T, E: Display>(
    headers: &Headers,
    header: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, HeaderError> {
    optional(headers, header, parse)?.ok_or(HeaderError { header, value: None, problem: String::new() })
}

fn optional<T, E: Display>(
    headers: &Headers,
    header: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, HeaderError> {
    let Some(value) = headers.get(header) else { return Ok(None) };
    let wrong =
        |problem: E| HeaderError { header, value: Some(value.to_owned()), problem: problem.to_string() };
    parse(value).map(Some).map_err(wrong)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use kansoku_schemas::{Catalogue, Dataset, PageCounts, RowKind, Rows, RunId, Stage};

    use super::*;

    pub(crate) fn example() -> PageMeta {
        let captured_at = DateTime::parse_from_rfc3339("2026-11-23T06:00:00.25Z").unwrap().to_utc();
        let source = "https://api.tenrai.org/v1".to_owned();
        PageMeta {
            catalogue: Catalogue::Mal,
            run: RunId::scheduled(&source, &Dataset::TopScore, captured_at),
            source,
            dataset: Dataset::TopScore,
            page: 2,
            pages: Some(4),
            captured_at,
            url: Some("https://api.tenrai.org/v1/top/anime?page=2&q=フ".to_owned()),
            status: Some(200),
        }
    }

    #[test]
    fn metadata_survives_the_wire() {
        let page = raw(&example(), Bytes::from_static(b"{}"));
        assert_eq!(page.subject, "raw.top.score");
        assert_eq!(page.id, format!("{}:2", example().run));
        let received = Headers::from_wire(&page.headers.to_wire());
        assert_eq!(meta(&received).unwrap(), example());
        assert_eq!(replay(&received).unwrap(), None);
        assert_eq!(received.get("ce-time"), Some("2026-11-23T06:00:00.250Z"));
        assert_eq!(received.get("ce-id"), Some(page.id.as_str()));
    }

    #[test]
    fn what_upstream_did_not_say_stays_unsaid() {
        let bare = PageMeta { pages: None, url: None, status: None, ..example() };
        assert_eq!(meta(&raw(&bare, Bytes::new()).headers).unwrap(), bare);
    }

    #[test]
    fn a_judged_page_survives_the_wire() {
        let root = Root { run: example().run, page: 2, row: Some(7), stage: Stage::Validate };
        let replay =
            Replay { root, parent: Some("d:0:j".to_owned()), row: Some(7), position: Some(32), attempt: 2 };
        let body = PageBody {
            contract: RowKind::Anime.contract().to_owned(),
            trace_id: None,
            limit: 25,
            stored_at: example().captured_at,
            judged_at: example().captured_at,
            counts: PageCounts::default(),
            warnings: Vec::new(),
            rows: Rows::Anime(Vec::new()),
        };
        let raw = Position { epoch: 1_764_000_000_000, seq: 9 };
        let page = Page { meta: example(), replay: Some(replay), raw, judge: "judge".to_owned(), body };
        let Outgoing { subject, id, headers, body, .. } = valid(&page).unwrap();
        assert_eq!(id, "raw:1764000000000:9:judge");
        let keys = serde_json::from_slice::<BTreeMap<String, serde_json::Value>>(&body).unwrap();
        assert!(!keys.contains_key("run"), "what the headers say the body does not repeat: {keys:?}");
        let headers = Headers::from_wire(&headers.to_wire());
        let stored = Stored { subject, seq: 1, time: example().captured_at, headers, body };
        assert_eq!(judged(&stored).unwrap(), page);
    }

    #[test]
    fn a_leap_second_is_refused() {
        for (time, is_taken) in [("2019-06-30T23:59:60Z", false), ("2019-06-30T23:59:59.9Z", true)] {
            let mut headers = raw(&example(), Bytes::new()).headers;
            headers.insert("ce-time", time);
            assert_eq!(meta(&headers).is_ok(), is_taken, "{time}");
        }
    }

    #[test]
    fn a_bad_header_is_named() {
        let mut headers = raw(&example(), Bytes::new()).headers;
        headers.insert("Kansoku-Page", "two");
        assert!(
            meta(&headers).unwrap_err().to_string().starts_with("the header Kansoku-Page holds \"two\": ")
        );
        headers.remove("Kansoku-Page");
        assert_eq!(meta(&headers).unwrap_err().to_string(), "the header Kansoku-Page is missing");
    }
}
