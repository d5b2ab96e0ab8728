//! Messages whose headers the client library cannot read.
//!
//! `nats pub -H` takes any bytes. Where they are not UTF-8, or no header, the library ends the connection at each
//! delivery and the message comes again for ever. So wherever messages are unsettled when the consumer is bound, those
//! that were delivered are read in another way, and set aside if they are of these.

use std::str::{self, FromStr};

use async_nats::{HeaderName, HeaderValue, Request};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_service::Away;
use serde::Deserialize;
use serde_json::json;

use super::{ConsumerSpec, Delivery, settle};
use crate::{
    api::{self, ApiError, code},
    client::Client,
    headers::{Headers, unescape},
    message::{ConsumerState, Stored},
};

/// The first message at a sequence or after it, among those that were delivered and may be unsettled, that the client
/// library cannot read.
pub(super) async fn find(
    client: &Client,
    spec: &ConsumerSpec,
    state: &ConsumerState,
    mut from: u64,
) -> Result<Option<Delivery>, Away> {
    if state.num_ack_pending == 0 {
        return Ok(None);
    }
    while from <= state.delivered {
        let Some(Raw { subject, seq, wire, body, time }) = get(client, spec.stream, from).await? else {
            break;
        };
        if !wire.is_empty() && !is_readable(&wire) {
            let stored = Stored { subject, seq, time, headers: as_far_as(&wire), body };
            // How often it was delivered nobody says; at least once.
            let span = settle::process_span(spec, &stored, 1);
            return Ok(Some(Delivery { stored, deliveries: 1, span }));
        }
        from = seq + 1;
    }
    Ok(None)
}

/// A message whose headers nobody has looked at.
struct Raw {
    subject: String,
    seq: u64,
    wire: Vec<u8>,
    body: Bytes,
    time: DateTime<Utc>,
}

/// The first message at a sequence or after it.
async fn get(client: &Client, stream: &str, from: u64) -> Result<Option<Raw>, Away> {
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
    let wanted = json!({ "seq": from, "next_by_subj": ">" });
    let answer = api::ask(&client.nats, &format!("STREAM.MSG.GET.{stream}"), &wanted).await;
    let Answer { message } = match answer {
        Ok(answer) => answer,
        Err(ApiError::Refused { err_code: code::NO_MESSAGE_FOUND, .. }) => return Ok(None),
        Err(error) => {
            return Err(client.away(error, &format!("get an unsettled message of {stream}")));
        }
    };
    let Found { subject, seq, hdrs, data, time } = message;
    let decoded = |text: &str| BASE64_STANDARD.decode(text).unwrap_or_default();
    Ok(Some(Raw { subject, seq, wire: decoded(&hdrs), body: decoded(&data).into(), time }))
}

/// Takes the message off the consumer. Its own acknowledgement's subject never arrived; the server looks only at the
/// stream's sequence in it.
pub(super) async fn terminate(
    client: &Client,
    spec: &ConsumerSpec,
    seq: u64,
    reason: &str,
) -> Result<(), Away> {
    let ConsumerSpec { stream, durable, .. } = spec;
    let subject = format!("$JS.ACK.{stream}.{durable}.1.{seq}.1.0.0");
    let request = Request::new().payload(settle::termination(reason));
    let settled = api::send(&client.nats, &subject, request).await;
    settled.map(drop).map_err(|error| client.away(error, &format!("terminate message {seq} of {stream}")))
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
fn as_far_as(wire: &[u8]) -> Headers {
    let text = String::from_utf8_lossy(wire);
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        HeaderName::from_str(name).is_ok().then(|| (name.to_owned(), unescape(value.trim())))
    };
    text.lines().skip(1).filter_map(header).collect()
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
        let headers = as_far_as(b"NATS/1.0\r\nKansoku-Page: 3\r\nA: \xff\r\nno colon\r\n\r\n");
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("Kansoku-Page", "3"), ("A", "\u{fffd}")]);
    }
}
