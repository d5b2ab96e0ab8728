//! Jobs: the members of a plan are replayed, a few first, then the rest at a rate. The replayer does it.

mod command;

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use kansoku_schemas::filter::Filter;
use serde::Serialize;
use sqlx::{FromRow, PgConnection, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

pub(super) use command::{__path_cancel, __path_create, __path_pause, __path_resume};
pub(crate) use command::{cancel, create, pause, resume};

use super::{
    Operators,
    access::{Operator, Read},
    condition,
    plans::PageParams,
    refusal::unknown,
    request::{At, Params, cursor, within},
};
use crate::{
    cursor::Cursor,
    problem::{Failure, Problem},
};

/// Items that joined are counted up to here.
const MAX_JOINED: i64 = 10_001;

/// What became of a job's members.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub(crate) struct JobCounts {
    /// The members that the job is about.
    pub members: i64,
    /// Those whose turn has not come.
    pub waiting: i64,
    /// Those whose replay is on its way.
    pub published: i64,
    /// Those whose row is stored.
    pub resolved: i64,
    /// Those that were rejected again.
    pub failed: i64,
    /// Those that were left out.
    pub skipped: i64,
}

/// Why members were left out.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub(crate) struct Skip {
    /// In words.
    why: String,
    /// How many members that is.
    members: i64,
}

/// A plan that is being carried out.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub(crate) struct Job {
    /// Its id.
    pub job: Uuid,
    /// The plan.
    pub plan: Uuid,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    pub created_by: String,
    /// Why.
    pub reason: String,
    /// `pass`: the members that pass; `all`: those that do not, too.
    #[sqlx(rename = "takes")]
    pub members: String,
    /// Items a second.
    pub rate: i32,
    /// How many go first, and have to be settled before the rest.
    pub canary: i32,
    /// The share of failures among the predicted passes that stops the job.
    pub stop_share: f32,
    /// `queued`, `canary`, `running`, `paused`, `cancelled`, `stopped` or `done`.
    pub state: String,
    /// `pause`, `resume` or `cancel`: asked for, not done yet.
    #[schema(required = true)]
    pub asked: Option<String>,
    /// Why it is in its state.
    #[schema(required = true)]
    pub words: Option<String>,
    /// When it began.
    #[schema(required = true)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[schema(required = true)]
    pub ended_at: Option<DateTime<Utc>>,
    /// What became of its members.
    #[sqlx(flatten)]
    pub counts: JobCounts,
    /// Why some were left out, the most first, at most 20.
    #[sqlx(skip)]
    pub skips: Vec<Skip>,
    /// Seconds until the last has its turn, at the rate it has; `null` while it does not run.
    #[sqlx(skip)]
    #[schema(required = true)]
    pub eta_seconds: Option<f64>,
    /// Items that match the plan's filter now and are no members; at most 10,001 are counted.
    #[sqlx(skip)]
    pub joined_since: i64,
    #[serde(skip)]
    #[schema(ignore)]
    filter: String,
}

/// Jobs, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Jobs {
    /// The jobs.
    jobs: Vec<Job>,
    /// What the parameter `cursor` must hold for the next page; `null` on the last.
    #[schema(required = true, value_type = Option<String>)]
    next_cursor: Option<Cursor<(DateTime<Utc>, Uuid)>>,
}

/// Jobs
#[utoipa::path(get, path = "/api/v1/operator/jobs", operation_id = "jobs", tag = "operator",
    params(PageParams), responses((status = 200, description = "The jobs", body = Jobs),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(operators): State<Operators>,
    _: Operator<Read>,
    Params(params): Params<PageParams>,
) -> Result<Json<Jobs>, Failure> {
    let limit = within(params.limit)?;
    let after = cursor::<(DateTime<Utc>, Uuid)>(params.cursor.as_deref())?.map(|Cursor(key)| key).unzip();
    let now = operators.clock.now();
    let mut snapshot = operators.snapshot().await?;
    let sql = "select job from dlq_job where $1::timestamptz is null or (created_at, job) < ($1, $2)
        order by created_at desc, job desc limit $3";
    let query = sqlx::query_scalar(sql).bind(after.0).bind(after.1).bind(limit + 1);
    let found: Vec<Uuid> = query.fetch_all(&mut *snapshot).await?;
    let mut jobs = Vec::new();
    for job in found.iter().take(usize::try_from(limit).unwrap_or_default()) {
        jobs.push(read(&mut snapshot, *job, now).await?);
    }
    let last = jobs.last().filter(|_| found.len() > jobs.len());
    let next_cursor = last.map(|last| Cursor((last.created_at, last.job)));
    Ok(Json(Jobs { jobs, next_cursor }))
}

/// One job
#[utoipa::path(get, path = "/api/v1/operator/jobs/{job}", operation_id = "job", tag = "operator",
    params(("job" = Uuid, Path, description = "The job's id")),
    responses((status = 200, description = "The job", body = Job),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn one(
    State(operators): State<Operators>,
    _: Operator<Read>,
    At(job): At<Uuid>,
) -> Result<Json<Job>, Failure> {
    let now = operators.clock.now();
    let mut snapshot = operators.snapshot().await?;
    Ok(Json(read(&mut snapshot, job, now).await?))
}

/// Reads a job with its counts.
pub(super) async fn read(database: &mut PgConnection, job: Uuid, now: DateTime<Utc>) -> Result<Job, Failure> {
    let found: Option<Job> =
        sqlx::query_as(include_str!("jobs/job.sql")).bind(job).fetch_optional(&mut *database).await?;
    let mut found = found.ok_or_else(|| unknown(format!("no job {job} is known")))?;
    if matches!(found.state.as_str(), "queued" | "canary" | "running") {
        let waiting = f64::from(u32::try_from(found.counts.waiting).unwrap_or(u32::MAX));
        found.eta_seconds = Some(waiting / f64::from(found.rate));
    }
    if found.counts.skipped > 0 {
        let query = sqlx::query_as(include_str!("jobs/skips.sql")).bind(found.plan).bind(&found.members);
        found.skips = query.fetch_all(&mut *database).await?;
    }
    // Where roots were named, there is no filter that others could match.
    if let Ok(filter) = Filter::parse(&found.filter) {
        found.joined_since = joined(database, found.plan, &filter, now).await?;
    }
    Ok(found)
}

async fn joined(
    database: &mut PgConnection,
    plan: Uuid,
    filter: &Filter,
    now: DateTime<Utc>,
) -> Result<i64, Failure> {
    let filter = condition::by_groups(database, filter).await?;
    let mut query = QueryBuilder::new("select count(*) from (select from dead_letter d where ");
    condition::push(database, &mut query, &filter, now).await?;
    query
        .push(" and not exists (select from dlq_plan_member m where m.root = d.root and m.plan = ")
        .push_bind(plan);
    query.push(") limit ").push_bind(MAX_JOINED).push(") joined");
    Ok(query.build_query_scalar().persistent(false).fetch_one(database).await?)
}
