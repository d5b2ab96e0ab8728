//! `GET /api/v1/runs`: the captures, newest first.

use axum::{extract::State, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use kansoku_schemas::{Dataset, UnknownToken};
use serde::Serialize;
use sqlx::{Row, postgres::PgRow, types::Json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    app::App,
    cursor::Cursor,
    database::{Facet, ReadError, Scope, Snapshot},
    http::respond::RequestHead,
    parameters::{RequestParameters, bad},
    problem::{Failure, Problem},
    resource::{Parameters, Resource, parse_enum, respond_with},
    response::Meta,
    selection::Selection,
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
    /// Only captures of this dataset.
    #[param(example = "top.score")]
    pub dataset: Option<String>,
    /// How many.
    #[param(required = false, minimum = 1, maximum = 200, default = 50)]
    pub limit: u32,
    /// `meta.next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    pub cursor: Option<Cursor>,
}

/// The body of this resource.
#[derive(ToSchema)]
#[expect(dead_code, reason = "names the shape of `ApiResponse<Vec<Run>>` in the OpenAPI document")]
pub(crate) struct RunsResponse {
    /// Where the data come from, and how fresh and complete they are.
    meta: Meta,
    /// What was asked for.
    data: Vec<Run>,
}

impl Parameters for RunsParams {
    fn from_request(
        parameters: &mut RequestParameters,
        _: &Selection,
        _: NaiveDate,
    ) -> Result<Self, Failure> {
        Ok(Self {
            dataset: parameters.text("dataset")?.map(dataset).transpose()?,
            limit: parameters.number("limit", 1..=200, 50)?,
            cursor: parameters.text("cursor")?.as_deref().map(Cursor::parse).transpose()?,
        })
    }
}

/// A word that names a dataset, as it came.
fn dataset(word: String) -> Result<String, Failure> {
    word.parse::<Dataset>().map(|_| word.clone()).map_err(|UnknownToken { known, .. }| {
        let allowed = known.split(", ").map(Into::into).collect();
        bad("dataset", format!("{word:?} is not one of {known}"), allowed)
    })
}

/// Runs
///
/// Captures of one dataset each, newest first, with what became of their rows.
#[utoipa::path(
    get,
    path = "/api/v1/runs",
    tag = "captures",
    params(Selection, RunsParams),
    responses(
        (status = 200, description = "The response", body = RunsResponse),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn runs(State(app): State<App>, head: RequestHead) -> Result<Response, Failure> {
    respond_with::<Runs>(&app, head).await
}

struct Runs;

impl Resource for Runs {
    const NAME: &'static str = "runs";
    const ALSO_SHOWS: Option<Facet> = Some(Facet::Runs);
    type Params = RunsParams;
    type Data = Vec<Run>;

    async fn load(
        snapshot: &mut Snapshot,
        scope: &Scope,
        params: &RunsParams,
        meta: &mut Meta,
    ) -> Result<Vec<Run>, ReadError> {
        let limit = usize::try_from(params.limit).map_err(ReadError::broken)?;
        let rows = sqlx::query(include_str!("runs.sql"))
            .bind(scope.catalogue.name())
            .bind(scope.source_id)
            .bind(scope.as_of)
            .bind(&params.dataset)
            .bind(params.cursor.map(|cursor| cursor.captured_at))
            .bind(params.cursor.map(|cursor| cursor.run))
            // One more than asked for tells whether there is a next page.
            .bind(i64::from(params.limit) + 1)
            .fetch_all(&mut *snapshot.transaction)
            .await?;
        let shown = rows.iter().take(limit).map(|row| read(row, scope.catalogue));
        let shown = shown.collect::<Result<Vec<_>, _>>()?;
        if rows.len() > limit {
            let last = shown.last().map(|run| Cursor { captured_at: run.captured_at, run: run.run });
            meta.next_cursor = last.map(|cursor| cursor.to_string());
        }
        Ok(shown)
    }
}

fn read(row: &PgRow, catalogue: Catalogue) -> Result<Run, ReadError> {
    let state: String = row.try_get("state")?;
    let warnings: Json<Vec<String>> = row.try_get("warnings")?;
    Ok(Run {
        run: row.try_get("run")?,
        dataset: row.try_get("dataset")?,
        catalogue,
        source: row.try_get("source")?,
        captured_at: row.try_get("captured_at")?,
        state: parse_enum(&state, RunState::parse(&state))?,
        pages_planned: row.try_get("pages_planned")?,
        pages_got: row.try_get("pages_got")?,
        rows: RunRows {
            received: row.try_get("received")?,
            accepted: row.try_get("accepted")?,
            dead: row.try_get("dead")?,
            stored: row.try_get("stored")?,
            duplicate: row.try_get("duplicate")?,
        },
        warnings: warnings.0,
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
    })
}
