//! Plans: dry runs of frozen members by the deployed schemas, or with one that nobody has deployed yet.

mod accepted;
pub mod verdict;

use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use chrono::{DateTime, Utc};
use kansoku_nats::Client;
use kansoku_schemas::{Judge, splice::Steps};
use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

pub use accepted::{Accepted, compare};

use crate::{
    failure::{Doing as _, Failure},
    job::item::Item,
    judges::Judges,
    metrics::ReplayerMetrics,
    rebuilding,
};

/// How many members are judged between two looks at other work.
const BATCH: i64 = 1_000;
/// How many bodies are in memory at once: each may be as large as a page.
const PART: usize = 100;

#[derive(Debug, FromRow)]
struct Row {
    plan: Uuid,
    state: String,
    judge: Option<String>,
    schema_name: Option<String>,
    schema_text: Option<String>,
    steps: Option<String>,
}

/// A plan in work, with what it takes some time to make.
pub(crate) struct Open {
    plan: Uuid,
    judge: Arc<Judge>,
    steps: Option<Steps>,
    /// The name of a schema that is not deployed.
    candidate: Option<String>,
    /// The last root that was judged: what was judged is not walked over again.
    after: String,
}

/// Works on plans.
#[derive(Default)]
pub(crate) struct Plans {
    open: Option<Open>,
    counted: bool,
}

impl Plans {
    /// Forgets what it knows of the tables.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Does a part of the oldest plan that is not ready; whether there may be more.
    pub(crate) async fn work(
        &mut self,
        session: &mut PgConnection,
        client: &Client,
        judges: &Judges,
        metrics: &ReplayerMetrics,
        now: DateTime<Utc>,
    ) -> Result<bool, Failure> {
        let row: Option<Row> = sqlx::query_as(
            "select plan, state, judge, schema_name, schema_text, steps::text as steps from dlq_plan
             where state in ('requested', 'running') order by created_at, plan limit 1",
        )
        .fetch_optional(&mut *session)
        .await
        .doing("look for plans")?;
        let is_new = row.as_ref().is_some_and(|row| row.state == "requested");
        if is_new || !self.counted {
            metrics.plans(&count(session).await?);
        }
        self.counted = row.is_none();
        let Some(row) = row else {
            self.open = None;
            return Ok(false);
        };
        let plan = row.plan;
        match self.part(session, client, judges, metrics, row, now).await {
            Err(Failure::Broken(error)) => {
                self.open = None;
                tracing::warn!(%plan, "the plan {plan} failed: {error:#}");
                fail(session, plan, &format!("{error:#}")).await?;
                Ok(true)
            }
            Err(unavailable) => Err(unavailable),
            Ok(()) => Ok(true),
        }
    }

    async fn part(
        &mut self,
        session: &mut PgConnection,
        client: &Client,
        judges: &Judges,
        metrics: &ReplayerMetrics,
        row: Row,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let open = match self.open.take().filter(|open| open.is_of(&row, judges)) {
            Some(open) => open,
            None => {
                // What was deployed before the plan was asked for judges it.
                judges.follow(session).await?;
                open(session, judges, row).await?
            }
        };
        let open = self.open.insert(open);
        if judge_members(session, open, metrics).await? {
            return Ok(());
        }
        let deployed = judges.deployed();
        let accepted = match &open.candidate {
            Some(schema) => Some(accepted::newest(client, &deployed, &open.judge, schema).await?),
            None => None,
        };
        ready(session, open, deployed.hash(), accepted, now).await?;
        self.open = None;
        Ok(())
    }
}

/// How many plans are in each state.
async fn count(session: &mut PgConnection) -> Result<Vec<(String, i64)>, Failure> {
    sqlx::query_as("select state, count(*) from dlq_plan group by state")
        .fetch_all(session)
        .await
        .doing("count plans")
}

impl Open {
    /// Whether it is this plan, and its verdicts are still those of the schemas.
    fn is_of(&self, row: &Row, judges: &Judges) -> bool {
        let is_current = self.candidate.is_some() || self.judge.hash() == judges.deployed().hash();
        self.plan == row.plan && row.state == "running" && is_current
    }
}

/// Makes the judge and the steps of a plan. Verdicts that another judge gave before are taken back.
async fn open(session: &mut PgConnection, judges: &Judges, row: Row) -> Result<Open, Failure> {
    let broken = |error: anyhow::Error| Failure::Broken(error);
    let judge = match (&row.schema_name, &row.schema_text) {
        (Some(name), Some(text)) => {
            let judge = judges.candidate(name, text);
            Arc::new(judge.context("compile the schemas with the plan's own").map_err(broken)?)
        }
        _ => judges.deployed(),
    };
    let steps = row.steps.as_deref().filter(|steps| *steps != "null" && *steps != "[]").map(Steps::read);
    let steps = steps.transpose().map_err(|error| broken(anyhow!(error)))?;
    if row.judge.as_deref().is_some_and(|before| before != judge.hash()) {
        sqlx::query("update dlq_plan_member set verdict = null, faults = null where plan = $1")
            .bind(row.plan)
            .execute(&mut *session)
            .await
            .doing("take back the verdicts of another judge")?;
    }
    sqlx::query("update dlq_plan set state = 'running', judge = $2 where plan = $1")
        .bind(row.plan)
        .bind(judge.hash())
        .execute(&mut *session)
        .await
        .doing("begin a plan")?;
    Ok(Open { plan: row.plan, judge, steps, candidate: row.schema_name, after: String::new() })
}

