//! What people and the replayer did.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Failure;

/// One thing that somebody did.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub(crate) struct Action {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The operator, or the service for what it did by itself.
    pub actor: String,
    /// `replay`, `edit`, `revert`, `discard`, `restore`, `group`, `plan` or `job`.
    pub action: String,
    /// The item that it is about.
    #[schema(required = true)]
    pub root: Option<String>,
    /// The item's version that the operator saw.
    #[schema(required = true)]
    pub version: Option<i32>,
    /// The replay's number.
    #[schema(required = true)]
    pub n: Option<i32>,
    /// The plan.
    #[schema(required = true)]
    pub plan: Option<Uuid>,
    /// The job.
    #[schema(required = true)]
    pub job: Option<Uuid>,
    /// Why.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// What else there is to say: the text of an edit, what was said of a group.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// Whether the stream AUDIT has it.
    pub sent: bool,
}

/// The columns of [`Action`].
pub(super) const COLUMNS: &str =
    "id, at, actor, action, root, version, n, plan, job, reason, detail, audit_seq is not null as sent";

/// All about an item, the oldest first.
pub(super) async fn of_item(database: &mut PgConnection, root: &str) -> Result<Vec<Action>, Failure> {
    let mut query =
        sqlx::QueryBuilder::new(format!("select {COLUMNS} from dead_letter_action where root = "));
    Ok(query.push_bind(root).push(" order by id").build_query_as().fetch_all(database).await?)
}
