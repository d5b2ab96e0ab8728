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
    /// Of an edit: the text that the item had before.
    #[sqlx(try_from = "Option<Vec<u8>>")]
    #[schema(required = true, value_type = Option<String>)]
    pub before: Before,
    /// Whether the stream AUDIT has it.
    pub sent: bool,
}

impl Action {
    /// Who did what, when and why.
    pub(super) fn words(&self) -> String {
        let Self { actor, action, at, reason, .. } = self;
        let why = reason.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
        format!("{actor} did {action} at {}{why}", at.format("%Y-%m-%d %H:%M:%S UTC"))
    }
}

/// Selects [`Action`]s of `dead_letter_action a`.
pub(super) const SELECT: &str = include_str!("actions.sql");

/// The text before an edit.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Before(Option<String>);

impl From<Option<Vec<u8>>> for Before {
    fn from(bytes: Option<Vec<u8>>) -> Self {
        Self(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
    }
}

/// All about an item, the oldest first.
pub(super) async fn of_item(database: &mut PgConnection, root: &str) -> Result<Vec<Action>, Failure> {
    let mut query = sqlx::QueryBuilder::new(SELECT);
    query.push(" where a.root = ").push_bind(root).push(" order by a.id");
    Ok(query.build_query_as().fetch_all(database).await?)
}
