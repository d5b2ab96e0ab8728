//! `GET /api/v1/runs`: the captures, newest first.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    answer::Meta,
    problem::Problem,
    vocabulary::{Catalogue, RunState},
};

/// One capture of one dataset.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Run {
    /// The run's id.
    pub run: Uuid,
    /// What was captured.
    #[schema(example = "top.score")]
    pub dataset: String,
    /// The catalogue of its titles.
    pub catalogue: Catalogue,
    /// Where the bytes came from.
    pub source: String,
    /// The instant that all its pages share.
    pub captured_at: DateTime<Utc>,
    /// How far it has come.
    pub state: RunState,
    /// Pages that were to come.
    #[schema(required = true)]
    pub pages_planned: Option<i32>,
    /// Pages that came.
    pub pages_got: i32,
    /// What became of its rows.
    pub rows: RunRows,
    /// What was odd without being an error.
    pub warnings: Vec<String>,
    /// When fetching began.
    #[schema(required = true)]
    pub started_at: Option<DateTime<Utc>>,
    /// When fetching ended.
    #[schema(required = true)]
    pub ended_at: Option<DateTime<Utc>>,
}

/// The books of one run.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunRows {
    /// Rows on the pages.
    pub received: i64,
    /// Rows that passed the check.
    pub accepted: i64,
    /// Rows that were set aside as dead letters.
    pub dead: i64,
    /// Observations owned by this run.
    pub stored: i64,
    /// Rows that another place had already told.
    pub duplicate: i64,
}

/// What `GET /api/v1/runs` may be asked.
#[derive(Debug, Clone, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RunsParams {
    /// `mal` or `sample`; the one with the newest capture when left out.
    #[param(inline)]
    pub catalogue: Option<Catalogue>,
    /// Only captures of this source.
    pub source: Option<String>,
    /// Only captures up to this RFC 3339 instant, or up to the end of this UTC day (`2026-11-23`).
    pub as_of: Option<String>,
    /// Only captures of this dataset.
    #[param(example = "top.score")]
    pub dataset: Option<String>,
    /// How many.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// `meta.next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// The body of this resource.
#[derive(ToSchema)]
#[expect(dead_code, reason = "names the shape of `Answer<Vec<Run>>` in the OpenAPI document")]
pub(crate) struct RunsAnswer {
    /// Where the data come from, and how fresh and complete they are.
    meta: Meta,
    /// What was asked for.
    data: Vec<Run>,
}

/// Runs
///
/// Captures of one dataset each, newest first, with what became of their rows.
#[utoipa::path(get, path = "/api/v1/runs", tag = "captures", params(RunsParams),
    responses((status = 200, description = "The answer", body = RunsAnswer), (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn runs() {}
