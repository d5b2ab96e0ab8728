//! A job's row, and the changes of its state: each is an action.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{Connection as _, FromRow, PgConnection};
use uuid::Uuid;

use super::{
    decide::{Asked, State},
    item::Scope,
    progress::Progress,
};
use crate::{
    SERVICE,
    failure::{Doing as _, Failure},
};

/// A living job.
#[derive(Debug, Clone, FromRow)]
pub(super) struct JobRow {
    pub(super) job: Uuid,
    pub(super) plan: Uuid,
    pub(super) created_by: String,
    pub(super) reason: String,
    pub(super) members: String,
    pub(super) rate: i32,
    pub(super) canary: i32,
    pub(super) stop_share: f32,
    pub(super) state: String,
    pub(super) asked: Option<String>,
    /// Whether the plan's judge is that of the deployed schemas.
    pub(super) deployed: bool,
    /// The plan's steps.
    pub(super) steps: Option<String>,
    /// Whether the plan has more than one member.
    pub(super) is_bulk: bool,
    /// Whether a quarantined item is replayed, too; never of several.
    pub(super) force: bool,
}

impl JobRow {
    pub(super) fn state(&self) -> State {
        // Only living jobs are read.
        State::living(&self.state).unwrap_or(State::Paused)
    }

    pub(super) fn asked(&self) -> Option<Asked> {
        self.asked.as_deref().and_then(Asked::named)
    }

    /// What it is about.
    pub(super) fn scope(&self) -> Scope {
        match (self.is_bulk, self.force) {
            (true, _) => Scope::Many,
            (false, true) => Scope::Forced,
            (false, false) => Scope::One,
        }
    }

    /// Whether those go too that the plan says fail.
    pub(super) fn takes_all(&self) -> bool {
        self.members == "all"
    }
}

/// The living jobs, the oldest first.
pub(super) async fn living(session: &mut PgConnection) -> Result<Vec<JobRow>, Failure> {
    sqlx::query_as(
        "select j.job, j.plan, j.created_by, j.reason, j.members, j.rate, j.canary, j.stop_share, j.state, j.asked, j.force,
             coalesce(p.deployed, false) as deployed, p.steps::text as steps,
             (select count(*) > 1 from (select from dlq_plan_member m where m.plan = j.plan limit 2) two) as is_bulk
         from dlq_job j join dlq_plan p using (plan)
         where j.state in ('queued', 'canary', 'running', 'paused') order by j.created_at, j.job",
    )
    .fetch_all(session)
    .await
    .doing("look for jobs")
}

/// How many jobs are in each state.
pub(super) async fn count(session: &mut PgConnection) -> Result<Vec<(String, i64)>, Failure> {
    sqlx::query_as("select state, count(*) from dlq_job group by state")
        .fetch_all(session)
        .await
        .doing("count jobs")
}

/// Forgets what was asked where it changes nothing.
pub(super) async fn forget_asked(session: &mut PgConnection, job: Uuid) -> Result<(), Failure> {
    sqlx::query("update dlq_job set asked = null where job = $1 and asked = 'resume'")
        .bind(job)
        .execute(session)
        .await
        .map(drop)
        .doing("forget what was asked of a job")
}

/// Writes another state and the action that tells of it.
pub(super) async fn change(
    session: &mut PgConnection,
    row: &JobRow,
    state: State,
    words: &str,
    progress: Option<&Progress>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let mut tx = session.begin().await.doing("begin a transaction")?;
    sqlx::query(
        "update dlq_job set state = $2, words = $3, asked = case when asked is not distinct from $4 then null else asked end,
             started_at = case when $2 in ('canary', 'running') then coalesce(started_at, $5) else started_at end,
             ended_at = case when $6 then $5 end
         where job = $1",
    )
    .bind(row.job)
    .bind(state.as_str())
    .bind(words)
    .bind(&row.asked)
    .bind(now)
    .bind(state.is_end())
    .execute(&mut *tx)
    .await
    .doing("change a job's state")?;
    let (waiting, skipped): (i64, i64) = sqlx::query_as(
        "select count(*) filter (where outcome is null and ($2 or verdict = 'pass')), count(*) filter (where outcome = 'skipped')
         from dlq_plan_member where plan = $1",
    )
    .bind(row.plan)
    .bind(row.takes_all())
    .fetch_one(&mut *tx)
    .await
    .doing("count a job's members")?;
    let counts = progress.map(Progress::counts).unwrap_or_default();
    let counts = json!({
        "waiting": waiting, "skipped": skipped, "published": counts.in_flight, "resolved": counts.resolved,
        "failed": counts.failed,
    });
    sqlx::query(
        "insert into dead_letter_action (at, actor, action, plan, job, reason, detail)
         values ($1, $2, 'job', $3, $4, $5, $6)",
    )
    .bind(now)
    .bind(SERVICE)
    .bind(row.plan)
    .bind(row.job)
    .bind(words)
    .bind(json!({"state": state.as_str(), "counts": counts}))
    .execute(&mut *tx)
    .await
    .doing("write an action")?;
    tx.commit().await.doing("change a job's state")
}
