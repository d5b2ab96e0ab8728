//! Plans: which items a judge is to be asked about, frozen, and what it says.

mod cancel;
mod create;
mod members;

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, types::Json as Jsonb};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

pub(super) use cancel::__path_cancel;
pub(crate) use cancel::cancel;
pub(super) use create::__path_create;
pub(crate) use create::create;
pub(super) use members::__path_members;
pub(crate) use members::members;

use super::{
    Operators,
    access::{Operator, Read},
    refusal::unknown,
    request::{At, Params, cursor, default_limit, within},
};
use crate::{
    cursor::Cursor,
    problem::{Failure, Problem},
};

/// Why members do not pass.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct FailureCount {
    /// Where, with `*` for every index.
    path: String,
    /// The keyword of the schema; `step`, `edit` or `item` where no schema refuses.
    keyword: String,
    /// What is wrong with one of them, in words.
    #[schema(required = true)]
    message: Option<String>,
    /// How many members that is.
    items: i64,
}

/// A dry run: frozen members and what a judge says of each.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub(crate) struct Plan {
    /// Its id.
    pub plan: Uuid,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    pub created_by: String,
    /// Which items became members; `roots:3` where three were named.
    pub filter: String,
    /// The schema that is not deployed, by which it judges.
    #[schema(required = true)]
    pub schema: Option<String>,
    /// Changes to each text before it is judged.
    #[schema(required = true, value_type = Option<Vec<Object>>)]
    pub steps: Option<Value>,
    /// `requested`, `running`, `ready` or `failed`.
    pub state: String,
    /// Why it failed.
    #[schema(required = true)]
    pub error: Option<String>,
    /// Who gave the verdicts.
    #[schema(required = true)]
    pub judge: Option<String>,
    /// Whether that is the judge of the running schemas.
    #[schema(required = true)]
    pub deployed: Option<bool>,
    /// When it was ready.
    #[schema(required = true)]
    pub ready_at: Option<DateTime<Utc>>,
    /// Its members.
    pub items: i64,
    /// Those that pass.
    pub passes: i64,
    /// Those that do not.
    pub fails: i64,
    /// Those that pass and can be replayed now: open or failed again, as the plan knows them, in no group that is held back.
    pub replayable: i64,
    /// Those whose item has changed since, so that their verdict says nothing.
    pub invalid: i64,
    /// Why some do not pass, the most first.
    #[sqlx(skip)]
    pub failures: Vec<FailureCount>,
    /// Accepted rows that were judged again.
    #[schema(required = true)]
    pub accepted_checked: Option<i32>,
    /// Those of them that would fail now.
    #[schema(required = true)]
    pub accepted_failing: Option<i32>,
    /// Its newest job.
    #[schema(required = true)]
    pub job: Option<Uuid>,
}

/// Plans, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Plans {
    /// The plans.
    plans: Vec<Plan>,
    /// What the parameter `cursor` must hold for the next page; `null` on the last.
    #[schema(required = true, value_type = Option<String>)]
    next_cursor: Option<Cursor<(DateTime<Utc>, Uuid)>>,
}

/// Which part of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// Items of a page.
    #[serde(default = "default_limit")]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: i64,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Plans
#[utoipa::path(get, path = "/api/v1/operator/plans", operation_id = "plans", tag = "operator",
    params(PageParams), responses((status = 200, description = "The plans", body = Plans),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(operators): State<Operators>,
    _: Operator<Read>,
    Params(params): Params<PageParams>,
) -> Result<Json<Plans>, Failure> {
    let limit = within(params.limit)?;
    let after = cursor::<(DateTime<Utc>, Uuid)>(params.cursor.as_deref())?.map(|Cursor(key)| key).unzip();
    let mut snapshot = operators.snapshot().await?;
    let sql = "select plan from dlq_plan where $1::timestamptz is null or (created_at, plan) < ($1, $2)
        order by created_at desc, plan desc limit $3";
    let query = sqlx::query_scalar(sql).bind(after.0).bind(after.1).bind(limit + 1);
    let found: Vec<Uuid> = query.fetch_all(&mut *snapshot).await?;
    let mut plans = Vec::new();
    for plan in found.iter().take(usize::try_from(limit).unwrap_or_default()) {
        plans.push(read(&mut snapshot, *plan).await?);
    }
    let last = plans.last().filter(|_| found.len() > plans.len());
    let next_cursor = last.map(|last| Cursor((last.created_at, last.plan)));
    Ok(Json(Plans { plans, next_cursor }))
}

/// One plan
#[utoipa::path(get, path = "/api/v1/operator/plans/{plan}", operation_id = "plan", tag = "operator",
    params(("plan" = Uuid, Path, description = "The plan's id")),
    responses((status = 200, description = "The plan", body = Plan),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn one(
    State(operators): State<Operators>,
    _: Operator<Read>,
    At(plan): At<Uuid>,
) -> Result<Json<Plan>, Failure> {
    let mut snapshot = operators.snapshot().await?;
    Ok(Json(read(&mut snapshot, plan).await?))
}

/// Reads a plan with its counts.
pub(super) async fn read(database: &mut PgConnection, plan: Uuid) -> Result<Plan, Failure> {
    let found: Option<Plan> =
        sqlx::query_as(include_str!("plans/plan.sql")).bind(plan).fetch_optional(&mut *database).await?;
    let mut found = found.ok_or_else(|| unknown(format!("no plan {plan} is known")))?;
    let failures: Vec<Jsonb<FailureCount>> =
        sqlx::query_scalar(include_str!("plans/failures.sql")).bind(plan).fetch_all(database).await?;
    found.failures = failures.into_iter().map(|Jsonb(failure)| failure).collect();
    Ok(found)
}
