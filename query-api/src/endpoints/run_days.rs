//! `GET /api/v1/runs/days`: which days were observed.

use axum::{extract::State, response::Response};
use chrono::{Days, NaiveDate};
use serde::Serialize;
use sqlx::Row;
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    database::{ReadError, Scope, Snapshot},
    http::respond::RequestHead,
    parameters::RequestParameters,
    problem::{Failure, Problem},
    resource::{Parameters, Resource, respond_with},
    response::Meta,
    selection::Selection,
};

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
    /// How many days, ending with the day of `as_of`, or today.
    #[param(required = false, minimum = 1, maximum = 400, default = 60)]
    pub days: u32,
    /// The last day shown.
    #[param(ignore)]
    until: NaiveDate,
}

/// The body of this resource.
#[derive(ToSchema)]
#[expect(dead_code, reason = "names the shape of `ApiResponse<Vec<RunDay>>` in the OpenAPI document")]
pub(crate) struct RunDaysResponse {
    /// Where the data come from, and how fresh and complete they are.
    meta: Meta,
    /// What was asked for.
    data: Vec<RunDay>,
}

impl Parameters for RunDaysParams {
    fn from_request(
        parameters: &mut RequestParameters,
        selection: &Selection,
        today: NaiveDate,
    ) -> Result<Self, Failure> {
        let until = selection.as_of.map_or(today, |as_of| as_of.0.date_naive());
        Ok(Self { days: parameters.number("days", 1..=400, 60)?, until })
    }
}

/// Days observed
///
/// Every UTC day of the range, oldest first, with the captures of that day.
#[utoipa::path(
    get,
    path = "/api/v1/runs/days",
    tag = "captures",
    params(Selection, RunDaysParams),
    responses(
        (status = 200, description = "The response", body = RunDaysResponse),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn run_days(State(app): State<App>, head: RequestHead) -> Result<Response, Failure> {
    respond_with::<Observed>(&app, head).await
}

struct Observed;

impl Resource for Observed {
    const NAME: &'static str = "run-days";
    type Params = RunDaysParams;
    type Data = Vec<RunDay>;

    async fn load(
        snapshot: &mut Snapshot,
        scope: &Scope,
        params: &RunDaysParams,
        meta: &mut Meta,
    ) -> Result<Vec<RunDay>, ReadError> {
        // A catalogue may be captured by another calendar than ours, and be ahead of it.
        let until = meta.captured_at.map_or(params.until, |at| at.date_naive().max(params.until));
        let back = Days::new(u64::from(params.days - 1));
        let from = until.checked_sub_days(back).unwrap_or(NaiveDate::MIN);
        let rows = sqlx::query(include_str!("run_days.sql"))
            .bind(scope.catalogue.name())
            .bind(scope.source_id)
            .bind(scope.as_of)
            .bind(from)
            .bind(until)
            .fetch_all(&mut *snapshot.transaction)
            .await?;
        let mut days = Vec::with_capacity(rows.len());
        for row in rows {
            let (runs, complete): (i64, i64) = (row.try_get("runs")?, row.try_get("complete")?);
            days.push(RunDay { day: row.try_get("day")?, runs, complete, incomplete: runs - complete });
        }
        Ok(days)
    }
}
