//! Requests of the JetStream API: JSON out, JSON or an error with the server's code back.

use std::time::Duration;

use async_nats::{Client, Request, RequestErrorKind};
use bytes::Bytes;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use thiserror::Error;

/// How long the server may take for an answer.
pub(crate) const ANSWER: Duration = Duration::from_secs(5);

/// Error codes of the server (its `server/errors.json`).
pub(crate) mod code {
    pub(crate) const CONSUMER_NOT_FOUND: u64 = 10014;
    pub(crate) const NO_MESSAGE_FOUND: u64 = 10037;
    pub(crate) const MESSAGE_TOO_LARGE: u64 = 10054;
    pub(crate) const STREAM_NOT_FOUND: u64 = 10059;
    pub(crate) const WRONG_LAST_SEQUENCE: u64 = 10071;
    pub(crate) const HEADERS_TOO_LARGE: u64 = 10097;
    pub(crate) const STREAM_FULL: u64 = 10077;
    pub(crate) const WRONG_LAST_SEQUENCE_CONSTANT: u64 = 10164;
    pub(crate) const DUPLICATE_IN_BATCH: u64 = 10201;
}

/// Why a request has no answer.
#[derive(Debug, Error)]
pub enum ApiError {
    /// The server refused it.
    #[error("{description} ({err_code})")]
    Refused {
        /// The server's own number for this error.
        err_code: u64,
        /// Its words.
        description: String,
    },
    /// Nobody listens on the subject: no such stream, or JetStream is off.
    #[error("nobody answers on {0}")]
    NobodyThere(String),
    /// No answer in time: no connection, or no permission.
    #[error("no answer on {0} within {ANSWER:?}")]
    NoAnswer(String),
    /// The request could not be sent.
    #[error("send a request on {subject}")]
    NotSent {
        /// Where to.
        subject: String,
        /// What the client library says.
        #[source]
        source: async_nats::RequestError,
    },
    /// The answer is not what this version understands.
    #[error("read the answer on {subject}")]
    Unreadable {
        /// Of which request.
        subject: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

impl ApiError {
    /// The server's number for the error, if it gave one.
    pub fn code(&self) -> Option<u64> {
        match self {
            Self::Refused { err_code, .. } => Some(*err_code),
            _ => None,
        }
    }
}

/// Sends `request` and returns the raw answer.
pub(crate) async fn send(
    client: &Client,
    subject: &str,
    request: Request,
) -> Result<async_nats::Message, ApiError> {
    let sent = client.send_request(subject.to_owned(), request.timeout(Some(ANSWER))).await;
    sent.map_err(|error| match error.kind() {
        RequestErrorKind::NoResponders => ApiError::NobodyThere(subject.to_owned()),
        RequestErrorKind::TimedOut => ApiError::NoAnswer(subject.to_owned()),
        _ => ApiError::NotSent { subject: subject.to_owned(), source: error },
    })
}

/// Requests `$JS.API.<call>`.
pub(crate) async fn request<T: DeserializeOwned>(
    client: &Client,
    call: &str,
    body: &Value,
) -> Result<T, ApiError> {
    let subject = format!("$JS.API.{call}");
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let answer = send(client, &subject, Request::new().payload(body)).await?;
    read(&subject, &answer.payload)
}

/// Reads an answer of the API or a PubAck: an `error` in it wins.
pub(crate) fn read<T: DeserializeOwned>(subject: &str, payload: &[u8]) -> Result<T, ApiError> {
    #[derive(Deserialize)]
    struct Refusal {
        error: Option<Reason>,
    }
    #[derive(Deserialize)]
    struct Reason {
        #[serde(default)]
        err_code: u64,
        #[serde(default)]
        description: String,
    }
    let unreadable = |source| ApiError::Unreadable { subject: subject.to_owned(), source };
    let refusal: Refusal = serde_json::from_slice(payload).map_err(unreadable)?;
    if let Some(Reason { err_code, description }) = refusal.error {
        return Err(ApiError::Refused { err_code, description });
    }
    serde_json::from_slice(payload).map_err(unreadable)
}
