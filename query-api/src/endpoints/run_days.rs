//! `GET /api/v1/runs/days`: which days were observed.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{answer::Meta, problem::Problem, vocabulary::Catalogue};

/// One UTC day, observed or not.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunDay {
    /// The day.
    pub day: NaiveDate,
    /// Captures of that day; 0 where nothing was observed.
    pub runs: i64,
    /// Those that brought every page.
    pub complete: i64,
    /// Those that did not, or not yet.
    pub incomplete: i64,
}

/// What `GET /api/v1/runs/days` may be asked.
#[derive(Debug, Clone, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RunDaysParams {
    /// `mal` or `sample`; the one with the newest capture when left out.
    #[param(inline)]
    pub catalogue: Option<Catalogue>,
    /// Only captures of this source.
    pub source: Option<String>,
    /// Only captures up to this RFC 3339 instant, or up to the end of this UTC day (`2026-11-23`).
    pub as_of: Option<String>,
    /// How many days, ending with the day of `as_of`, or today.
    #[param(minimum = 1, maximum = 400, default = 60)]
    pub days: Option<u32>,
}

/// The body of this resource.
#[derive(ToSchema)]
#[expect(dead_code, reason = "names the shape of `Answer<Vec<RunDay>>` in the OpenAPI document")]
pub(crate) struct RunDaysAnswer {
    /// Where the data come from, and how fresh and complete they are.
    meta: Meta,
    /// What was asked for.
    data: Vec<RunDay>,
}

/// Days observed
///
/// Every UTC day of the range, oldest first, with the captures of that day.
#[utoipa::path(get, path = "/api/v1/runs/days", tag = "captures", params(RunDaysParams),
    responses((status = 200, description = "The answer", body = RunDaysAnswer), (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn run_days() {}
