//! The members of a job that wait: the next ones are written down as replays, or as skipped, before anything is published.

use std::collections::HashMap;

use anyhow::anyhow;
use kansoku_schemas::splice::Steps;
use serde_json::json;
use sqlx::{Connection as _, FromRow, PgConnection};

use super::{
    Tools,
    item::{self, Prepared},
    row::JobRow,
};
use crate::{
    failure::{Doing as _, Failure},
    rebuilding,
};

/// Whether members wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub(super) struct Waiting {
    /// Members that the plan says pass.
    pub(super) passing: bool,
    /// Members of the job, these or others.
    pub(super) any: bool,
}

/// A replay that is written down.
#[derive(Debug)]
pub(super) struct Replay {
    pub(super) root: String,
    /// Whether the plan says that it passes.
    pub(super) passes: bool,
    pub(super) prepared: Prepared,
}

/// What was written down.
#[derive(Debug)]
pub(super) struct Intended {
    pub(super) replays: Vec<Replay>,
    pub(super) skipped: usize,
}

/// Looks whether members wait.
pub(super) async fn waiting(session: &mut PgConnection, row: &JobRow) -> Result<Waiting, Failure> {
    sqlx::query_as(
        "select passing, passing or $2 and exists (
             select from dlq_plan_member where plan = $1 and outcome is null) as any
         from (select exists (
             select from dlq_plan_member where plan = $1 and verdict = 'pass' and outcome is null) as passing) p",
    )
    .bind(row.plan)
    .bind(row.takes_all())
    .fetch_one(session)
    .await
    .doing("look for members that wait")
}

/// Writes down what becomes of the next members, in one transaction: a replay with its number and, where the plan's steps changed the
/// text, the edit before it; or why a member is skipped.
pub(super) async fn intend(
    session: &mut PgConnection,
    tools: &Tools,
    row: &JobRow,
    count: usize,
    passing_only: bool,
) -> Result<Intended, Failure> {
    let steps = row.steps.as_deref().filter(|steps| *steps != "null" && *steps != "[]").map(Steps::read);
    let steps = steps.transpose().map_err(|error| Failure::Broken(anyhow!(error)))?;
    let mut tx = session.begin().await.doing("begin a transaction")?;
    sqlx::query("select lock_dead_letters()").execute(&mut *tx).await.doing("lock dead letters")?;
    rebuilding::check(&mut tx).await?;
    // Those that the plan says pass first.
    let members: Vec<(String, i32, bool)> = sqlx::query_as(
        "(select root, version, true from dlq_plan_member
          where plan = $1 and verdict = 'pass' and outcome is null order by root limit $3)
         union all
         (select root, version, false from dlq_plan_member
          where plan = $1 and verdict = 'fail' and outcome is null and $2 order by root limit $3)
         limit $3",
    )
    .bind(row.plan)
    .bind(row.takes_all() && !passing_only)
    .bind(i64::try_from(count).unwrap_or(i64::MAX))
    .fetch_all(&mut *tx)
    .await
    .doing("read the next members")?;
    let roots: Vec<String> = members.iter().map(|(root, ..)| root.clone()).collect();
    let items = item::read(&mut tx, &roots).await?;
    let numbers: HashMap<&str, i64> =
        items.iter().filter_map(|item| Some((item.root.as_str(), item.item?))).collect();
    let (mut replays, mut skipped) = (Vec::new(), Vec::new());
    for ((root, version, passes), item) in members.into_iter().zip(&items) {
        match item.prepare(version, row.scope(), steps.as_ref()) {
            Ok(prepared) => replays.push((Replay { root, passes, prepared }, version)),
            Err(why) => skipped.push((root, why)),
        }
    }
    skip(&mut tx, row, &skipped).await?;
    write(&mut tx, tools, row, &replays).await?;
    let settled: Vec<i64> =
        replays.iter().filter_map(|(replay, _)| numbers.get(replay.root.as_str()).copied()).collect();
    sqlx::query("select settle_dead_letters($1)")
        .bind(settled)
        .execute(&mut *tx)
        .await
        .doing("settle dead letters")?;
    tx.commit().await.doing("write replays down")?;
    Ok(Intended { replays: replays.into_iter().map(|(replay, _)| replay).collect(), skipped: skipped.len() })
}

pub(super) async fn skip(
    tx: &mut PgConnection,
    row: &JobRow,
    skipped: &[(String, String)],
) -> Result<(), Failure> {
    let (roots, words): (Vec<&str>, Vec<&str>) =
        skipped.iter().map(|(root, why)| (root.as_str(), why.as_str())).unzip();
    sqlx::query(
        // Each by itself, as verdicts are written.
        "update dlq_plan_member m set outcome = 'skipped', skipped = s.words
         from unnest($2::text[], $3::text[]) as s(root, words)
         cross join lateral (select ctid as place from dlq_plan_member where plan = $1 and root = s.root offset 0) one
         where m.ctid = one.place",
    )
    .bind(row.plan)
    .bind(roots)
    .bind(words)
    .execute(tx)
    .await
    .map(drop)
    .doing("skip members")
}

async fn write(
    tx: &mut PgConnection,
    tools: &Tools,
    row: &JobRow,
    replays: &[(Replay, i32)],
) -> Result<(), Failure> {
    let now = tools.clock.now();
    for (Replay { root, prepared, .. }, version) in replays {
        let Some(edit) = &prepared.edit else { continue };
        let detail = json!({"text": edit, "steps": true});
        sqlx::query(
            "insert into dead_letter_action (at, actor, action, root, version, plan, job, reason, detail)
             values ($1, $2, 'edit', $3, $4, $5, $6, $7, $8)",
        )
        .bind(now)
        .bind(&row.created_by)
        .bind(root)
        .bind(version)
        .bind(row.plan)
        .bind(row.job)
        .bind(&row.reason)
        .bind(detail)
        .execute(&mut *tx)
        .await
        .doing("write an edit")?;
    }
    let roots: Vec<&str> = replays.iter().map(|(replay, _)| replay.root.as_str()).collect();
    let versions: Vec<i32> = replays.iter().map(|(_, version)| *version).collect();
    let numbers: Vec<i32> = replays.iter().map(|(replay, _)| replay.prepared.n).collect();
    sqlx::query(
        "with given as (select * from unnest($1::text[], $2::int[], $3::int[]) with ordinality as g(root, version, n, number)),
         acted as (
             insert into dead_letter_action (at, actor, action, root, version, n, plan, job, reason)
             select $4, $5, 'replay', root, version, n, $6, $7, $8 from given order by number
         )
         update dlq_plan_member m set outcome = 'publishing', n = g.n from given g
         cross join lateral (select ctid as place from dlq_plan_member where plan = $6 and root = g.root offset 0) one
         where m.ctid = one.place",
    )
    .bind(roots)
    .bind(versions)
    .bind(numbers)
    .bind(now)
    .bind(&row.created_by)
    .bind(row.plan)
    .bind(row.job)
    .bind(&row.reason)
    .execute(tx)
    .await
    .map(drop)
    .doing("write replays down")
}
