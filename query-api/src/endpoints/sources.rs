//! `GET /api/v1/sources`: where the data come from.

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{Row, postgres::PgRow};
use utoipa::ToSchema;

use crate::{
    app::App,
    database::{ReadError, Scope, Snapshot},
    http::respond::RequestHead,
    problem::{Failure, Problem},
    resource::{NoParameters, Resource, parse_enum, respond_with},
    response::Meta,
    vocabulary::Catalogue,
};

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
#[expect(dead_code, reason = "names the shape of `ApiResponse<Vec<Source>>` in the OpenAPI document")]
pub(crate) struct SourcesResponse {
    /// Where the data come from, and how fresh and complete they are.
    meta: Meta,
    /// What was asked for.
    data: Vec<Source>,
}

/// Sources
///
/// Every source of every catalogue.
#[utoipa::path(
    get,
    path = "/api/v1/sources",
    tag = "captures",
    responses(
        (status = 200, description = "The response", body = SourcesResponse),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sources(State(app): State<App>, head: RequestHead) -> Result<Response, Failure> {
    respond_with::<Sources>(&app, head).await
}

struct Sources;

impl Resource for Sources {
    const NAME: &'static str = "sources";
    const SELECTS: bool = false;
    type Params = NoParameters;
    type Data = Vec<Source>;

    async fn load(
        snapshot: &mut Snapshot,
        _: &Scope,
        _: &NoParameters,
        _: &mut Meta,
    ) -> Result<Vec<Source>, ReadError> {
        let rows = sqlx::query(include_str!("sources.sql")).fetch_all(&mut *snapshot.transaction).await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &PgRow) -> Result<Source, ReadError> {
    let name: String = row.try_get("catalogue")?;
    let catalogue = parse_enum(&name, Catalogue::parse(&name))?;
    Ok(Source {
        catalogue,
        source: row.try_get("source")?,
        sample: catalogue == Catalogue::Sample,
        runs: row.try_get("runs")?,
        titles: row.try_get("titles")?,
        observations: row.try_get("observations")?,
        first_captured_at: row.try_get("first_captured_at")?,
        last_captured_at: row.try_get("last_captured_at")?,
    })
}
