//! `GET /api/v1/analytics/seasonal-trend`: score and members of the titles of each season.

use axum::{extract::State, response::Response};
use chrono::NaiveDate;
use serde::Serialize;
use sqlx::{Row, postgres::PgRow};
use utoipa::{IntoParams, ToSchema};

use super::titles_known::titles_known;
use crate::{
    app::App,
    csv::{Table, maybe, plain},
    database::{ReadError, Scope, Snapshot},
    http::respond::RequestHead,
    parameters::RequestParameters,
    problem::{Failure, Problem},
    resource::{FormatParameter, Parameters, Resource, WriteCsv, parse_enum, respond_with},
    response::Meta,
    selection::Selection,
    vocabulary::{Adult, Season},
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
    /// `show` leaves in titles rated "Rx"; `hide` when left out.
    #[param(inline, required = false)]
    pub adult: Adult,
}

/// The body of this resource.
#[derive(ToSchema)]
#[expect(dead_code, reason = "names the shape of `ApiResponse<Vec<SeasonPoint>>` in the OpenAPI document")]
pub(crate) struct SeasonalTrendResponse {
    /// Where the data come from, and how fresh and complete they are.
    meta: Meta,
    /// What was asked for.
    data: Vec<SeasonPoint>,
}

impl Parameters for SeasonalTrendParams {
    fn from_request(
        parameters: &mut RequestParameters,
        _: &Selection,
        _: NaiveDate,
    ) -> Result<Self, Failure> {
        Ok(Self { adult: Adult::from_request(parameters)? })
    }
}

/// Seasonal trend
///
/// Every season from the first observed to the last, oldest first; a season in between of which no title was observed has
/// `titles: 0` and no other numbers.
#[utoipa::path(
    get,
    path = "/api/v1/analytics/seasonal-trend",
    tag = "analytics",
    params(Selection, SeasonalTrendParams, FormatParameter),
    responses(
        (status = 200, description = "The response", content(
            (SeasonalTrendResponse = "application/json"),
            (String = "text/csv", example = json!(COLUMNS.join(","))),
        )),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn seasonal_trend(State(app): State<App>, head: RequestHead) -> Result<Response, Failure> {
    respond_with::<Trend>(&app, head).await
}

struct Trend;

impl Resource for Trend {
    const NAME: &'static str = "seasonal-trend";
    const CSV: Option<WriteCsv<Vec<SeasonPoint>>> = Some(write_csv);
    type Params = SeasonalTrendParams;
    type Data = Vec<SeasonPoint>;

    async fn load(
        snapshot: &mut Snapshot,
        scope: &Scope,
        params: &SeasonalTrendParams,
        _: &mut Meta,
    ) -> Result<Vec<SeasonPoint>, ReadError> {
        let rows = titles_known!("seasonal_trend.sql")
            .query(scope, params.adult, None)
            .fetch_all(&mut *snapshot.transaction)
            .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &PgRow) -> Result<SeasonPoint, ReadError> {
    let season: String = row.try_get("season")?;
    Ok(SeasonPoint {
        year: row.try_get("year")?,
        season: parse_enum(&season, Season::parse(&season))?,
        titles: row.try_get("titles")?,
        scored: row.try_get("scored")?,
        mean_score: row.try_get("mean_score")?,
        median_score: row.try_get("median_score")?,
        median_members: row.try_get("median_members")?,
        members: row.try_get("members")?,
    })
}

/// Part of the document too.
const COLUMNS: [&str; 8] =
    ["year", "season", "titles", "scored", "mean_score", "median_score", "median_members", "members"];

fn write_csv(points: &Vec<SeasonPoint>) -> csv::Result<String> {
    let mut table = Table::new(&COLUMNS)?;
    for point in points {
        table.line([
            plain(point.year),
            plain(point.season.name()),
            plain(point.titles),
            plain(point.scored),
            maybe(point.mean_score),
            maybe(point.median_score),
            maybe(point.median_members),
            maybe(point.members),
        ])?;
    }
    table.finish()
}
