//! `GET ledger`: every row that was received is stored, a duplicate or dead, place by place.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, types::Json as Jsonb};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    Operators,
    access::{Operator, Read},
    items::{Projection, projection},
    refusal::{bad, unknown},
    request::Params,
};
use crate::problem::{Failure, Problem};

/// How many runs that do not balance are shown.
const MAX_RUNS: usize = 100;

/// A row of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Place {
    /// The page, from 1.
    page: i32,
    /// The row, from 0.
    row: i32,
}

/// The books of one run.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub(crate) struct LedgerRun {
    /// The run.
    run: Uuid,
    /// What was captured.
    dataset: String,
    /// When.
    captured_at: DateTime<Utc>,
    /// Rows on its pages.
    received: i64,
    /// Rows whose numbers are kept.
    stored: i64,
    /// Rows that another one had already told.
    duplicate: i64,
    /// Dead rows that are open, on their way as a replay or failed again.
    dead_open: i64,
    /// Dead rows whose replays failed too often.
    dead_quarantined: i64,
    /// Dead rows that were given up.
    dead_discarded: i64,
    /// Pages that came and are neither stored nor dead as a whole.
    in_flight_pages: i64,
    /// Rows that were received and are neither stored nor dead, the first 1,000.
    #[schema(value_type = Vec<Place>)]
    missing: Jsonb<Vec<Place>>,
    /// Rows that are dead or stored and were never received, or are both; the first 1,000.
    #[schema(value_type = Vec<Place>)]
    extra: Jsonb<Vec<Place>>,
    #[serde(skip)]
    #[schema(ignore)]
    missing_rows: i64,
    #[serde(skip)]
    #[schema(ignore)]
    extra_rows: i64,
}

impl LedgerRun {
    fn is_balanced(&self) -> bool {
        self.missing_rows == 0 && self.extra_rows == 0
    }
}

/// The books of all runs together.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct LedgerTotals {
    /// Runs.
    runs: i64,
    /// Rows on their pages.
    received: i64,
    /// Rows whose numbers are kept.
    stored: i64,
    /// Rows that another one had already told.
    duplicate: i64,
    /// Dead rows that are open, on their way as a replay or failed again.
    dead_open: i64,
    /// Dead rows whose replays failed too often.
    dead_quarantined: i64,
    /// Dead rows that were given up.
    dead_discarded: i64,
    /// Pages that came and are neither stored nor dead as a whole.
    in_flight_pages: i64,
    /// Rows that were received and are neither stored nor dead.
    missing: i64,
    /// Rows that are dead or stored and were never received, or are both.
    extra: i64,
}

/// The books.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ledger {
    /// Whether every row that was received is accounted for, and no other.
    balanced: bool,
    /// The runs that do not balance, the newest first, up to 100; or the one that was asked for.
    runs: Vec<LedgerRun>,
    /// All runs together, or the one that was asked for.
    totals: LedgerTotals,
    /// How fresh the dead letters are: one that is not projected yet is missing here.
    projection: Projection,
}

/// Which runs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LedgerParams {
    /// The run; all without it.
    run: Option<String>,
}

/// The ledger
///
/// Rows received = stored + duplicate + dead, by place: run, page and row. What does not balance is named.
#[utoipa::path(get, path = "/api/v1/operator/ledger", operation_id = "ledger", tag = "operator",
    params(LedgerParams), responses((status = 200, description = "The books", body = Ledger),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn ledger(
    State(operators): State<Operators>,
    _: Operator<Read>,
    Params(params): Params<LedgerParams>,
) -> Result<Json<Ledger>, Failure> {
    let run = params.run.filter(|run| !run.is_empty());
    let run: Option<Uuid> =
        run.as_deref().map(str::parse).transpose().map_err(|_| bad("run: is not a UUID"))?;
    let mut snapshot = operators.snapshot().await?;
    // Every page that there is.
    sqlx::query("set local statement_timeout = '30s'").execute(&mut *snapshot).await?;
    let query = sqlx::query_as(include_str!("ledger.sql")).bind(run).bind(0);
    let mut runs: Vec<LedgerRun> = query.persistent(false).fetch_all(&mut *snapshot).await?;
    let projection = projection(&mut snapshot).await?;
    if let Some(run) = run.filter(|_| runs.is_empty()) {
        return Err(unknown(format!("no run {run} is known")));
    }
    let balanced = runs.iter().all(LedgerRun::is_balanced);
    let totals = runs.iter().fold(LedgerTotals::default(), LedgerTotals::add);
    if run.is_none() {
        runs.retain(|run| !run.is_balanced());
        runs.truncate(MAX_RUNS);
    }
    Ok(Json(Ledger { balanced, runs, totals, projection }))
}

impl LedgerTotals {
    fn add(self, run: &LedgerRun) -> Self {
        Self {
            runs: self.runs + 1,
            received: self.received + run.received,
            stored: self.stored + run.stored,
            duplicate: self.duplicate + run.duplicate,
            dead_open: self.dead_open + run.dead_open,
            dead_quarantined: self.dead_quarantined + run.dead_quarantined,
            dead_discarded: self.dead_discarded + run.dead_discarded,
            in_flight_pages: self.in_flight_pages + run.in_flight_pages,
            missing: self.missing + run.missing_rows,
            extra: self.extra + run.extra_rows,
        }
    }
}
