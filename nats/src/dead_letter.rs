//! Dead letters: the original bytes, all original headers but `Nats-*`, and `Dlq-*` saying what happened to them.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_schemas::{Position, Reason, Rejection, Root, Stage, Violation};

use crate::{
    carried::carried,
    consume::Delivery,
    headers::{Headers, escape},
    id,
    message::Outgoing,
    page::{self, PARENT, REPLAYS, ROOT},
    subject,
};

/// The most bytes of an error's words, as sent.
const MAX_WORDS: usize = 2_048;
/// The most bytes of an id that others gave, as sent.
const MAX_ID: usize = 1_024;
/// The most bytes of the list of faults; the dead letter's body says the rest.
const MAX_ERRORS: usize = 8_192;

/// Whether another try may help, as `Dlq-Class`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It may pass later, unchanged.
    Transient,
    /// It will not pass before somebody changes it or the schema.
    Permanent,
    /// It ended its process again and again.
    Poison,
}

impl Class {
    fn of(reason: Reason) -> Self {
        match reason {
            Reason::UpstreamError => Self::Transient,
            Reason::MaxDeliveries => Self::Poison,
            _ => Self::Permanent,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Permanent => "permanent",
            Self::Poison => "poison",
        }
    }
}

/// Who rejects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceInstance {
    /// The service.
    pub service: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its instance, with the host's name.
    pub instance: String,
}

/// The message that was rejected, as its consumer got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The stream it came from.
    pub stream: &'static str,
    /// The durable consumer that got it.
    pub consumer: &'static str,
    /// Its sequence in that stream.
    pub seq: u64,
    /// Its subject.
    pub subject: String,
    /// How often it was delivered.
    pub deliveries: u64,
    /// When that stream stored it.
    pub first_at: DateTime<Utc>,
}

impl Origin {
    /// Of a message in hand.
    pub fn of(delivery: &Delivery, stream: &'static str, consumer: &'static str) -> Self {
        let Delivery { stored, deliveries, .. } = delivery;
        let subject = stored.subject.clone();
        Self { stream, consumer, seq: stored.seq, subject, deliveries: *deliveries, first_at: stored.time }
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The kind, of a closed list.
    pub reason: Reason,
    /// Where in the dead letter's body, as a JSON pointer; empty for all of it.
    pub pointer: String,
    /// In words.
    pub message: String,
    /// Every cause the schema found.
    pub errors: Vec<Violation>,
    /// Name and version of the schema.
    pub schema: Option<String>,
    /// Its SHA-256.
    pub schema_hash: Option<String>,
}

impl Cause {
    /// A cause that no schema found.
    pub fn plain(reason: Reason, message: impl Into<String>) -> Self {
        let (message, pointer) = (message.into(), String::new());
        Self { reason, pointer, message, errors: Vec::new(), schema: None, schema_hash: None }
    }
}

impl From<&Rejection> for Cause {
    fn from(rejection: &Rejection) -> Self {
        let Rejection { reason, pointer, message, errors, schema, schema_hash, bytes: _ } = rejection;
        let named = |text: &String| (!text.is_empty()).then(|| text.clone());
        Self {
            reason: *reason,
            pointer: pointer.clone(),
            message: message.clone(),
            errors: errors.clone(),
            schema: named(schema),
            schema_hash: named(schema_hash),
        }
    }
}

/// Why a message is a dead letter of the stage `fetch`, as its headers say; `None` for any other message.
pub fn refusal(headers: &Headers) -> Option<(Reason, String)> {
    let is_fetch = headers.get("Dlq-Stage").is_some_and(|stage| stage == Stage::Fetch.to_string());
    let reason = headers.get("Dlq-Reason").filter(|_| is_fetch)?.parse().ok()?;
    Some((reason, headers.get("Dlq-Error").unwrap_or_default().to_owned()))
}

/// A dead letter to be written.
#[derive(Debug, Clone)]
pub struct DeadLetter<'a> {
    /// The headers of the rejected message.
    pub headers: &'a Headers,
    /// Where it came from; `None` for a body that never was in a stream.
    pub origin: Option<Origin>,
    /// The place upstream that is dead.
    pub root: Root,
    /// Where it died now; the root names the stage of its first death.
    pub stage: Stage,
    /// The dead letter that the message was a replay of.
    pub parent: Option<&'a str>,
    /// How often the root was replayed before.
    pub attempt: u32,
    /// The page's position in RAW.
    pub raw: Option<Position>,
    /// The hash of schemas and validator that judged, or its like in another service.
    pub judge: &'a str,
    /// The dataset's token; `unknown` where the message names none.
    pub dataset: &'a str,
    /// What is wrong.
    pub cause: &'a Cause,
    /// The rejected bytes.
    pub body: Bytes,
    /// The service that rejects.
    pub by: &'a ServiceInstance,
    /// Now.
    pub at: DateTime<Utc>,
}

