//! Errors as RFC 9457 `application/problem+json`.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::operator::{PlacedFault, Refusal};

/// What went wrong, in the form of RFC 9457.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// The kind of problem; `about:blank` where the status says it all.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: String,
    /// The kind of problem in words.
    #[schema(example = "Bad Request")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 400)]
    pub status: u16,
    /// What was wrong, where, and what to do.
    #[schema(example = "limit: 0 is not a whole number from 1 to 100")]
    pub detail: String,
    /// The id to quote; it stands in the logs and in the header `X-Request-Id`.
    pub request_id: String,
    /// The query parameter that was wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "limit")]
    pub parameter: Option<String>,
    /// What may stand there instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub allowed: Vec<String>,
    /// The character of a filter that was wrong, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 12)]
    pub column: Option<usize>,
    /// Why a text does not pass its schema.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub faults: Vec<PlacedFault>,
}

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A query parameter is unknown or cannot be understood.
    #[error("{parameter}: {message}")]
    BadParameter {
        /// Its name.
        parameter: String,
        /// What is wrong with it.
        message: String,
        /// What may stand there: names or values.
        allowed: Vec<String>,
    },
    /// No resource has this path.
    #[error("nothing is served at {0}; /docs lists what is")]
    NotFound(String),
    /// What the path names is not there.
    #[error("{0}")]
    NotKnown(String),
    /// The resource is there and cannot do this.
    #[error("{0} is not possible here; these resources are read with GET or HEAD")]
    MethodNotAllowed(String),
    /// A request of an operator is refused.
    #[error("{}", .0.detail)]
    Refused(Box<Refusal>),
    /// The client asks too often.
    #[error("too many requests from this address; try again in {} s", .retry_after.as_secs().max(1))]
    TooMany {
        /// When the next request will be answered.
        retry_after: Duration,
    },
    /// The database is unavailable, and no earlier response is known.
    #[error("the database is unavailable, and no earlier response is known; try again in a few seconds")]
    Unavailable,
    /// All database sessions are in use, and no earlier response is known.
    #[error("too many requests are being answered at once; try again in a second")]
    Busy,
    /// The database did not answer in time, and no earlier response is known. What it said is for the log.
    #[error("the database did not answer in time; try again, or ask for less")]
    TooSlow(String),
    /// A bug of ours. What broke is for the log.
    #[error("something broke on our side; the log has the rest under this request id")]
    Internal(String),
}

/// How long a client should wait while the database is unavailable or slow.
const RETRY_UNAVAILABLE: Duration = Duration::from_secs(5);
/// How long it should wait for a session.
const RETRY_BUSY: Duration = Duration::from_secs(1);

impl Failure {
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadParameter { .. } => StatusCode::BAD_REQUEST,
            Self::Refused(refusal) => refusal.status,
            Self::NotFound(_) | Self::NotKnown(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSlow(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Writes what the client is not told into the log.
    pub fn log(&self, request_id: &str, should_log: impl Fn(&str) -> Option<u64>) {
        let (Self::TooSlow(cause) | Self::Internal(cause)) = self else { return };
        let Some(left_out) = should_log(cause) else { return };
        match self {
            Self::TooSlow(_) => tracing::warn!(request_id, left_out, "failed to answer in time: {cause}"),
            _ => tracing::error!(request_id, left_out, "failed to answer: {cause}"),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany { retry_after } => Some(*retry_after),
            Self::Unavailable | Self::TooSlow(_) => Some(RETRY_UNAVAILABLE),
            Self::Busy => Some(RETRY_BUSY),
            _ => None,
        }
    }

    /// The body that tells a client of this failure.
    pub fn problem(&self, request_id: &str) -> Problem {
        let status = self.status();
        let (parameter, allowed) = match self {
            Self::BadParameter { parameter, allowed, .. } => (Some(parameter.clone()), allowed.clone()),
            Self::Refused(refusal) => (refusal.parameter.clone(), Vec::new()),
            _ => (None, Vec::new()),
        };
        let (column, faults) = match self {
            Self::Refused(refusal) => (refusal.column, refusal.faults.clone()),
            _ => (None, Vec::new()),
        };
        Problem {
            kind: "about:blank".into(),
            title: status.canonical_reason().unwrap_or("Error").into(),
            status: status.as_u16(),
            detail: self.to_string(),
            request_id: request_id.into(),
            parameter,
            allowed,
            column,
            faults,
        }
    }
}

/// The response still lacks its body: the request id is known further out, in [`crate::http::request_id`].
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"kansoku\""));
        }
        if let Some(wait) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response.extensions_mut().insert(self);
        response
    }
}
