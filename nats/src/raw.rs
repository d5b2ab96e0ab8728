//! A message as the server keeps it, read so that no header of it can end the connection: as JSON, headers unread.

use std::str::{self, FromStr};

use async_nats::{HeaderName, HeaderValue};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_service::Unavailable;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api::{self, ApiError, code},
    client::Client,
    headers::{Headers, decode},
    message::Stored,
    subject,
};

/// A message whose headers nobody has looked at.
pub(crate) struct Raw {
    subject: String,
    /// Its sequence.
    pub(crate) seq: u64,
    wire: Vec<u8>,
    body: Bytes,
    /// When the server stored it.
    pub(crate) time: DateTime<Utc>,
}

impl Raw {
    /// The first message of a stream at a sequence or after it.
    pub(crate) async fn from(client: &Client, stream: &str, seq: u64) -> Result<Option<Self>, Unavailable> {
        Self::get(client, stream, &json!({ "seq": seq, "next_by_subj": ">" })).await
    }

    /// The message of a stream at a sequence.
    pub(crate) async fn at(client: &Client, stream: &str, seq: u64) -> Result<Option<Self>, Unavailable> {
        Self::get(client, stream, &json!({ "seq": seq })).await
    }

    /// The message that `wanted` names, in the words of the API, as the stream's leader has it.
    pub(crate) async fn get(
        client: &Client,
        stream: &str,
        wanted: &Value,
    ) -> Result<Option<Self>, Unavailable> {
        #[derive(Deserialize)]
        struct Answer {
            message: Found,
        }
        #[derive(Deserialize)]
        struct Found {
            subject: String,
            seq: u64,
            #[serde(default)]
            hdrs: String,
            #[serde(default)]
            data: String,
            time: DateTime<Utc>,
        }
        let answer = api::request(&client.nats, &format!("STREAM.MSG.GET.{stream}"), wanted).await;
        let Answer { message } = match answer {
            Ok(answer) => answer,
            Err(ApiError::Refused { err_code: code::NO_MESSAGE_FOUND, .. }) => return Ok(None),
            Err(error) => {
                return Err(client.unavailable(error, &format!("get a message of {stream}")));
            }
        };
        let Found { subject, seq, hdrs, data, time } = message;
        let decoded = |text: &str| BASE64_STANDARD.decode(text).unwrap_or_default();
        Ok(Some(Self { subject, seq, wire: decoded(&hdrs), body: decoded(&data).into(), time }))
    }

    /// Whether the client library can read it.
    pub(crate) fn is_readable(&self) -> bool {
        subject::is_readable(&self.subject) && (self.wire.is_empty() || is_readable(&self.wire))
    }

    /// With its headers as far as they can be read.
    pub(crate) fn stored(self) -> Stored {
        let Self { subject, seq, wire, body, time } = self;
        let headers = parse_lossy(&wire);
        Stored { subject, seq, time, headers, body }
    }
}

/// Whether the client library takes these headers for those of a message: its own rules, which it does not offer.
fn is_readable(wire: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(wire) else { return false };
    let mut lines = text.lines();
    let versioned = lines.next().is_some_and(|line| line.starts_with("NATS/1.0"));
    // A line that begins with white space goes on with the header directly before it, or is one itself.
    let mut goes_on = false;
    let is_header = |line: &str| {
        if goes_on && line.starts_with(char::is_whitespace) {
            return true;
        }
        goes_on = !line.is_empty();
        line.is_empty()
            || line.split_once(':').is_some_and(|(name, value)| {
                HeaderName::from_str(name).is_ok() && HeaderValue::from_str(value.trim()).is_ok()
            })
    };
    versioned && lines.all(is_header)
}

/// The headers as far as they can be read, so that the dead letter still says where the message belongs.
fn parse_lossy(wire: &[u8]) -> Headers {
    let text = String::from_utf8_lossy(wire);
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        HeaderName::from_str(name).is_ok().then(|| (name.to_owned(), decode(name, value.trim())))
    };
    let mut headers: Vec<_> = text.lines().skip(1).filter_map(header).collect();
    // As those of every other message.
    headers.sort();
    headers.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_connection_is_told_from_what_does_not() {
        for fine in ["NATS/1.0\r\nA: b\r\n\r\n", "NATS/1.0\r\n\r\n", "NATS/1.0\r\nA: b\r\n c\r\nD:\r\n\r\n"] {
            assert!(is_readable(fine.as_bytes()), "{fine:?}");
        }
        let bad: [&[u8]; 6] = [
            b"NATS/1.0\r\nA: \xff\r\n\r\n",
            b"NATS/1.0\r\nno colon\r\n\r\n",
            b"NATS/1.0\r\n goes on with nothing\r\nA: b\r\n\r\n",
            b"NATS/1.0\r\nA: b\r\n\r\n c\r\n",
            b"NATS/1.0\r\nA B: c\r\n\r\n",
            b"NATS/2\r\n\r\n",
        ];
        for bad in bad {
            assert!(!is_readable(bad), "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn the_rest_of_the_headers_is_kept() {
        let headers = parse_lossy(b"NATS/1.0\r\nKansoku-Page: 3\r\nA: \xff\r\nno colon\r\n\r\n");
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("A", "\u{fffd}"), ("Kansoku-Page", "3")]);
    }
}