/// Judges the next members; `false` when all are judged.
async fn judge_members(
    session: &mut PgConnection,
    open: &mut Open,
    metrics: &ReplayerMetrics,
) -> Result<bool, Failure> {
    let roots: Vec<String> = sqlx::query_scalar(
        "select root from dlq_plan_member where plan = $1 and root > $2 and verdict is null order by root limit $3",
    )
    .bind(open.plan)
    .bind(&open.after)
    .bind(BATCH)
    .fetch_all(&mut *session)
    .await
    .doing("read the members of a plan")?;
    let Some(last) = roots.last().cloned() else { return Ok(false) };
    let mut verdicts = Vec::with_capacity(roots.len());
    let mut faults: Vec<Option<Value>> = Vec::with_capacity(roots.len());
    for part in roots.chunks(PART) {
        for item in texts(session, part).await? {
            let found = verdict::faults(&open.judge, &item, open.steps.as_ref());
            verdicts.push(if found.is_empty() { "pass" } else { "fail" });
            let json =
                serde_json::to_value(&found).context("write faults as JSON").map_err(Failure::Broken)?;
            faults.push((!found.is_empty()).then(|| without_nul(json)));
        }
    }
    rebuilding::check(session).await?;
    let passes = verdicts.iter().filter(|verdict| **verdict == "pass").count();
    sqlx::query(
        "update dlq_plan_member m set verdict = v.verdict, faults = v.faults
         from unnest($2::text[], $3::text[], $4::jsonb[]) as v(root, verdict, faults)
         where m.plan = $1 and m.root = v.root",
    )
    .bind(open.plan)
    .bind(&roots)
    .bind(&verdicts)
    .bind(&faults)
    .execute(&mut *session)
    .await
    .doing("write verdicts")?;
    crate::failpoint("replayer::after_verdicts");
    open.after = last;
    metrics.judged("pass", passes);
    metrics.judged("fail", verdicts.len() - passes);
    Ok(true)
}

async fn texts(session: &mut PgConnection, roots: &[String]) -> Result<Vec<Item>, Failure> {
    sqlx::query_as(include_str!("texts.sql")).bind(roots).fetch_all(session).await.doing("read dead letters")
}

/// Postgres takes no NUL in a text; the bytes that a fault quotes may have one.
fn without_nul(mut value: Value) -> Value {
    fn clean(value: &mut Value) {
        match value {
            Value::String(text) if text.contains('\0') => *text = text.replace('\0', "\u{fffd}"),
            Value::Array(items) => items.iter_mut().for_each(clean),
            Value::Object(members) => members.values_mut().for_each(clean),
            _ => {}
        }
    }
    clean(&mut value);
    value
}

async fn ready(
    session: &mut PgConnection,
    open: &Open,
    deployed: &str,
    accepted: Option<Accepted>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    sqlx::query(
        "update dlq_plan set state = 'ready', ready_at = $2, deployed = judge = $3, accepted_checked = $4,
             accepted_failing = $5, error = null
         where plan = $1",
    )
    .bind(open.plan)
    .bind(now)
    .bind(deployed)
    .bind(accepted.map(|accepted| count(accepted.checked)))
    .bind(accepted.map(|accepted| count(accepted.failing)))
    .execute(session)
    .await
    .doing("end a plan")?;
    tracing::info!(plan = %open.plan, judge = open.judge.hash(), "the plan {} is ready", open.plan);
    Ok(())
}

async fn fail(session: &mut PgConnection, plan: Uuid, why: &str) -> Result<(), Failure> {
    sqlx::query("update dlq_plan set state = 'failed', error = $2 where plan = $1")
        .bind(plan)
        .bind(why.replace('\0', "\u{fffd}"))
        .execute(session)
        .await
        .map(drop)
        .doing("say why a plan failed")
}

/// Says of ready plans whether their judge is that of the deployed schemas now.
pub(crate) async fn note_deployed(session: &mut PgConnection, judge: &str) -> Result<(), Failure> {
    sqlx::query(
        "update dlq_plan set deployed = (judge = $1) where state = 'ready' and deployed is distinct from (judge = $1)",
    )
    .bind(judge)
    .execute(session)
    .await
    .map(drop)
    .doing("note which plans are by the deployed schemas")
}
