//! A dead letter as a message of DLQ says it.

use std::borrow::Cow;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_nats::{Headers, Stored, page, subject};
use kansoku_schemas::{Root, Stage};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::storable::in_micros;

/// The most replays of a letter: whoever says more counts none, and the next number could not be told.
const MAX_ATTEMPT: u32 = 1_000_000;
/// The most bytes of what an index of the tables holds.
const MAX_INDEXED: usize = 1_024;
/// The most characters of a title that lists show.
const MAX_TITLE: usize = 200;

/// One message of DLQ, by the names of the columns that keep it.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// Its id: of two messages with one id the first counts.
    pub dlq_id: String,
    /// DLQ's epoch.
    pub epoch: i64,
    /// Its sequence in DLQ.
    pub seq: i64,
    /// The place upstream that is dead.
    pub root: Root,
    /// The parts of the root.
    pub run: Uuid,
    /// The page, from 1.
    pub page: u32,
    /// The row; `None` for a whole page.
    pub row: Option<u32>,
    /// Where the root died first.
    pub first_stage: Stage,
    /// Whose titles they are; `None` where the message names none.
    pub catalogue: Option<String>,
    /// Where the bytes came from.
    pub source: Option<String>,
    /// The dataset's token.
    pub dataset: String,
    /// 0 as fetched, n for the n-th replay.
    pub attempt: u32,
    /// When it was rejected.
    pub at: DateTime<Utc>,
    /// Where it was rejected.
    pub stage: Stage,
    /// Why.
    pub reason: String,
    /// Where in the body.
    pub pointer: String,
    /// In words.
    pub message: String,
    /// Every fault the schema found.
    pub faults: Value,
    /// Who judged.
    pub judge: String,
    /// The schema.
    pub schema: Option<String>,
    /// Its SHA-256.
    pub schema_hash: Option<String>,
    /// RAW's epoch.
    pub raw_epoch: Option<i64>,
    /// The page's sequence in RAW.
    pub raw_seq: Option<i64>,
    /// How often the message was delivered before.
    pub deliveries: Option<i64>,
    /// The trace of the page.
    pub trace_id: Option<String>,
    /// The title's id, where the body says one.
    pub mal_id: Option<i64>,
    /// The title's name.
    pub title: Option<String>,
    /// All headers.
    pub headers: Headers,
    /// The rejected bytes.
    pub body: Bytes,
}

impl Letter {
    /// Reads it.
    ///
    /// # Errors
    /// In words, why the message is no dead letter.
    pub fn read(stored: &Stored, epoch: i64) -> Result<Self, String> {
        let Stored { subject, seq, time, headers, body } = stored;
        let get = |name: &str| headers.get(name).map(|value| without_nul(value).into_owned());
        let need = |name: &str| get(name).ok_or_else(|| format!("the header {name} is missing"));
        let indexed =
            ["Dlq-Id", "Dlq-Reason", "Dlq-Judge"].map(|name| (name, headers.get(name).unwrap_or_default()));
        for (name, text) in indexed.into_iter().chain([("the subject", subject.as_str())]) {
            let long = text.len();
            if long > MAX_INDEXED {
                return Err(format!("{name} has {long} bytes, and {MAX_INDEXED} are the most"));
            }
        }
        let number = |name: &str| get(name).and_then(|text| text.parse().ok());
        let root: Root = need("Dlq-Root")?.parse().map_err(|error| format!("Dlq-Root: {error}"))?;
        let fits = |number: u32| i32::try_from(number).is_ok();
        if !fits(root.page) || !root.row.is_none_or(fits) {
            return Err(format!("the root {root} names a place that is out of range"));
        }
        let stage = need("Dlq-Stage")?.parse().map_err(|error| format!("Dlq-Stage: {error}"))?;
        let at = need("Dlq-At")?.parse::<DateTime<Utc>>().map_err(|error| format!("Dlq-At: {error}"))?;
        let attempt = number("Dlq-Replays").and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        if attempt > MAX_ATTEMPT {
            return Err(format!("Dlq-Replays: {attempt} replays, and {MAX_ATTEMPT} are the most"));
        }
        let raw = page::position(headers).ok();
        let place = |number: u64| i64::try_from(number).ok();
        let named = Named::of(body);
        Ok(Self {
            dlq_id: need("Dlq-Id")?,
            epoch,
            seq: i64::try_from(*seq).map_err(|_| "the sequence is out of range")?,
            run: root.run.0,
            page: root.page,
            row: root.row,
            first_stage: root.stage,
            root,
            catalogue: get("Kansoku-Catalogue"),
            source: get("ce-source"),
            dataset: subject::dataset_of(subject).unwrap_or("unknown").to_owned(),
            attempt,
            at: in_micros(at.min(*time)),
            stage,
            reason: need("Dlq-Reason")?,
            pointer: get("Dlq-Pointer").unwrap_or_default(),
            message: get("Dlq-Error").unwrap_or_default(),
            faults: get("Dlq-Errors")
                .and_then(|json| serde_json::from_str::<Value>(&json).ok())
                .filter(Value::is_array)
                .map_or_else(|| Value::Array(Vec::new()), storable),
            judge: get("Dlq-Judge").unwrap_or_default(),
            schema: get("Dlq-Schema"),
            schema_hash: get("Dlq-Schema-Hash"),
            raw_epoch: raw.and_then(|raw| place(raw.epoch)),
            raw_seq: raw.and_then(|raw| place(raw.seq)),
            deliveries: number("Dlq-Deliveries"),
            trace_id: get("traceparent").and_then(|parent| Some(parent.split('-').nth(1)?.to_owned())),
            mal_id: named.mal_id,
            title: named.title,
            headers: headers.clone(),
            body: body.clone(),
        })
    }
}

