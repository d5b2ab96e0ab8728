//! `POST plans/{plan}/cancel`: ends a dry run that is not over.

use axum::{Json, extract::State};
use serde_json::json;
use uuid::Uuid;

use super::{Plan, read};
use crate::{
    operator::{
        Operators,
        access::{Act, Operator},
        command::wake,
        refusal::{conflict, unknown},
        request::At,
    },
    problem::{Failure, Problem},
};

/// Cancel a plan
///
/// It ends as failed, and the replayer goes on with the next one.
#[utoipa::path(post, path = "/api/v1/operator/plans/{plan}/cancel", operation_id = "cancel_plan", tag = "operator",
    params(("plan" = Uuid, Path, description = "The plan's id")),
    responses((status = 200, description = "The plan", body = Plan),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn cancel(
    State(operators): State<Operators>,
    operator: Operator<Act>,
    At(plan): At<Uuid>,
) -> Result<Json<Plan>, Failure> {
    let now = operators.clock.now();
    let mut transaction = operators.commands.begin().await?;
    let sql = "select state from dlq_plan where plan = $1 for update";
    let state: Option<String> = sqlx::query_scalar(sql).bind(plan).fetch_optional(&mut *transaction).await?;
    let state = state.ok_or_else(|| unknown(format!("no plan {plan} is known")))?;
    if !matches!(state.as_str(), "requested" | "running") {
        return Err(conflict(format!("the plan {plan} is over: it is {state}")));
    }
    let words = format!("cancelled by {}", operator.name);
    let sql = "update dlq_plan set state = 'failed', error = $2 where plan = $1";
    sqlx::query(sql).bind(plan).bind(&words).execute(&mut *transaction).await?;
    let sql =
        "insert into dead_letter_action (at, actor, action, plan, detail) values ($1, $2, 'plan', $3, $4)";
    let query = sqlx::query(sql).bind(now).bind(&operator.name).bind(plan).bind(json!({"asked": "cancel"}));
    query.execute(&mut *transaction).await?;
    wake(&mut transaction).await?;
    let after = read(&mut transaction, plan).await?;
    transaction.commit().await?;
    tracing::info!(actor = operator.name, %plan, "{} cancelled the plan {plan}", operator.name);
    Ok(Json(after))
}
