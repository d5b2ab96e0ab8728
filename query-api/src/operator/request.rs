//! Reads query strings and JSON bodies, and says in words what is wrong with them.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use super::refusal::{bad, refuse, unknown};
use crate::{
    cursor::{Cursor, Key},
    parameters::{Refusal, Value as _},
    problem::Failure,
};

/// The parameters of a query string.
pub(super) struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        read.map(|Query(params)| Self(params)).map_err(|error| bad(error.body_text()))
    }
}

/// A body of JSON.
pub(super) struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if kind.is_none_or(|kind| !kind.trim_start().starts_with("application/json")) {
            let detail = "the body must be JSON, and say so: Content-Type: application/json";
            return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|error| {
            refuse(error.status(), format!("read the body: {}", error.body_text().to_lowercase()))
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| bad(format!("the body: {error}")))
    }
}

/// How many items a page of a list has.
pub(super) const fn default_limit() -> i64 {
    50
}

/// A limit within its bounds.
///
/// # Errors
/// When it is not.
pub(super) fn within(limit: i64) -> Result<i64, Failure> {
    if (1..=500).contains(&limit) {
        return Ok(limit);
    }
    Err(Failure::BadParameter {
        parameter: "limit".into(),
        message: format!("{limit} is not a whole number from 1 to 500"),
        allowed: Vec::new(),
    })
}

/// A reason that says something.
///
/// # Errors
/// When it is empty or very long.
pub(super) fn reason(text: &str) -> Result<&str, Failure> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(bad("reason: must not be empty; who reads the audit wants to know why")),
        1..=1_000 => Ok(text),
        many => Err(bad(format!("reason: {many} characters, and 1000 are the most"))),
    }
}

/// The cursor of a list.
///
/// # Errors
/// When it is none of this list.
pub(super) fn cursor<K: Key>(text: Option<&str>) -> Result<Option<Cursor<K>>, Failure> {
    let refuse = |refusal: Refusal| Failure::BadParameter {
        parameter: "cursor".into(),
        message: format!("{} {}", text.unwrap_or_default(), refusal.message),
        allowed: refusal.allowed,
    };
    text.map(Cursor::parse).transpose().map_err(refuse)
}

/// A part of the path.
pub(super) struct At<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let read = Path::<T>::from_request_parts(parts, state).await;
        // A value that no such thing can have names nothing that is there.
        read.map(|Path(value)| Self(value))
            .map_err(|error| unknown(format!("the path: {}", error.body_text())))
    }
}
