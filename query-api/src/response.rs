//! The envelope of every response.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::vocabulary::Catalogue;

/// What every response says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Meta {
    /// The catalogue shown; where none was asked for, the one with the newest capture.
    pub catalogue: Catalogue,
    /// The sources whose captures the response may rest on.
    #[schema(example = json!(["jikan-sim"]))]
    pub sources: Vec<String>,
    /// The one source asked for.
    #[schema(required = true)]
    pub source: Option<String>,
    /// The last instant that counts: the newest capture's up to the one asked for, or the end of its day; `null` is now.
    #[schema(required = true)]
    pub as_of: Option<DateTime<Utc>>,
    /// The newest capture shown.
    #[schema(required = true)]
    pub captured_at: Option<DateTime<Utc>>,
    /// The oldest capture of the catalogue, or of the source asked for, whatever `as_of` says.
    #[schema(required = true)]
    pub first_captured_at: Option<DateTime<Utc>>,
    /// The version of the catalogue's data that this response was read from.
    pub version: i64,
    /// Whether every run of the newest day captured brought all its pages.
    pub complete: bool,
    /// Whether the database gave no newer one, so that this is the last response known (see the header `Age`).
    pub stale: bool,
    /// Where the next page of a list starts; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A response: what it says about itself, and what was asked for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApiResponse<T> {
    /// Where the data come from, and how fresh and complete they are.
    pub meta: Meta,
    /// What was asked for.
    pub data: T,
}
