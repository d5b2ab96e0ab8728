//! `GET /api/v1/analytics/genre-distribution`: how the titles spread over genres, themes, demographics or studios.

use axum::{extract::State, response::Response};
use chrono::NaiveDate;
use serde::Serialize;
use sqlx::Row;
use utoipa::{IntoParams, ToSchema};

use super::titles_known::titles_known;
use crate::{
    app::App,
    csv::{Table, maybe, plain, text},
    database::{ReadError, Scope, Snapshot},
    http::respond::RequestHead,
    parameters::RequestParameters,
    problem::{Failure, Problem},
    resource::{FormatParameter, Parameters, Resource, WriteCsv, respond_with},
    response::Meta,
    selection::Selection,
    vocabulary::Adult,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
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

impl TagKind {
    const ALL: [Self; 4] = [Self::Genre, Self::Theme, Self::Demographic, Self::Studio];

    const fn name(self) -> &'static str {
        match self {
            Self::Genre => "genre",
            Self::Theme => "theme",
            Self::Demographic => "demographic",
            Self::Studio => "studio",
        }
    }
}

/// What `GET /api/v1/analytics/genre-distribution` may be asked.
#[derive(Debug, Clone, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GenreDistributionParams {
    /// What to sort the titles by; `genre` when left out.
    #[param(inline, required = false)]
    pub kind: TagKind,
    /// `show` leaves in titles rated "Rx"; `hide` when left out.
    #[param(inline, required = false)]
    pub adult: Adult,
}

/// The body of this resource.
#[derive(ToSchema)]
#[expect(dead_code, reason = "names the shape of `ApiResponse<GenreDistribution>` in the OpenAPI document")]
pub(crate) struct GenreDistributionResponse {
    /// Where the data come from, and how fresh and complete they are.
    meta: Meta,
    /// What was asked for.
    data: GenreDistribution,
}

impl Parameters for GenreDistributionParams {
    fn from_request(
        parameters: &mut RequestParameters,
        _: &Selection,
        _: NaiveDate,
    ) -> Result<Self, Failure> {
        let kind = parameters.word("kind", &TagKind::ALL.map(|kind| (kind.name(), kind)))?;
        Ok(Self { kind: kind.unwrap_or(TagKind::Genre), adult: Adult::from_request(parameters)? })
    }
}

/// Genre distribution
///
/// For each genre (theme, demographic, studio) its titles, their share, their mean score and their members by the last
/// known numbers, the one with most titles first.
#[utoipa::path(
    get,
    path = "/api/v1/analytics/genre-distribution",
    tag = "analytics",
    params(Selection, GenreDistributionParams, FormatParameter),
    responses(
        (status = 200, description = "The response", content(
            (GenreDistributionResponse = "application/json"),
            (String = "text/csv", example = json!(COLUMNS.join(","))),
        )),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn genre_distribution(
    State(app): State<App>,
    head: RequestHead,
) -> Result<Response, Failure> {
    respond_with::<Distribution>(&app, head).await
}

struct Distribution;

impl Resource for Distribution {
    const NAME: &'static str = "genre-distribution";
    const CSV: Option<WriteCsv<GenreDistribution>> = Some(write_csv);
    type Params = GenreDistributionParams;
    type Data = GenreDistribution;

    async fn load(
        snapshot: &mut Snapshot,
        scope: &Scope,
        params: &GenreDistributionParams,
        _: &mut Meta,
    ) -> Result<GenreDistribution, ReadError> {
        let rows = titles_known!("genre_distribution.sql")
            .query(scope, params.adult, Some(params.kind.name()))
            .fetch_all(&mut *snapshot.transaction)
            .await?;
        let mut distribution = GenreDistribution { titles: 0, genres: Vec::with_capacity(rows.len()) };
        for row in rows {
            distribution.titles = row.try_get("all_titles")?;
            let Some(genre_id) = row.try_get("genre_id")? else { continue };
            let titles: i64 = row.try_get("titles")?;
            distribution.genres.push(GenreShare {
                genre_id,
                name: row.try_get("name")?,
                titles,
                share: share(titles, distribution.titles),
                scored: row.try_get("scored")?,
                mean_score: row.try_get("mean_score")?,
                members: row.try_get("members")?,
            });
        }
        Ok(distribution)
    }
}

/// Counts of titles are far below 2^52, so they are exact as floats.
fn share(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Part of the document too.
const COLUMNS: [&str; 7] = ["genre_id", "name", "titles", "share", "scored", "mean_score", "members"];

fn write_csv(distribution: &GenreDistribution) -> csv::Result<String> {
    let mut table = Table::new(&COLUMNS)?;
    for genre in &distribution.genres {
        table.line([
            plain(genre.genre_id),
            text(genre.name.as_str()),
            plain(genre.titles),
            plain(genre.share),
            plain(genre.scored),
            maybe(genre.mean_score),
            plain(genre.members),
        ])?;
    }
    table.finish()
}
