//! Reading stored messages by subject or sequence, and what streams and consumers say of themselves.

use async_nats::{HeaderMap, Message, Request};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_service::Unavailable;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api::{self, ApiError},
    client::{Client, DEPENDENCY},
    headers::Headers,
    message::{ConsumerState, Stored},
    publish::unavailable,
    raw::Raw,
};

/// Headers that a direct get adds to those of the message.
const ADDED: [&str; 6] = [
    "Nats-Stream",
    "Nats-Subject",
    "Nats-Sequence",
    "Nats-Time-Stamp",
    "Nats-Num-Pending",
    "Nats-Last-Sequence",
];

/// A stream's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamState {
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Messages in it.
    pub messages: u64,
    /// Bytes in it, uncompressed.
    pub bytes: u64,
    /// The most bytes it may hold; `None` without a limit.
    pub max_bytes: Option<u64>,
    /// Whether it drops its oldest message for a new one when it is full.
    pub drops_oldest: bool,
    /// The sequence of its first message, one more than `last_seq` when it is empty.
    pub first_seq: u64,
    /// The sequence of its last message.
    pub last_seq: u64,
}

impl StreamState {
    /// The most bytes of a page in RAW or VALID.
    pub const LARGEST: u64 = 1 << 20;
    /// The least: no page has fewer bytes of headers.
    const LEAST: u64 = 300;

    /// The bytes that can be added and push out none of the newest `needed` pages. Their mean size says nothing of them:
    /// they may be as large as can be, or the others as small.
    pub fn headroom_beside(&self, needed: u64) -> u64 {
        let Some(most) = self.max_bytes else { return u64::MAX };
        let beside = most.saturating_sub(needed.saturating_mul(Self::LARGEST));
        let may_go = self.messages.saturating_sub(needed).saturating_mul(Self::LEAST);
        beside.max(most.saturating_sub(self.bytes).saturating_add(may_go))
    }

    /// The first half of a position: its creation in milliseconds since 1970. Sequences start anew in a new stream.
    pub fn epoch(&self) -> u64 {
        // A stream is not made before 1970.
        u64::try_from(self.created.timestamp_millis()).unwrap_or_default()
    }

    fn has_headroom(&self) -> bool {
        const LARGEST: u64 = 3 << 19;
        let Some(most) = self.max_bytes else { return true };
        // Half of a stream that is smaller than that.
        let wanted = (most / 64).max(LARGEST).min(most / 2);
        most.saturating_sub(self.bytes) >= wanted
    }
}

impl Client {
    /// The epoch of RAW positions: RAW's creation time in ms.
    pub async fn raw_epoch(&self) -> Result<u64, Unavailable> {
        Ok(self.stream_state("RAW").await?.epoch())
    }

    /// What a stream says of itself.
    pub async fn stream_state(&self, stream: &str) -> Result<StreamState, Unavailable> {
        #[derive(Deserialize)]
        struct Info {
            created: DateTime<Utc>,
            config: Config,
            state: State,
        }
        #[derive(Deserialize)]
        struct Config {
            max_bytes: i64,
            discard: String,
        }
        #[derive(Deserialize)]
        struct State {
            messages: u64,
            bytes: u64,
            first_seq: u64,
            last_seq: u64,
        }
        let info = api::request(&self.nats, &format!("STREAM.INFO.{stream}"), &Value::Null).await;
        let Info { created, config, state } =
            info.map_err(|error| self.unavailable(error, &format!("get the state of stream {stream}")))?;
        let State { messages, bytes, first_seq, last_seq } = state;
        let max_bytes = u64::try_from(config.max_bytes).ok();
        let drops_oldest = config.discard == "old";
        Ok(StreamState { created, messages, bytes, max_bytes, drops_oldest, first_seq, last_seq })
    }

    /// Whether a stream that refuses new messages when it is full takes more: a sixty-fourth of it is free, and at
    /// least the largest message.
    pub async fn check_headroom(&self, stream: &str) -> Result<(), Unavailable> {
        let state = self.stream_state(stream).await?;
        if state.has_headroom() {
            return Ok(());
        }
        let StreamState { bytes, max_bytes, .. } = state;
        let full = ApiError::Refused {
            err_code: api::code::STREAM_FULL,
            description: format!("{bytes} of {} bytes are taken", max_bytes.unwrap_or_default()),
        };
        Err(self.unavailable(full, &format!("check the headroom of {stream}")))
    }

    /// What a consumer says of itself.
    pub async fn consumer_state(&self, stream: &str, consumer: &str) -> Result<ConsumerState, Unavailable> {
        #[derive(Deserialize)]
        struct Info {
            config: Config,
            num_pending: u64,
            num_ack_pending: u64,
            num_redelivered: u64,
            ack_floor: Place,
            delivered: Place,
        }
        #[derive(Deserialize)]
        struct Config {
            ack_wait: u64,
        }
        #[derive(Deserialize)]
        struct Place {
            stream_seq: u64,
        }
        let info =
            api::request(&self.nats, &format!("CONSUMER.INFO.{stream}.{consumer}"), &Value::Null).await;
        let info: Info = info.map_err(|error| {
            self.unavailable(error, &format!("get the state of consumer {stream}.{consumer}"))
        })?;
        Ok(ConsumerState {
            num_pending: info.num_pending,
            num_ack_pending: info.num_ack_pending,
            num_redelivered: info.num_redelivered,
            ack_floor: info.ack_floor.stream_seq,
            delivered: info.delivered.stream_seq,
            ack_wait: std::time::Duration::from_nanos(info.config.ack_wait),
        })
    }

