//! What there should be: the files in `streams/` and `consumers/`, which `nats stream add --config` and
//! `nats consumer add --config` take as they are.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value};
use thiserror::Error;

const STREAMS: [&str; 6] = [
    include_str!("../../streams/RAW.json"),
    include_str!("../../streams/VALID.json"),
    include_str!("../../streams/DLQ.json"),
    include_str!("../../streams/RUN.json"),
    include_str!("../../streams/AUDIT.json"),
    include_str!("../../streams/KV_UPSTREAM.json"),
];

/// The stream of a consumer stands in its file's name alone: the `nats` CLI takes it as an argument.
const CONSUMERS: [(&str, &str); 5] = [
    ("RAW", include_str!("../../consumers/RAW.validator.json")),
    ("VALID", include_str!("../../consumers/VALID.loader.json")),
    ("RUN", include_str!("../../consumers/RUN.loader.json")),
    ("DLQ", include_str!("../../consumers/DLQ.loader.json")),
    ("AUDIT", include_str!("../../consumers/AUDIT.loader.json")),
];

/// A stream or consumer as the server's API takes it: durations in nanoseconds.
pub type Config = Map<String, Value>;

/// All streams and consumers that there should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Streams.
    pub streams: Vec<Config>,
    /// Consumers, each with the name of its stream.
    pub consumers: Vec<(String, Config)>,
}

/// What an installation sets for itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Bytes a stream may hold, by its name.
    pub max_bytes: BTreeMap<String, u64>,
    /// How long a message may be in a service's hands without a sign of life, for every consumer.
    pub ack_wait: Option<Duration>,
    /// On how many servers of a cluster each stream and its consumers are kept; one where none is said.
    pub replicas: Option<u8>,
}

/// Why the files and the overrides do not go together.
#[derive(Debug, Error)]
pub enum FileError {
    /// A built-in file is not a JSON object.
    #[error("read the built-in definition {0:.40}…")]
    Broken(&'static str, #[source] serde_json::Error),
    /// An override names a stream that there is not.
    #[error("there is no stream {0}; there are RAW, VALID, DLQ, RUN, AUDIT and KV_UPSTREAM")]
    NoSuchStream(String),
    /// A duration or size beyond what the server can hold.
    #[error("{0} is too large")]
    TooLarge(&'static str),
}

/// The built-in files with the overrides put in.
pub fn desired(overrides: &Overrides) -> Result<Desired, FileError> {
    let parse = |text: &'static str| {
        serde_json::from_str::<Config>(text).map_err(|error| FileError::Broken(text, error))
    };
    let mut streams = STREAMS.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    for (name, bytes) in &overrides.max_bytes {
        let bytes = i64::try_from(*bytes).map_err(|_| FileError::TooLarge("a stream's max_bytes"))?;
        let stream =
            streams.iter_mut().find(|stream| stream.get("name").and_then(Value::as_str) == Some(name));
        stream
            .ok_or_else(|| FileError::NoSuchStream(name.clone()))?
            .insert("max_bytes".to_owned(), bytes.into());
    }
    if let Some(replicas) = overrides.replicas {
        for stream in &mut streams {
            stream.insert("num_replicas".to_owned(), replicas.into());
            if replicas > 1 {
                // Any replica answers a direct get, also one that has not seen the newest message yet; and one that caught up
                // cannot write on in a compressed block (ADR 31).
                stream.insert("allow_direct".to_owned(), false.into());
                stream.insert("compression".to_owned(), "none".into());
            }
        }
    }
    let mut consumers = Vec::new();
    for (stream, text) in CONSUMERS {
        let mut consumer = parse(text)?;
        if let Some(wait) = overrides.ack_wait {
            let nanos = i64::try_from(wait.as_nanos()).map_err(|_| FileError::TooLarge("ack_wait"))?;
            consumer.insert("ack_wait".to_owned(), nanos.into());
        }
        consumers.push((stream.to_owned(), consumer));
    }
    Ok(Desired { streams, consumers })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Desired {
        desired(&Overrides::default()).unwrap()
    }

    #[test]
    fn copies_are_read_from_the_leader_and_not_compressed() {
        let of = |replicas| desired(&Overrides { replicas: Some(replicas), ..Overrides::default() }).unwrap();
        for stream in of(3).streams {
            assert_eq!((&stream["num_replicas"], &stream["allow_direct"]), (&3.into(), &false.into()));
            assert_eq!(stream["compression"], "none");
        }
        assert_eq!(of(1), files(), "one copy is what the files say");
    }

    #[test]
    fn every_stream_fits_the_account() {
        let capacity = i64::try_from(crate::server_conf::ACCOUNT_GB * 1_000_000_000).unwrap();
        let sum: i64 = files().streams.iter().map(|stream| stream["max_bytes"].as_i64().unwrap()).sum();
        assert!(sum < capacity, "{sum}");
    }

    #[test]
    fn streams_take_what_the_publishers_may_send() {
        for stream in files().streams {
            let subject = stream["subjects"][0].as_str().unwrap().replace('>', "x");
            assert_eq!(
                stream["max_msg_size"].as_u64().unwrap(),
                crate::subject::limit(&subject) as u64,
                "{subject}"
            );
        }
    }

    #[test]
    fn consumers_never_give_up_on_a_message() {
        for (stream, consumer) in files().consumers {
            assert_eq!(consumer["max_deliver"], -1, "{stream}");
            assert_eq!(consumer["ack_policy"], "explicit", "{stream}");
            assert!(!consumer.contains_key("backoff"), "{stream}");
            assert_eq!(consumer["name"], consumer["durable_name"], "{stream}");
        }
    }

    #[test]
    fn overrides_go_in_and_a_wrong_name_is_refused() {
        let mut overrides = Overrides { ack_wait: Some(Duration::from_secs(1)), ..Overrides::default() };
        overrides.max_bytes.insert("DLQ".to_owned(), 65_536);
        let changed = desired(&overrides).unwrap();
        assert_eq!(changed.streams[2]["max_bytes"], 65_536);
        assert!(changed.consumers.iter().all(|(_, consumer)| consumer["ack_wait"] == 1_000_000_000));
        overrides.max_bytes.insert("RAWW".to_owned(), 1);
        assert!(desired(&overrides).unwrap_err().to_string().contains("no stream RAWW"));
    }
}
