//! `POST jobs` and what is asked of a job that lives.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Job, read};
use crate::{
    operator::{
        Operators,
        access::{Act, Operator},
        command::wake,
        ids::random_id,
        refusal::{bad, conflict, unknown},
        request::{At, Body, reason},
        state::commit,
    },
    problem::{Failure, Problem},
};

/// Which members of a plan are replayed, and how fast.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewJob {
    /// The plan.
    plan: Uuid,
    /// The members that pass, or all.
    members: Which,
    /// Items a second.
    #[serde(default = "default_rate")]
    #[schema(minimum = 1, maximum = 1000, default = 200)]
    rate: i32,
    /// How many go first, and have to be settled before the rest.
    #[serde(default = "default_canary")]
    #[schema(minimum = 0, maximum = 10000, default = 10)]
    canary: i32,
    /// The share of failures among the predicted passes that stops the job.
    #[serde(default = "default_stop_share")]
    #[schema(minimum = 0, maximum = 1, default = 0.05)]
    stop_share: f32,
    /// Replay a quarantined dead letter, too: only for a plan of that one.
    #[serde(default)]
    force: bool,
    /// Why.
    reason: String,
}

/// Which members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Which {
    /// Those that the plan says pass.
    Pass,
    /// Those that do not, too.
    All,
}

fn default_rate() -> i32 {
    200
}

fn default_canary() -> i32 {
    10
}

fn default_stop_share() -> f32 {
    0.05
}

impl NewJob {
    fn check(&self) -> Result<(), Failure> {
        if !(1..=1_000).contains(&self.rate) {
            return Err(bad(format!("rate: {} is not from 1 to 1000 items a second", self.rate)));
        }
        if !(0..=10_000).contains(&self.canary) {
            return Err(bad(format!("canary: {} is not from 0 to 10000", self.canary)));
        }
        if !(0.0..=1.0).contains(&self.stop_share) {
            return Err(bad(format!("stop_share: {} is not from 0 to 1", self.stop_share)));
        }
        Ok(())
    }
}

/// What decides whether a plan can be carried out.
#[derive(FromRow)]
struct PlanState {
    state: String,
    deployed: Option<bool>,
    has_steps: bool,
    alive: Option<Uuid>,
    waiting: i64,
    items: i64,
}

/// Carry a plan out
///
/// A few members go first; the rest follows once these are settled. What is published or stored already is left out, and an item
/// that has changed since the plan too. A quarantined one is left out unless it is the plan's only one and `force` is given.
#[utoipa::path(post, path = "/api/v1/operator/jobs", operation_id = "create_job", tag = "operator",
    request_body = NewJob, responses((status = 202, description = "The job", body = Job),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn create(
    State(operators): State<Operators>,
    operator: Operator<Act>,
    Body(given): Body<NewJob>,
) -> Result<(StatusCode, Json<Job>), Failure> {
    given.check()?;
    let why = reason(&given.reason)?;
    let (job, now, plan) = (random_id()?, operators.clock.now(), given.plan);
    let members = if given.members == Which::All { "all" } else { "pass" };
    let mut transaction = operators.commands.begin().await?;
    // Of two operators who start a job of one plan, the second is told of the first's.
    let sql = "select p.state, p.deployed, p.steps is not null as has_steps,
            (select job from dlq_job where plan = p.plan and state in ('queued', 'canary', 'running', 'paused')) as alive,
            (select count(*) from dlq_plan_member m where m.plan = p.plan and m.outcome is null
                and ($2 = 'all' or m.verdict = 'pass')) as waiting,
            (select count(*) from (select from dlq_plan_member m where m.plan = p.plan limit 2) two) as items
        from dlq_plan p where p.plan = $1 for update";
    let query = sqlx::query_as(sql).bind(plan).bind(members);
    let found: Option<PlanState> = query.fetch_optional(&mut *transaction).await?;
    let found = found.ok_or_else(|| unknown(format!("no plan {plan} is known")))?;
    found.check(plan)?;
    if found.has_steps {
        operator.require_edit("the steps of this plan change texts")?;
    }
    if given.force && found.items != 1 {
        return Err(bad("force: is for one quarantined dead letter, and only in a plan of that one"));
    }
    let sql =
        "insert into dlq_job (job, plan, created_at, created_by, reason, members, rate, canary, stop_share,
            force)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let query = sqlx::query(sql).bind(job).bind(plan).bind(now).bind(&operator.name).bind(why);
    let query = query.bind(members).bind(given.rate).bind(given.canary).bind(given.stop_share);
    let query = query.bind(given.force);
    query.execute(&mut *transaction).await?;
    let sql = "insert into dead_letter_action (at, actor, action, plan, job, reason, detail)
        values ($1, $2, 'job', $3, $4, $5, $6)";
    let detail = json!({"state": "queued", "members": members, "rate": given.rate, "canary": given.canary, "force": given.force});
    let query = sqlx::query(sql).bind(now).bind(&operator.name).bind(plan).bind(job).bind(why).bind(detail);
    query.execute(&mut *transaction).await?;
    wake(&mut transaction).await?;
    let made = read(&mut transaction, job, now).await?;
    commit(transaction).await?;
    tracing::info!(actor = operator.name, %job, %plan, "{} started the job {job}", operator.name);
    Ok((StatusCode::ACCEPTED, Json(made)))
}

