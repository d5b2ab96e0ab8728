//! `GET plans/{plan}/members`: what the judge says of each, and what became of it.

use std::collections::HashMap;

use axum::{Json, extract::State};
use kansoku_schemas::splice::Steps;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgConnection, types::Json as Jsonb};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    cursor::Cursor,
    operator::{
        Operators,
        access::{Operator, Read},
        refusal::unknown,
        request::{At, Params, cursor, default_limit, within},
    },
    problem::{Failure, Problem},
};

/// Why a member does not pass.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MemberFault {
    /// JSON pointer into the text.
    #[serde(alias = "instance_path")]
    path: String,
    /// The keyword of the schema.
    keyword: String,
    /// What is wrong, in words.
    #[serde(default)]
    #[schema(required = true)]
    message: Option<String>,
}

/// Texts with more bytes are not shown beside one another.
const MAX_TEXT: i32 = 1 << 16;

/// What the steps of a plan make of a text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberTexts {
    /// The text before them.
    before: String,
    /// The text after them; `null` where one of them does not apply.
    #[schema(required = true)]
    after: Option<String>,
}

/// A member of a plan.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub(crate) struct Member {
    /// The item's root.
    root: String,
    /// The title, if it can be read.
    #[schema(required = true)]
    title: Option<String>,
    /// The item's version when the plan was frozen.
    version: i32,
    /// Whether it has changed since, other than by its own replay.
    changed: bool,
    /// `pass` or `fail`; `null` before the judge said so.
    #[schema(required = true)]
    verdict: Option<String>,
    /// Why it does not pass.
    #[schema(value_type = Vec<MemberFault>)]
    faults: Jsonb<Vec<MemberFault>>,
    /// `publishing`, `published`, `resolved`, `failed` or `skipped`; `null` before a job came to it.
    #[schema(required = true)]
    outcome: Option<String>,
    /// Why it was skipped.
    #[schema(required = true)]
    skipped: Option<String>,
    /// The number of its replay.
    #[schema(required = true)]
    n: Option<i32>,
    /// What the plan's steps make of its text, where that was asked for; `null` where it is no text or has more than 64 KiB.
    #[sqlx(skip)]
    #[schema(required = true)]
    texts: Option<MemberTexts>,
}

/// Members by their roots.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Members {
    /// The members.
    members: Vec<Member>,
    /// What the parameter `cursor` must hold for the next page; `null` on the last.
    #[schema(required = true, value_type = Option<String>)]
    next_cursor: Option<Cursor<String>>,
}

/// Which members.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MembersParams {
    /// Those of that verdict: `pass` or `fail`.
    verdict: Option<String>,
    /// Those of that outcome: `publishing`, `published`, `resolved`, `failed` or `skipped`.
    outcome: Option<String>,
    /// Whether what the plan's steps make of each text is told too.
    #[serde(default)]
    #[param(default = false)]
    texts: bool,
    /// Items of a page.
    #[serde(default = "default_limit")]
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: i64,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// The members of a plan
#[utoipa::path(get, path = "/api/v1/operator/plans/{plan}/members", operation_id = "plan_members", tag = "operator",
    params(("plan" = Uuid, Path, description = "The plan's id"), MembersParams),
    responses((status = 200, description = "The members", body = Members),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn members(
    State(operators): State<Operators>,
    _: Operator<Read>,
    At(plan): At<Uuid>,
    Params(params): Params<MembersParams>,
) -> Result<Json<Members>, Failure> {
    let limit = within(params.limit)?;
    let after = cursor::<String>(params.cursor.as_deref())?.map(|Cursor(root)| root);
    let word = |given: Option<String>| given.filter(|word| !word.is_empty());
    let mut snapshot = operators.snapshot().await?;
    let is_known = "select exists (select from dlq_plan where plan = $1)";
    if !sqlx::query_scalar::<_, bool>(is_known).bind(plan).fetch_one(&mut *snapshot).await? {
        return Err(unknown(format!("no plan {plan} is known")));
    }
    let query = sqlx::query_as(include_str!("members.sql")).bind(plan).bind(after);
    let query = query.bind(word(params.verdict)).bind(word(params.outcome)).bind(limit + 1);
    let mut members: Vec<Member> = query.fetch_all(&mut *snapshot).await?;
    let whole = usize::try_from(limit).unwrap_or_default();
    let has_more = members.len() > whole;
    members.truncate(whole);
    if params.texts {
        add_texts(&mut snapshot, plan, &mut members).await?;
    }
    let next_cursor = members.last().filter(|_| has_more).map(|last| Cursor(last.root.clone()));
    Ok(Json(Members { members, next_cursor }))
}

/// Adds what the plan's steps make of each text.
async fn add_texts(database: &mut PgConnection, plan: Uuid, members: &mut [Member]) -> Result<(), Failure> {
    let sql = "select steps::text from dlq_plan where plan = $1";
    let steps: Option<String> = sqlx::query_scalar(sql).bind(plan).fetch_one(&mut *database).await?;
    // They were read when the plan was made.
    let Some(steps) = steps.and_then(|steps| Steps::read(&steps).ok()) else { return Ok(()) };
    let roots: Vec<&str> = members.iter().map(|member| member.root.as_str()).collect();
    let query = sqlx::query_as(include_str!("texts.sql")).bind(plan).bind(roots).bind(MAX_TEXT);
    let texts: Vec<(String, Vec<u8>)> = query.fetch_all(database).await?;
    let mut texts: HashMap<_, _> = texts.into_iter().collect();
    for member in members {
        let before = texts.remove(&member.root).and_then(|bytes| String::from_utf8(bytes).ok());
        member.texts = before.map(|before| MemberTexts { after: steps.apply(&before).ok(), before });
    }
    Ok(())
}
