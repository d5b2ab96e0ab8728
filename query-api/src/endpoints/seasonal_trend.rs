//! `GET /api/v1/analytics/seasonal-trend`: score and members of the titles of each season.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::Meta,
    problem::Problem,
    vocabulary::{Adult, Catalogue, Season},
};

/// The titles that had their premiere in one season, by their last known numbers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeasonPoint {
    /// The year.
    pub year: i32,
    /// The season.
    pub season: Season,
    /// Titles; 0 for a season of which none was observed: a gap, not a zero.
    pub titles: i64,
    /// Those of them that have a score.
    pub scored: i64,
    /// The mean of their scores.
    #[schema(required = true)]
    pub mean_score: Option<f64>,
    /// The median of their scores.
    #[schema(required = true)]
    pub median_score: Option<f64>,
    /// The median of their members.
    #[schema(required = true)]
    pub median_members: Option<f64>,
    /// Their members added up.
    #[schema(required = true)]
    pub members: Option<i64>,
}

/// What `GET /api/v1/analytics/seasonal-trend` may be asked.
#[derive(Debug, Clone, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SeasonalTrendParams {
    /// `mal` or `sample`; the one with the newest capture when left out.
    #[param(inline)]
    pub catalogue: Option<Catalogue>,
    /// Only captures of this source.
    pub source: Option<String>,
    /// Only captures up to this RFC 3339 instant, or up to the end of this UTC day (`2026-11-23`).
    pub as_of: Option<String>,
    /// `show` leaves in titles rated "Rx"; `hide` when left out.
    #[param(inline)]
    pub adult: Option<Adult>,
    /// `json` or `csv`; the header `Accept: text/csv` asks for CSV too.
    #[param(example = "json")]
    pub format: Option<String>,
}

/// The body of this resource.
#[derive(ToSchema)]
#[expect(dead_code, reason = "names the shape of `Answer<Vec<SeasonPoint>>` in the OpenAPI document")]
pub(crate) struct SeasonalTrendAnswer {
    /// Where the data come from, and how fresh and complete they are.
    meta: Meta,
    /// What was asked for.
    data: Vec<SeasonPoint>,
}

/// Seasonal trend
///
/// Every season from the first observed to the last, oldest first; a season in between of which no title was observed has
/// `titles: 0` and no other numbers.
#[utoipa::path(get, path = "/api/v1/analytics/seasonal-trend", tag = "analytics", params(SeasonalTrendParams),
    responses((status = 200, description = "The answer, as JSON or CSV", content((SeasonalTrendAnswer = "application/json"), (String = "text/csv"))), (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn seasonal_trend() {}
