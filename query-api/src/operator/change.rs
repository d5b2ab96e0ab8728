//! Commands about one item: discard, restore, edit, revert.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use kansoku_schemas::Dataset;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::{
    Operators,
    access::{Act, Edit, Operator},
    actions,
    detail::Verdict,
    items::{Item, find},
    refusal::{bad, conflict, faulty},
    request::{At, Body, reason},
    state::commit,
    text::Texts,
    verdict::{self, Part},
};
use crate::problem::{Failure, Problem};

/// The most bytes of a text, also as a JSON string: it has to fit into a message of RAW as a replay, and of AUDIT as an edit.
const MAX_TEXT: usize = 1_000_000;

/// Why an item is given up or taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reasoned {
    /// The item's version that the operator saw.
    version: i32,
    /// Why.
    reason: String,
}

/// Another text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewText {
    /// The item's version that the operator saw.
    version: i32,
    /// The whole text.
    text: String,
    /// Why.
    reason: String,
    /// Whether a text is kept that still does not pass.
    #[serde(default)]
    force: bool,
}

/// The item after a command.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changed {
    /// The item.
    item: Item,
}

/// A text to be checked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unchecked {
    /// The dataset that it is of.
    #[schema(example = "top.score")]
    dataset: String,
    /// The text.
    text: String,
    /// Whether it is a whole page, not one row.
    #[serde(default)]
    page: bool,
}

