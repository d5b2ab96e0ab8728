//! `POST dead-letters/discard`: gives up all items that a filter finds.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use kansoku_schemas::filter::Filter;
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, QueryBuilder};
use utoipa::ToSchema;

use super::{
    Operators,
    access::{Act, Operator},
    command::settle,
    condition,
    refusal::{bad, conflict},
    request::{Body, reason},
    state::commit,
};
use crate::problem::{Failure, Problem};

/// The most items of one command.
const MAX_DISCARDED: i64 = 10_000;

/// Which items are given up, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkDiscard {
    /// Which items.
    filter: String,
    /// How many the operator expects to give up; another number is refused. Without it nothing is done but counting.
    expect: Option<i64>,
    /// Why; not needed to count.
    #[serde(default)]
    reason: String,
    /// Needed for an empty filter.
    #[serde(default)]
    all: bool,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Discarded {
    /// How many items match that are open, failed or quarantined.
    matching: i64,
    /// How many items are discarded now that were not.
    discarded: i64,
    /// How many actions the audit has of that.
    actions: i64,
}

/// The items of a bulk discard: those that are decided already stay as they are.
const DISCARDABLE: &str = "d.state in ('open', 'failed', 'quarantined')";

/// Give up all items that a filter finds
///
/// Of these, the open, failed and quarantined ones; 10,000 at most. Without `expect` they are only counted.
#[utoipa::path(post, path = "/api/v1/operator/dead-letters/discard", operation_id = "discard_all", tag = "operator",
    request_body = BulkDiscard, responses((status = 200, description = "What was done", body = Discarded),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn discard(
    State(operators): State<Operators>,
    operator: Operator<Act>,
    Body(given): Body<BulkDiscard>,
) -> Result<Json<Discarded>, Failure> {
    let filter = selecting(&given.filter, given.all)?;
    let now = operators.clock.now();
    if given.expect.is_none() {
        let mut snapshot = operators.snapshot().await?;
        let matching = count(&mut snapshot, &filter, now, Some(DISCARDABLE), MAX_DISCARDED).await?;
        return Ok(Json(Discarded { matching, discarded: 0, actions: 0 }));
    }
    let why = reason(&given.reason)?;
    let mut transaction = operators.command().await?;
    let matching = count(&mut transaction, &filter, now, Some(DISCARDABLE), MAX_DISCARDED).await?;
    check_expected(matching, given.expect)?;
    let mut query =
        QueryBuilder::new("with found as (select d.item, d.root, d.version from dead_letter d where ");
    query.push(DISCARDABLE).push(" and ");
    condition::push(&mut transaction, &mut query, &filter, now).await?;
    query.push(
        "), done as (insert into dead_letter_action (at, actor, action, root, version, reason) select ",
    );
    query
        .push_bind(now)
        .push(", ")
        .push_bind(&operator.name)
        .push(", 'discard', root, version, ")
        .push_bind(why);
    query.push(" from found order by item) select item from found");
    let items: Vec<i64> = query.build_query_scalar().persistent(false).fetch_all(&mut *transaction).await?;
    settle(&mut transaction, &items).await?;
    commit(transaction).await?;
    let discarded = i64::try_from(items.len()).unwrap_or(i64::MAX);
    tracing::info!(actor = operator.name, discarded, "{} discarded {discarded} dead letters", operator.name);
    Ok(Json(Discarded { matching, discarded, actions: discarded }))
}

/// A filter for a command about many items.
///
/// # Errors
/// When it is none, or is empty without the word that all are meant.
pub(super) fn selecting(filter: &str, all: bool) -> Result<Filter, Failure> {
    let filter = Filter::parse(filter)?;
    if filter.is_empty() && !all {
        return Err(bad("filter: an empty filter is every dead letter; say \"all\": true if that is meant"));
    }
    Ok(filter)
}

/// How many items match, if there are any and not too many.
pub(super) async fn count(
    database: &mut PgConnection,
    filter: &Filter,
    now: DateTime<Utc>,
    among: Option<&str>,
    max: i64,
) -> Result<i64, Failure> {
    let mut query = QueryBuilder::new("select count(*) from (select from dead_letter d where ");
    if let Some(among) = among {
        query.push(among).push(" and ");
    }
    condition::push(database, &mut query, filter, now).await?;
    query.push(" limit ").push_bind(max + 1).push(") counted");
    let count: i64 = query.build_query_scalar().persistent(false).fetch_one(database).await?;
    if count > max {
        return Err(bad(format!(
            "filter: more than {max} dead letters match, and {max} are the most of one command"
        )));
    }
    if count == 0 {
        let which = among.map_or("", |_| " that is open, failed or quarantined");
        return Err(bad(format!("filter: no dead letter{which} matches")));
    }
    Ok(count)
}

/// Refuses a command that was decided by another count.
pub(super) fn check_expected(count: i64, expected: Option<i64>) -> Result<(), Failure> {
    match expected.filter(|expected| *expected != count) {
        None => Ok(()),
        Some(expected) => Err(conflict(format!(
            "{count} dead letters match now, and you expected {expected}; look again, then repeat"
        ))),
    }
}
