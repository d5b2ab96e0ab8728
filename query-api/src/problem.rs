//! Errors as RFC 9457 `application/problem+json`.

use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, in the form of RFC 9457.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The kind of problem; `about:blank` where the status says it all.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: String,
    /// The kind of problem in words.
    #[schema(example = "Bad request")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 400)]
    pub status: u16,
    /// What was wrong, where, and what to do.
    #[schema(example = "limit: 0 is not a number from 1 to 100")]
    pub detail: String,
    /// The id to quote; it stands in the logs and in the header `X-Request-Id`.
    pub request_id: String,
    /// The query parameter that was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "limit")]
    pub parameter: Option<String>,
    /// What may stand there instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub allowed: Vec<String>,
}