/// Give an item up
#[utoipa::path(post, path = "/api/v1/operator/dead-letters/{root}/discard", operation_id = "discard", tag = "operator",
    params(("root" = String, Path, description = "The item's root")), request_body = Reasoned,
    responses((status = 200, description = "The item", body = Changed),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn discard(
    State(operators): State<Operators>,
    operator: Operator<Act>,
    At(root): At<String>,
    Body(given): Body<Reasoned>,
) -> Result<Json<Changed>, Failure> {
    let command = Command::begin(&operators, &operator.name, &root, given.version, &given.reason).await?;
    command.refuse_unless_open()?;
    command.act("discard", json!({})).await
}

/// Take an item back that was given up
#[utoipa::path(post, path = "/api/v1/operator/dead-letters/{root}/restore", operation_id = "restore", tag = "operator",
    params(("root" = String, Path, description = "The item's root")), request_body = Reasoned,
    responses((status = 200, description = "The item", body = Changed),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn restore(
    State(operators): State<Operators>,
    operator: Operator<Act>,
    At(root): At<String>,
    Body(given): Body<Reasoned>,
) -> Result<Json<Changed>, Failure> {
    let command = Command::begin(&operators, &operator.name, &root, given.version, &given.reason).await?;
    if command.item.state != "discarded" {
        return Err(conflict(format!("{root} is {}, so there is nothing to take back", command.item.state)));
    }
    command.act("restore", json!({})).await
}

/// Change an item's text
///
/// The text takes the place of the item's own in replays; what came is kept. One that still does not pass is refused with its
/// faults, unless `force` is given.
#[utoipa::path(post, path = "/api/v1/operator/dead-letters/{root}/edit", operation_id = "edit", tag = "operator",
    params(("root" = String, Path, description = "The item's root")), request_body = NewText,
    responses((status = 200, description = "The item", body = Changed),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn edit(
    State(operators): State<Operators>,
    operator: Operator<Edit>,
    At(root): At<String>,
    Body(given): Body<NewText>,
) -> Result<Json<Changed>, Failure> {
    check_size(&given.text)?;
    let mut command = Command::begin(&operators, &operator.name, &root, given.version, &given.reason).await?;
    command.refuse_unless_open()?;
    let texts = Texts::read(&mut command.transaction, &root, command.item.item).await?;
    if std::str::from_utf8(&texts.original).is_err() {
        return Err(bad(format!("the bytes of {root} are not UTF-8, so they cannot be edited as text")));
    }
    if texts.current() == given.text.as_bytes() {
        return Err(bad(format!("this is the text that {root} has already")));
    }
    let part = if command.item.row.is_some() { Part::Row } else { Part::Page };
    let dataset = dataset(&command.item.dataset)?;
    let faults = verdict::faults(&operators.judges.now(), &dataset, part, &given.text);
    if !faults.is_empty() && !given.force {
        let detail =
            "the text still does not pass the present schemas; \"force\": true keeps it all the same";
        return Err(faulty(detail, faults));
    }
    command.act("edit", json!({ "text": given.text })).await
}

/// Go back to the text that came
#[utoipa::path(post, path = "/api/v1/operator/dead-letters/{root}/revert", operation_id = "revert", tag = "operator",
    params(("root" = String, Path, description = "The item's root")), request_body = Reasoned,
    responses((status = 200, description = "The item", body = Changed),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn revert(
    State(operators): State<Operators>,
    operator: Operator<Edit>,
    At(root): At<String>,
    Body(given): Body<Reasoned>,
) -> Result<Json<Changed>, Failure> {
    let command = Command::begin(&operators, &operator.name, &root, given.version, &given.reason).await?;
    command.refuse_unless_open()?;
    if !command.item.edited {
        return Err(conflict(format!("{root} has the text that came, so there is nothing to go back to")));
    }
    command.act("revert", json!({})).await
}

/// Hold a text against the present schemas
#[utoipa::path(post, path = "/api/v1/operator/dead-letters/check", operation_id = "check", tag = "operator",
    request_body = Unchecked, responses((status = 200, description = "What they say", body = Verdict),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn check(
    State(operators): State<Operators>,
    _: Operator<Edit>,
    Body(given): Body<Unchecked>,
) -> Result<Json<Verdict>, Failure> {
    check_size(&given.text)?;
    let judge = operators.judges.now();
    let part = if given.page { Part::Page } else { Part::Row };
    let faults = verdict::faults(&judge, &dataset(&given.dataset)?, part, &given.text);
    Ok(Json(Verdict { passes: faults.is_empty(), judge: judge.hash().to_owned(), faults }))
}

fn dataset(text: &str) -> Result<Dataset, Failure> {
    text.parse().map_err(|error| bad(format!("dataset: {error}")))
}

fn check_size(text: &str) -> Result<(), Failure> {
    if text.len() > MAX_TEXT {
        return Err(bad(format!("text: {} bytes, and {MAX_TEXT} are the most", text.len())));
    }
    let quoted = json!(text).to_string().len();
    if quoted > MAX_TEXT {
        return Err(bad(format!("text: {quoted} bytes as a JSON string, and {MAX_TEXT} are the most")));
    }
    if text.contains('\0') {
        return Err(bad("text: holds the character U+0000, which no JSON text may"));
    }
    Ok(())
}

/// A command in its transaction: nobody else changes a dead letter meanwhile.
struct Command<'a> {
    transaction: sqlx::Transaction<'static, sqlx::Postgres>,
    item: Item,
    actor: &'a str,
    reason: &'a str,
    now: DateTime<Utc>,
}

impl<'a> Command<'a> {
    /// Begins, and refuses what was decided by an older version of the item.
    async fn begin(
        operators: &Operators,
        actor: &'a str,
        root: &str,
        version: i32,
        why: &'a str,
    ) -> Result<Self, Failure> {
        let why = reason(why)?;
        let mut transaction = operators.command().await?;
        let item = find(&mut transaction, root).await?;
        if item.version != version {
            return Err(conflict(since(&mut transaction, &item, version).await?));
        }
        Ok(Self { transaction, item, actor, reason: why, now: operators.clock.now() })
    }

    /// Refuses what is not to be changed in the item's state.
    fn refuse_unless_open(&self) -> Result<(), Failure> {
        let why = match self.item.state.as_str() {
            "discarded" => "is discarded; take it back first (restore)",
            "published" => "is on its way as a replay; wait until it is resolved or failed again",
            "resolved" => "is resolved: its row is stored",
            _ => return Ok(()),
        };
        Err(conflict(format!("{} {why}", self.item.root)))
    }

    /// Writes the action down and derives the item from its facts.
    async fn act(mut self, action: &str, detail: serde_json::Value) -> Result<Json<Changed>, Failure> {
        let sql = "insert into dead_letter_action (at, actor, action, root, version, reason, detail)
            values ($1, $2, $3, $4, $5, $6, $7)";
        let query = sqlx::query(sql).bind(self.now).bind(self.actor).bind(action).bind(&self.item.root);
        query.bind(self.item.version).bind(self.reason).bind(detail).execute(&mut *self.transaction).await?;
        settle(&mut self.transaction, &[self.item.item]).await?;
        let item = find(&mut self.transaction, &self.item.root).await?;
        commit(self.transaction).await?;
        tracing::info!(
            actor = self.actor,
            action,
            root = item.root,
            "{} did {action} {}",
            self.actor,
            item.root
        );
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
    let told = |action: &actions::Action| {
        let why = action.reason.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
        format!(
            "{} did {} at {}{why}",
            action.actor,
            action.action,
            action.at.format("%Y-%m-%d %H:%M:%S UTC")
        )
    };
    let mut words: Vec<_> = all.iter().rev().take(steps).map(told).collect();
    if words.len() < steps || words.is_empty() {
        words.push(format!("it is {} now", item.state));
    }
    Ok(format!("{root} is at version {version}, and you saw {seen}; since then: {}", words.join("; ")))
}
