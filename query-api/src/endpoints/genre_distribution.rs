//! `GET /api/v1/analytics/genre-distribution`: how the titles spread over genres, themes, demographics or studios.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::Meta,
    problem::Problem,
    vocabulary::{Adult, Catalogue},
};

/// How the titles spread.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GenreDistribution {
    /// Titles counted; a title has several genres, so the genres' numbers add up to more.
    pub titles: i64,
    /// The genres, the one with most titles first.
    pub genres: Vec<GenreShare>,
}

/// One genre's part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GenreShare {
    /// The genre's number in its catalogue.
    pub genre_id: i32,
    /// Its name.
    pub name: String,
    /// Titles that have it.
    pub titles: i64,
    /// Those titles' part of all titles counted, 0 to 1.
    pub share: f64,
    /// Those of them that have a score.
    pub scored: i64,
    /// The mean of their scores.
    #[schema(required = true)]
    pub mean_score: Option<f64>,
    /// Their members added up.
    pub members: i64,
}

/// What titles are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TagKind {
    /// Action, Drama, …
    Genre,
    /// School, Space, …
    Theme,
    /// Shounen, Josei, …
    Demographic,
    /// Who made it.
    Studio,
}

/// What `GET /api/v1/analytics/genre-distribution` may be asked.
#[derive(Debug, Clone, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GenreDistributionParams {
    /// `mal` or `sample`; the one with the newest capture when left out.
    #[param(inline)]
    pub catalogue: Option<Catalogue>,
    /// Only captures of this source.
    pub source: Option<String>,
    /// Only captures up to this RFC 3339 instant, or up to the end of this UTC day (`2026-11-23`).
    pub as_of: Option<String>,
    /// What to sort the titles by; `genre` when left out.
    #[param(inline)]
    pub kind: Option<TagKind>,
    /// `show` leaves in titles rated "Rx"; `hide` when left out.
    #[param(inline)]
    pub adult: Option<Adult>,
    /// `json` or `csv`; the header `Accept: text/csv` asks for CSV too.
    #[param(example = "json")]
    pub format: Option<String>,
}

/// The body of this resource.
#[derive(ToSchema)]
#[expect(dead_code, reason = "names the shape of `Answer<GenreDistribution>` in the OpenAPI document")]
pub(crate) struct GenreDistributionAnswer {
    /// Where the data come from, and how fresh and complete they are.
    meta: Meta,
    /// What was asked for.
    data: GenreDistribution,
}

/// Genre distribution
///
/// For each genre (theme, demographic, studio) its titles, their share, their mean score and their members, the one with
/// most titles first.
#[utoipa::path(get, path = "/api/v1/analytics/genre-distribution", tag = "analytics", params(GenreDistributionParams),
    responses((status = 200, description = "The answer, as JSON or CSV", content((GenreDistributionAnswer = "application/json"), (String = "text/csv"))), (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn genre_distribution() {}
