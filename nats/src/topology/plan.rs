//! From what there is to what there should be. Pure: the same input gives the same changes.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde_json::Value;

use super::files::{Config, Desired};

/// What the server has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Actual {
    /// Streams by name.
    pub streams: BTreeMap<String, ActualStream>,
}

/// A stream of the server and what is in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ActualStream {
    /// Its configuration, the server's defaults filled in.
    pub config: Config,
    /// Messages in it.
    pub messages: u64,
    /// Bytes in it, uncompressed.
    pub bytes: u64,
    /// The age of its oldest message by the server's clock.
    pub oldest: Duration,
    /// Its consumers' configurations by name.
    pub consumers: BTreeMap<String, Config>,
}

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A stream, by name.
    Stream(String),
    /// A consumer, by its stream and name.
    Consumer(String, String),
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Its name; parts of `metadata` as `metadata.<key>`.
    pub field: String,
    /// What the server has; null for nothing.
    pub from: Value,
    /// What it should be.
    pub to: Value,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It is not there.
    Create(Target, Config),
    /// It differs in what may be changed; the whole new configuration.
    Update(Target, Config, Vec<Difference>),
    /// It differs in what cannot be changed without losing messages or positions: a person decides.
    Refuse(Target, Difference, &'static str),
}

/// The changes that lead from `actual` to `desired`. Streams and consumers that nobody named are left alone.
pub fn plan(desired: &Desired, actual: &Actual) -> Vec<Change> {
    let mut changes = Vec::new();
    for stream in &desired.streams {
        let name = text(stream, "name");
        let target = Target::Stream(name.clone());
        match actual.streams.get(&name) {
            None => changes.push(Change::Create(target, stream.clone())),
            Some(there) => {
                let why = |difference: &Difference| stream_loss(difference, there);
                changes.extend(compare(target, stream, &there.config, why));
            }
        }
    }
    for (stream, consumer) in &desired.consumers {
        let name = text(consumer, "name");
        let target = Target::Consumer(stream.clone(), name.clone());
        match actual.streams.get(stream).and_then(|stream| stream.consumers.get(&name)) {
            None => changes.push(Change::Create(target, consumer.clone())),
            Some(there) => changes.extend(compare(target, consumer, there, consumer_loss)),
        }
    }
    changes
}

fn text(config: &Config, field: &str) -> String {
    config.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn compare(
    target: Target,
    want: &Config,
    have: &Config,
    loss: impl Fn(&Difference) -> Option<&'static str>,
) -> Vec<Change> {
    let differences = differences(want, have);
    let refused = differences.iter().filter_map(|difference| {
        loss(difference).map(|why| Change::Refuse(target.clone(), difference.clone(), why))
    });
    let refused: Vec<_> = refused.collect();
    if !refused.is_empty() || differences.is_empty() {
        return refused;
    }
    vec![Change::Update(target, merge(want, have), differences)]
}

/// The fields that `want` names and `have` has otherwise. The server leaves zero values out, and adds defaults of its
/// own, which are no difference.
fn differences(want: &Config, have: &Config) -> Vec<Difference> {
    let mut found = Vec::new();
    for (field, to) in want {
        let from = have.get(field).cloned().unwrap_or(Value::Null);
        match (to, &from) {
            (Value::Object(to), from) if field == "metadata" => {
                for (key, to) in to {
                    let from = from.get(key).cloned().unwrap_or(Value::Null);
                    if *to != from {
                        found.push(Difference { field: format!("metadata.{key}"), from, to: to.clone() });
                    }
                }
            }
            (to, from) if to == from || (is_zero(to) && is_zero(from)) => {}
            _ => found.push(Difference { field: field.clone(), from, to: to.clone() }),
        }
    }
    found
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_f64() == Some(0.0),
        Value::String(value) => value.is_empty(),
        Value::Array(value) => value.is_empty(),
        Value::Object(value) => value.is_empty(),
    }
}

/// What the server has, with what is wanted put over it. It writes `_nats.*` metadata itself.
fn merge(want: &Config, have: &Config) -> Config {
    let mut merged = have.clone();
    for (field, value) in want {
        if field != "metadata" {
            merged.insert(field.clone(), value.clone());
        }
    }
    let parts = [have, want].map(|config| config.get("metadata").and_then(Value::as_object));
    let metadata = parts.into_iter().flatten().flatten().filter(|(key, _)| !key.starts_with("_nats."));
    merged.insert("metadata".to_owned(), metadata.map(|(key, value)| (key.clone(), value.clone())).collect());
    merged
}

fn stream_loss(difference: &Difference, stream: &ActualStream) -> Option<&'static str> {
    let Difference { field, from, to } = difference;
    let below = |used: u64| to.as_i64().is_some_and(|limit| limit > 0 && limit.unsigned_abs() < used);
    match field.as_str() {
        "subjects" => {
            let kept = to.as_array().map(Vec::as_slice).unwrap_or_default();
            let gone = from.as_array().into_iter().flatten().any(|subject| !kept.contains(subject));
            gone.then_some("messages published to a subject that is taken away would be lost")
        }
        "storage" | "retention" => Some("the stream would have to be made anew, without its messages"),
        "discard" if to == "old" => {
            Some("a full stream would drop its oldest messages instead of refusing new ones")
        }
        "max_bytes" if below(stream.bytes) => Some("the stream holds more bytes than that"),
        "max_msgs" if below(stream.messages) => Some("the stream holds more messages than that"),
        "max_age" if below(u64::try_from(stream.oldest.as_nanos()).unwrap_or(u64::MAX)) => {
            Some("the stream holds messages older than that")
        }
        "max_msgs_per_subject" if stream.messages > 0 && lowers(from, to) => {
            Some("subjects that hold more messages than that would lose their oldest")
        }
        "deny_delete" | "deny_purge" if to == false => Some("the server does not take this protection back"),
        _ => None,
    }
}

/// Whether a limit (0 and less: none) becomes stricter.
fn lowers(from: &Value, to: &Value) -> bool {
    let limit = |value: &Value| value.as_i64().filter(|limit| *limit > 0).unwrap_or(i64::MAX);
    limit(to) < limit(from)
}

fn consumer_loss(difference: &Difference) -> Option<&'static str> {
    match difference.field.as_str() {
        "ack_policy" | "deliver_policy" | "replay_policy" | "durable_name" => {
            Some("the consumer would have to be made anew, without its position")
        }
        "filter_subject" | "filter_subjects" => {
            Some("messages the old filter took and the new one does not would never be read")
        }
        "max_deliver" if lowers(&difference.from, &difference.to) => {
            Some("the server would silently skip messages delivered that often")
        }
        _ => None,
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(name) => write!(out, "stream {name}"),
            Self::Consumer(stream, name) => write!(out, "consumer {stream}.{name}"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} -> {}", self.field, self.from, self.to)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(target, _) => write!(out, "+ {target}"),
            Self::Update(target, _, differences) => {
                write!(out, "~ {target}")?;
                differences.iter().try_for_each(|difference| write!(out, "\n    {difference}"))
            }
            Self::Refuse(target, difference, why) => {
                write!(out, "! {target}\n    {difference}\n    refused: {why}")
            }
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
