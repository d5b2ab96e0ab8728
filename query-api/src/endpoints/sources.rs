//! `GET /api/v1/sources`: where the data come from.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{answer::Meta, problem::Problem, vocabulary::Catalogue};

/// A place that bytes came from, and what it brought.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Source {
    /// The catalogue its titles belong to.
    pub catalogue: Catalogue,
    /// Its name: a base URL, `jikan-sim`, …
    #[schema(example = "jikan-sim")]
    pub source: String,
    /// Whether its titles are fictional.
    pub sample: bool,
    /// Captures of one dataset each.
    pub runs: i64,
    /// Titles seen at least once.
    pub titles: i64,
    /// Observations stored.
    pub observations: i64,
    /// The oldest capture.
    #[schema(required = true)]
    pub first_captured_at: Option<DateTime<Utc>>,
    /// The newest capture.
    #[schema(required = true)]
    pub last_captured_at: Option<DateTime<Utc>>,
}

/// The body of this resource.
#[derive(ToSchema)]
#[expect(dead_code, reason = "names the shape of `Answer<Vec<Source>>` in the OpenAPI document")]
pub(crate) struct SourcesAnswer {
    /// Where the data come from, and how fresh and complete they are.
    meta: Meta,
    /// What was asked for.
    data: Vec<Source>,
}

/// Sources
///
/// Every source of every catalogue.
#[utoipa::path(get, path = "/api/v1/sources", tag = "captures",
    responses((status = 200, description = "The answer", body = SourcesAnswer), (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn sources() {}
