//! `GET audit`: who did what, when and why.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    Operators,
    access::{Operator, Read},
    actions::{Action, SELECT},
    refusal::bad,
    request::{Params, cursor, default_limit, within},
};
use crate::{
    cursor::Cursor,
    problem::{Failure, Problem},
};

/// Actions, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Audit {
    /// The actions.
    actions: Vec<Action>,
    /// What the parameter `cursor` must hold for the next page; `null` on the last.
    #[schema(required = true, value_type = Option<String>)]
    next_cursor: Option<Cursor<i64>>,
    /// How many actions the stream AUDIT does not have yet.
    unsent: i64,
}

/// Which actions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditParams {
    /// Those about that item.
    root: Option<String>,
    /// Those of that job.
    job: Option<String>,
    /// Those of that operator or service.
    actor: Option<String>,
    /// Actions of a page.
    #[serde(default = "default_limit")]
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: i64,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Who did what
#[utoipa::path(get, path = "/api/v1/operator/audit", operation_id = "audit", tag = "operator",
    params(AuditParams), responses((status = 200, description = "The actions", body = Audit),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn audit(
    State(operators): State<Operators>,
    _: Operator<Read>,
    Params(params): Params<AuditParams>,
) -> Result<Json<Audit>, Failure> {
    let (limit, after) = (within(params.limit)?, cursor::<i64>(params.cursor.as_deref())?);
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let mut query = QueryBuilder::new(SELECT);
    query.push(" where true");
    if let Some(root) = given(params.root) {
        query.push(" and a.root = ").push_bind(root);
    }
    if let Some(job) = given(params.job) {
        let job: Uuid = job.parse().map_err(|_| bad(format!("job: {job:?} is not a UUID")))?;
        query.push(" and a.job = ").push_bind(job);
    }
    if let Some(actor) = given(params.actor) {
        query.push(" and a.actor = ").push_bind(actor);
    }
    if let Some(Cursor(id)) = after {
        query.push(" and a.id < ").push_bind(id);
    }
    query.push(" order by a.id desc limit ").push_bind(limit + 1);
    let mut snapshot = operators.snapshot().await?;
    let mut actions: Vec<Action> = query.build_query_as().fetch_all(&mut *snapshot).await?;
    let whole = usize::try_from(limit).unwrap_or_default();
    let has_more = actions.len() > whole;
    actions.truncate(whole);
    let next_cursor = actions.last().filter(|_| has_more).map(|last| Cursor(last.id));
    let unsent = "select count(*) from dead_letter_action where audit_seq is null";
    let unsent = sqlx::query_scalar(unsent).fetch_one(&mut *snapshot).await?;
    Ok(Json(Audit { actions, next_cursor, unsent }))
}