impl PlanState {
    fn check(&self, plan: Uuid) -> Result<(), Failure> {
        if self.state != "ready" {
            return Err(conflict(format!(
                "the plan {plan} is {}; a job needs one that is ready",
                self.state
            )));
        }
        if self.deployed != Some(true) {
            return Err(conflict(format!(
                "the plan {plan} was judged by schemas that are not deployed now: deploy them first, or make a plan anew"
            )));
        }
        if let Some(job) = self.alive {
            return Err(conflict(format!("the plan {plan} has a job that is not over: {job}")));
        }
        if self.waiting == 0 {
            return Err(conflict(format!("no member of the plan {plan} is left to be replayed")));
        }
        Ok(())
    }
}

/// Pause a job
#[utoipa::path(post, path = "/api/v1/operator/jobs/{job}/pause", operation_id = "pause_job", tag = "operator",
    params(("job" = Uuid, Path, description = "The job's id")),
    responses((status = 200, description = "The job", body = Job),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn pause(
    State(operators): State<Operators>,
    operator: Operator<Act>,
    At(job): At<Uuid>,
) -> Result<Json<Job>, Failure> {
    ask(&operators, &operator.name, job, "pause").await
}

/// Let a paused job go on
#[utoipa::path(post, path = "/api/v1/operator/jobs/{job}/resume", operation_id = "resume_job", tag = "operator",
    params(("job" = Uuid, Path, description = "The job's id")),
    responses((status = 200, description = "The job", body = Job),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn resume(
    State(operators): State<Operators>,
    operator: Operator<Act>,
    At(job): At<Uuid>,
) -> Result<Json<Job>, Failure> {
    ask(&operators, &operator.name, job, "resume").await
}

/// Cancel a job
///
/// What was published stays published; the other members stay as they are.
#[utoipa::path(post, path = "/api/v1/operator/jobs/{job}/cancel", operation_id = "cancel_job", tag = "operator",
    params(("job" = Uuid, Path, description = "The job's id")),
    responses((status = 200, description = "The job", body = Job),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn cancel(
    State(operators): State<Operators>,
    operator: Operator<Act>,
    At(job): At<Uuid>,
) -> Result<Json<Job>, Failure> {
    ask(&operators, &operator.name, job, "cancel").await
}

/// Leaves word for the replayer.
async fn ask(operators: &Operators, actor: &str, job: Uuid, what: &str) -> Result<Json<Job>, Failure> {
    let now = operators.clock.now();
    let mut transaction = operators.commands.begin().await?;
    let sql = "select state, plan, asked from dlq_job where job = $1 for update";
    let found: Option<(String, Uuid, Option<String>)> =
        sqlx::query_as(sql).bind(job).fetch_optional(&mut *transaction).await?;
    let (state, plan, asked) = found.ok_or_else(|| unknown(format!("no job {job} is known")))?;
    if !matches!(state.as_str(), "queued" | "canary" | "running" | "paused") {
        return Err(conflict(format!("the job {job} is over: it is {state}")));
    }
    if asked.as_deref() == Some("cancel") {
        return Err(conflict(format!("the job {job} is about to be cancelled")));
    }
    if what == "pause" && state == "paused" {
        return Err(conflict(format!("the job {job} is paused already")));
    }
    let sql = "update dlq_job set asked = $2 where job = $1";
    sqlx::query(sql).bind(job).bind(what).execute(&mut *transaction).await?;
    let sql = "insert into dead_letter_action (at, actor, action, plan, job, detail) values ($1, $2, 'job', $3, $4, $5)";
    let query = sqlx::query(sql).bind(now).bind(actor).bind(plan).bind(job).bind(json!({"asked": what}));
    query.execute(&mut *transaction).await?;
    wake(&mut transaction).await?;
    let after = read(&mut transaction, job, now).await?;
    commit(transaction).await?;
    tracing::info!(actor, %job, "{actor} asked the job {job} to {what}");
    Ok(Json(after))
}