impl DeadLetter<'_> {
    /// The dead letter with its usual id.
    pub fn build(self) -> Outgoing {
        let of = match (self.raw, &self.origin) {
            (Some(Position { epoch, seq }), _) => format!("{epoch}-{seq}"),
            (None, Some(origin)) => format!("{}-{}", origin.stream, origin.seq),
            (None, None) => "none".to_owned(),
        };
        let id = id::dlq(&self.root, &of, self.attempt, self.judge);
        self.build_as(id)
    }

    /// The dead letter with an id of the caller's.
    pub fn build_as(self, id: String) -> Outgoing {
        let Self { headers, origin, root, stage, parent, attempt, raw, judge, dataset, cause, body, by, at } =
            self;
        let (mut out, left_out) = carried(headers);
        if !left_out.is_empty() {
            out.insert("Dlq-Left-Out", shortened(&left_out.join(" "), MAX_ID));
        }
        if let Some(raw) = raw {
            page::put_position(&mut out, raw);
        }
        out.insert("Dlq-Id", id.as_str());
        out.insert(ROOT, root.to_string());
        out.insert("Dlq-Row", root.row.map_or_else(|| "page".to_owned(), |row| row.to_string()));
        out.insert("Dlq-Stage", stage.to_string());
        out.insert("Dlq-Reason", cause.reason.to_string());
        out.insert("Dlq-Class", Class::of(cause.reason).as_str());
        out.insert("Dlq-Error", shortened(&cause.message, MAX_WORDS));
        out.insert("Dlq-Pointer", shortened(&cause.pointer, MAX_WORDS));
        out.insert("Dlq-Errors", faults(&cause.errors));
        out.insert("Dlq-Judge", judge);
        out.insert(REPLAYS, attempt.to_string());
        out.insert("Dlq-At", page::instant(at));
        out.insert("Dlq-Service", format!("{}/{}/{}", by.service, by.version, by.instance));
        let (schema, hash) = (cause.schema.clone(), cause.schema_hash.clone());
        let optional = [
            ("Dlq-Schema", schema),
            ("Dlq-Schema-Hash", hash),
            (PARENT, parent.map(|id| shortened(id, MAX_ID))),
        ];
        out.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        if let Some(Origin { stream, consumer, seq, subject, deliveries, first_at }) = origin {
            out.insert("Dlq-Stream", stream);
            out.insert("Dlq-Consumer", consumer);
            out.insert("Dlq-Seq", seq.to_string());
            out.insert("Dlq-Subject", shortened(&subject, MAX_WORDS));
            out.insert("Dlq-Deliveries", deliveries.to_string());
            out.insert("Dlq-First-At", page::instant(first_at));
        }
        if let Some(original) = headers.get("Nats-Msg-Id") {
            out.insert("Dlq-Orig-Msg-Id", shortened(original, MAX_ID));
        }
        let subject = subject::dlq(stage, cause.reason, dataset);
        Outgoing { subject, id, headers: out, body, expect_last: None }
    }
}

/// The beginning of `text` that takes at most `most` bytes on the wire.
fn shortened(text: &str, most: usize) -> String {
    const CUT: &str = " ...";
    if escape(text).len() <= most {
        return text.to_owned();
    }
    let mut taken = 0;
    let fits = |(index, char): &(usize, char)| {
        // Never less than the character takes in the whole: a backslash before a `u` and a leading space take six bytes.
        let escaped = *char == '\\' || (*index == 0 && *char == ' ');
        taken += if escaped { 6 } else { escape(&format!("x{char}x")).len() - 2 };
        taken + CUT.len() <= most
    };
    text.chars().enumerate().take_while(fits).map(|(_, char)| char).chain(CUT.chars()).collect()
}

/// As many faults as fit, as JSON.
fn faults(errors: &[Violation]) -> String {
    let mut count = errors.len();
    loop {
        let json = serde_json::to_string(&errors[..count]).unwrap_or_else(|_| "[]".to_owned());
        if count == 0 || escape(&json).len() <= MAX_ERRORS {
            return json;
        }
        count -= 1;
    }
}

#[cfg(test)]
#[path = "dead_letter_tests.rs"]
mod tests;