/// Text as Postgres takes it: without the character NUL.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    // To the end in any case, so that the loop takes many bytes at once.
    let has_nul = text.bytes().fold(false, |found, byte| found | (byte == 0));
    if has_nul { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// JSON as Postgres takes it.
fn storable(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_nul(&text).into_owned()),
        Value::Array(items) => Value::Array(items.into_iter().map(storable).collect()),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (without_nul(&name).into_owned(), storable(value)))
            .collect(),
        other => other,
    }
}

/// What a row calls itself, as far as it can be read.
#[derive(Debug, Default, PartialEq)]
struct Named {
    mal_id: Option<i64>,
    title: Option<String>,
}

impl Named {
    fn of(body: &[u8]) -> Self {
        // The judge's parser would be faster, but skips what is nested deep by recursion, until the stack ends.
        #[derive(Deserialize)]
        struct Row {
            mal_id: Option<Value>,
            title: Option<Value>,
            name: Option<Value>,
        }
        let Ok(Row { mal_id, title, name }) = serde_json::from_slice(body) else { return Self::default() };
        let title = title.or(name).and_then(|title| Some(without_nul(title.as_str()?).into_owned()));
        Self {
            mal_id: mal_id.as_ref().and_then(Value::as_i64),
            title: title.map(|title| title.chars().take(MAX_TITLE).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use kansoku_nats::Headers;

    use super::*;

    const RUN: &str = "5fd5a635-6889-5b05-9a35-3ef9fc28b40b";

    fn stored(change: impl FnOnce(&mut Headers)) -> Stored {
        let mut headers = Headers::from_iter([
            ("Dlq-Id", "an id"),
            ("Dlq-Root", &format!("{RUN}:3:7:validate")),
            ("Dlq-Stage", "load"),
            ("Dlq-Reason", "schema"),
            ("Dlq-At", "2026-11-29T02:00:00Z"),
            ("Dlq-Errors", r#"[{"instance_path":"/a\u0000b","schema_path":"/x","keyword":"type"}]"#),
            ("Dlq-Replays", "2"),
            ("Kansoku-Raw-Epoch", "9"),
            ("Kansoku-Raw-Seq", "41"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ]);
        change(&mut headers);
        Stored {
            subject: "dlq.load.schema.top.score".to_owned(),
            seq: 5,
            time: "2026-11-29T02:00:01Z".parse().unwrap(),
            headers,
            body: Bytes::from_static(b"{\"mal_id\":12,\"title\":\"A\\u0000B\"}"),
        }
    }

    #[test]
    fn a_message_says_what_died_where_and_why() {
        let letter = Letter::read(&stored(|_| ()), 1).unwrap();
        assert_eq!((letter.page, letter.row, letter.attempt), (3, Some(7), 2));
        assert_eq!((letter.first_stage, letter.stage), (Stage::Validate, Stage::Load));
        assert_eq!((letter.raw_epoch, letter.raw_seq), (Some(9), Some(41)));
        assert_eq!(letter.trace_id.as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
        assert_eq!((letter.mal_id, letter.title.as_deref()), (Some(12), Some("A\u{fffd}B")));
        assert_eq!(letter.faults[0]["instance_path"], "/a\u{fffd}b", "Postgres takes no NUL");
    }

    #[test]
    fn a_message_that_names_no_place_is_no_letter() {
        let without =
            |name: &'static str| Letter::read(&stored(|headers| headers.remove(name)), 1).unwrap_err();
        assert_eq!(without("Dlq-Root"), "the header Dlq-Root is missing");
        assert_eq!(without("Dlq-Id"), "the header Dlq-Id is missing");
        let wrong = Letter::read(&stored(|headers| headers.insert("Dlq-Root", "x")), 1).unwrap_err();
        assert!(wrong.starts_with("Dlq-Root: "), "{wrong}");
        let often = |n: &str| Letter::read(&stored(|headers| headers.insert("Dlq-Replays", n)), 1);
        assert_eq!(often("1000000").unwrap().attempt, 1_000_000);
        assert_eq!(
            often("2147483647").unwrap_err(),
            "Dlq-Replays: 2147483647 replays, and 1000000 are the most"
        );
        let long = stored(|headers| headers.insert("Dlq-Id", "x".repeat(1_025)));
        assert_eq!(Letter::read(&long, 1).unwrap_err(), "Dlq-Id has 1025 bytes, and 1024 are the most");
        let far = format!("{RUN}:4000000000:7:validate");
        assert!(Letter::read(&stored(|headers| headers.insert("Dlq-Root", far)), 1).is_err());
    }
}
