//! A command about one item, as an argument of a handler: its operator may give it, and saw the item as it is.

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Request},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use sqlx::PgConnection;
use std::marker::PhantomData;
use utoipa::ToSchema;

use super::{
    Operators,
    access::{Operator, Right},
    actions::{self, Action},
    items::{Item, find},
    refusal::conflict,
    request::{At, Body, reason},
    state::commit,
};
use crate::problem::Failure;

/// What every command about an item says.
pub(super) trait Reasoned {
    /// The item's version that the operator saw.
    fn version(&self) -> i32;
    /// Why.
    fn reason(&self) -> &str;
}

/// Why something is done to an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Why {
    /// The item's version that the operator saw.
    version: i32,
    /// Why.
    reason: String,
}

impl Reasoned for Why {
    fn version(&self) -> i32 {
        self.version
    }

    fn reason(&self) -> &str {
        &self.reason
    }
}

/// The item after a command.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changed {
    /// The item.
    item: Item,
}

/// A command in its transaction: nobody else changes a dead letter meanwhile.
pub(crate) struct Command<R, B> {
    pub(super) operators: Operators,
    pub(super) transaction: sqlx::Transaction<'static, sqlx::Postgres>,
    pub(super) item: Item,
    /// What was sent.
    pub(super) given: B,
    actor: String,
    now: DateTime<Utc>,
    right: PhantomData<R>,
}

impl<R: Right, B: Reasoned + DeserializeOwned + Send> FromRequest<Operators> for Command<R, B> {
    type Rejection = Failure;

    /// Refuses what was decided by an older version of the item.
    async fn from_request(request: Request, operators: &Operators) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let operator = Operator::<R>::from_request_parts(&mut parts, operators).await?;
        let At(root) = At::<String>::from_request_parts(&mut parts, operators).await?;
        let Body(given) = Body::<B>::from_request(Request::from_parts(parts, body), operators).await?;
        reason(given.reason())?;
        let mut transaction = operators.command().await?;
        let item = find(&mut transaction, &root).await?;
        if item.version != given.version() {
            return Err(conflict(since(&mut transaction, &item, given.version()).await?));
        }
        let (operators, now) = (operators.clone(), operators.clock.now());
        Ok(Self { operators, transaction, item, given, actor: operator.name, now, right: PhantomData })
    }
}

impl<R, B: Reasoned> Command<R, B> {
    /// Refuses what is not to be changed in the item's state.
    pub(super) fn refuse_unless_open(&self) -> Result<(), Failure> {
        let why = match self.item.state.as_str() {
            "discarded" => "is discarded; take it back first (`dlq undo`, or Restore in the browser)",
            "published" => "is on its way as a replay; wait until it is resolved or failed again",
            "resolved" => "is resolved: its row is stored",
            _ => return Ok(()),
        };
        Err(conflict(format!("{} {why}", self.item.root)))
    }

    /// Writes the action down and derives the item from its facts.
    pub(super) async fn act(self, action: &str, detail: Value) -> Result<Json<Changed>, Failure> {
        let Self { mut transaction, item: Item { item, root, version, .. }, given, actor, now, .. } = self;
        let sql = "insert into dead_letter_action (at, actor, action, root, version, reason, detail)
            values ($1, $2, $3, $4, $5, $6, $7)";
        let query = sqlx::query(sql).bind(now).bind(&actor).bind(action).bind(&root).bind(version);
        query.bind(reason(given.reason())?).bind(detail).execute(&mut *transaction).await?;
        settle(&mut transaction, &[item]).await?;
        let item = find(&mut transaction, &root).await?;
        commit(transaction).await?;
        tracing::info!(actor, action, root, "{actor} did {action} {root}");
        Ok(Json(Changed { item }))
    }
}

/// Derives items from their facts, and wakes the replayer for what is to be told.
pub(super) async fn settle(database: &mut PgConnection, items: &[i64]) -> Result<(), Failure> {
    sqlx::query("select settle_dead_letters($1)").bind(items).execute(&mut *database).await?;
    wake(database).await
}

/// Wakes the replayer, once this transaction is committed.
pub(super) async fn wake(database: &mut PgConnection) -> Result<(), Failure> {
    sqlx::query("notify kansoku_replayer").execute(database).await?;
    Ok(())
}

/// Who did what since the operator looked.
async fn since(database: &mut PgConnection, item: &Item, seen: i32) -> Result<String, Failure> {
    let Item { root, version, .. } = item;
    let steps = usize::try_from(version.saturating_sub(seen)).unwrap_or(0);
    let all = actions::of_item(database, root).await?;
    let mut words: Vec<_> = all.iter().rev().take(steps).map(Action::words).collect();
    if words.len() < steps || words.is_empty() {
        words.push(format!("it is {} now", item.state));
    }
    Ok(format!("{root} is at version {version}, and you saw {seen}; since then: {}", words.join("; ")))
}