    /// The last message on a subject.
    pub async fn last_on_subject(&self, stream: &str, subject: &str) -> Result<Option<Stored>, Unavailable> {
        self.get_by(stream, &format!("{stream}.{subject}"), &json!({ "last_by_subj": subject })).await
    }

    /// The message at a sequence; `None` when it has aged out or never was.
    pub async fn get(&self, stream: &str, seq: u64) -> Result<Option<Stored>, Unavailable> {
        self.get_by(stream, stream, &json!({ "seq": seq })).await
    }

    /// The message at a sequence, whatever its headers are: slower than [`Client::get`], which some end the connection of.
    pub async fn read(&self, stream: &str, seq: u64) -> Result<Option<Stored>, Unavailable> {
        Ok(Raw::at(self, stream, seq).await?.map(Raw::stored))
    }

    /// The first message on a subject, which may have wildcards, at a sequence or after it.
    pub async fn next_on_subject(
        &self,
        stream: &str,
        subject: &str,
        seq: u64,
    ) -> Result<Option<Stored>, Unavailable> {
        self.get_by(stream, stream, &json!({ "seq": seq, "next_by_subj": subject })).await
    }

    /// The last message of a stream.
    pub(crate) async fn last(&self, stream: &str) -> Result<Option<Stored>, Unavailable> {
        self.get_by(stream, stream, &json!({ "last_by_subj": ">" })).await
    }

    /// The first message on a subject, which may have wildcards, that was stored at an instant or after it.
    pub async fn first_since(
        &self,
        stream: &str,
        subject: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Stored>, Unavailable> {
        self.get_by(stream, stream, &json!({ "start_time": since, "next_by_subj": subject })).await
    }

    /// All messages on a subject, which may have wildcards, that were stored since an instant, the oldest first.
    pub async fn since(
        &self,
        stream: &str,
        subject: &str,
        since: DateTime<Utc>,
    ) -> Result<Vec<Stored>, Unavailable> {
        let mut next = self.first_since(stream, subject, since).await?;
        let mut found = Vec::new();
        while let Some(stored) = next {
            next = self.next_on_subject(stream, subject, stored.seq + 1).await?;
            found.push(stored);
        }
        Ok(found)
    }

    /// A direct get where the stream allows it. A stream with replicas does not, since a replica that lags would answer with what
    /// was: then the leader is asked, as it is for what a direct get cannot bring.
    async fn get_by(&self, stream: &str, path: &str, wanted: &Value) -> Result<Option<Stored>, Unavailable> {
        let subject = format!("$JS.API.DIRECT.GET.{path}");
        let doing = || format!("get a message by {subject}");
        // With the subject in the path there is nothing more to say.
        let body = if path == stream { Bytes::from(wanted.to_string()) } else { Bytes::new() };
        let answer = match api::send(&self.nats, &subject, Request::new().payload(body)).await {
            // Without an answer it may be a message that ended the connection, since the client library cannot read it.
            Err(ApiError::NobodyThere(_) | ApiError::NoAnswer(_)) => {
                return Ok(Raw::get(self, stream, wanted).await?.map(Raw::stored));
            }
            answer => answer.map_err(|error| self.unavailable(error, &doing()))?,
        };
        match answer.status.map(|status| status.as_u16()) {
            Some(404) => return Ok(None),
            Some(code) if code != 200 => {
                let words = answer.description.unwrap_or_default();
                let error = ApiError::Refused { err_code: u64::from(code), description: words };
                return Err(self.unavailable(error, &doing()));
            }
            _ => {}
        }
        let stored = stored(answer);
        stored.map(Some).ok_or_else(|| Unavailable {
            dependency: DEPENDENCY,
            remediation: None,
            error: anyhow::anyhow!("an answer without position on {subject}"),
        })
    }

    pub(crate) fn unavailable(&self, error: ApiError, doing: &str) -> Unavailable {
        unavailable(error, doing, self.denied())
    }
}

fn stored(message: Message) -> Option<Stored> {
    let wire: HeaderMap = message.headers?;
    // The server adds its own behind those of the message, which may have the same names.
    let header = |name: &str| Some(wire.get_last(name)?.as_str().to_owned());
    let subject = header("Nats-Subject")?;
    let seq = header("Nats-Sequence")?.parse().ok()?;
    let time = DateTime::parse_from_rfc3339(&header("Nats-Time-Stamp")?).ok()?.to_utc();
    let mut headers = Headers::from_wire(&wire);
    ADDED.iter().for_each(|name| headers.remove(name));
    Some(Stored { subject, seq, time, headers, body: message.payload })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_has_headroom_while_the_largest_message_fits() {
        let headroom = |bytes, max_bytes| {
            let created = DateTime::UNIX_EPOCH;
            StreamState {
                created,
                messages: 1,
                bytes,
                max_bytes,
                drops_oldest: false,
                first_seq: 1,
                last_seq: 1,
            }
            .has_headroom()
        };
        assert!(headroom(10 << 20, None));
        assert!(headroom(8 << 20, Some(10 << 20)));
        assert!(!headroom(9 << 20, Some(10 << 20)));
        assert!(
            headroom(63 << 30, Some(64 << 30)) && !headroom((63 << 30) + 1, Some(64 << 30)),
            "a large one"
        );
        assert!(headroom(500, Some(1_000)) && !headroom(501, Some(1_000)), "a small one");
    }
}
