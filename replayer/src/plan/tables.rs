//! What the tables know of plans and their members.

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{accepted::Accepted, verdict::Fault};
use crate::{
    failure::{Doing as _, Failure},
    job::item::Item,
};

/// A plan that is not ready.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    pub(super) plan: Uuid,
    pub(super) state: String,
    /// Who gave the verdicts that are there.
    pub(super) judge: Option<String>,
    pub(super) schema_name: Option<String>,
    pub(super) schema_text: Option<String>,
    pub(super) steps: Option<String>,
    /// How often it was begun since it last came further.
    pub(super) begun: i32,
}

/// The oldest plan that is not ready.
pub(super) async fn next(session: &mut PgConnection) -> Result<Option<Row>, Failure> {
    sqlx::query_as(
        "select plan, state, judge, schema_name, schema_text, steps::text as steps, begun from dlq_plan
         where state in ('requested', 'running') order by created_at, plan limit 1",
    )
    .fetch_optional(session)
    .await
    .doing("look for plans")
}

/// How many plans are in each state.
pub(super) async fn count(session: &mut PgConnection) -> Result<Vec<(String, i64)>, Failure> {
    sqlx::query_as("select state, count(*) from dlq_plan group by state")
        .fetch_all(session)
        .await
        .doing("count plans")
}

/// Counts that a plan is begun, before anything of it is done.
pub(super) async fn begin(session: &mut PgConnection, plan: Uuid) -> Result<(), Failure> {
    sqlx::query("update dlq_plan set state = 'running', begun = begun + 1 where plan = $1 and state in ('requested', 'running')")
        .bind(plan)
        .execute(session)
        .await
        .map(drop)
        .doing("begin a plan")
}

/// Notes who gives the verdicts. Those that another judge gave before are taken back.
pub(super) async fn judged_by(session: &mut PgConnection, row: &Row, judge: &str) -> Result<(), Failure> {
    if row.judge.as_deref().is_some_and(|before| before != judge) {
        sqlx::query("update dlq_plan_member set verdict = null, faults = null where plan = $1")
            .bind(row.plan)
            .execute(&mut *session)
            .await
            .doing("take back the verdicts of another judge")?;
    }
    sqlx::query("update dlq_plan set judge = $2 where plan = $1")
        .bind(row.plan)
        .bind(judge)
        .execute(session)
        .await
        .map(drop)
        .doing("note who judges")
}

/// What is judged of the next members without a verdict, after a root.
pub(super) async fn members(
    session: &mut PgConnection,
    plan: Uuid,
    after: &str,
    most: i64,
) -> Result<Vec<Item>, Failure> {
    sqlx::query_as(include_str!("members.sql"))
        .bind(plan)
        .bind(after)
        .bind(most)
        .fetch_all(session)
        .await
        .doing("read the members of a plan")
}

/// Writes the verdicts of members, by which the plan has come further; how many pass.
pub(super) async fn write(
    session: &mut PgConnection,
    plan: Uuid,
    roots: &[String],
    faults: &[Vec<Fault>],
) -> Result<usize, Failure> {
    let verdict = |found: &Vec<Fault>| if found.is_empty() { "pass" } else { "fail" };
    let json = |found: &Vec<Fault>| {
        let json = serde_json::to_value(found).context("write faults as JSON").map_err(Failure::Broken)?;
        Ok((!found.is_empty()).then(|| without_nul(json)))
    };
    let verdicts: Vec<&str> = faults.iter().map(verdict).collect();
    let faults = faults.iter().map(json).collect::<Result<Vec<Option<Value>>, Failure>>()?;
    sqlx::query(
        // Nobody waits for the disk: verdicts that a crash takes away are given again. Each member is looked up by itself (`offset 0`),
        // whatever the planner believes of a plan that was frozen a moment ago: it would read all of them for each part.
        "with sooner as (select set_config('synchronous_commit', 'off', true) as off),
         further as (update dlq_plan set begun = 0 where plan = $1 and begun > 0)
         update dlq_plan_member m set verdict = v.verdict, faults = v.faults
         from unnest($2::text[], $3::text[], $4::jsonb[]) as v(root, verdict, faults)
         cross join lateral (select ctid as place from dlq_plan_member where plan = $1 and root = v.root offset 0) one
         cross join sooner
         where m.ctid = one.place and sooner.off is not null",
    )
    .bind(plan)
    .bind(roots)
    .bind(&verdicts)
    .bind(&faults)
    .execute(session)
    .await
    .doing("write verdicts")?;
    Ok(verdicts.iter().filter(|verdict| **verdict == "pass").count())
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

/// Ends a plan.
pub(super) async fn ready(
    session: &mut PgConnection,
    plan: Uuid,
    deployed: &str,
    accepted: Option<Accepted>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    sqlx::query(
        "update dlq_plan set state = 'ready', ready_at = $2, deployed = judge = $3, accepted_checked = $4,
             accepted_failing = $5, error = null
         where plan = $1 and state = 'running'",
    )
    .bind(plan)
    .bind(now)
    .bind(deployed)
    .bind(accepted.map(|accepted| count(accepted.checked)))
    .bind(accepted.map(|accepted| count(accepted.failing)))
    .execute(session)
    .await
    .map(drop)
    .doing("end a plan")
}

/// Says why a plan failed.
pub(super) async fn fail(session: &mut PgConnection, plan: Uuid, why: &str) -> Result<(), Failure> {
    sqlx::query(
        "update dlq_plan set state = 'failed', error = $2 where plan = $1 and state in ('requested', 'running')",
    )
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
