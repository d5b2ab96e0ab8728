//! `POST dead-letters/{root}/correct`: another text in the place of an operator's that is stored.

use axum::Json;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::{
    access::Edit,
    actions,
    change::check_text,
    command::{Changed, Command, Reasoned},
    items::Item,
    refusal::{bad, conflict},
};
use crate::problem::{Failure, Problem};

/// What an operator edited and a replay stored.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub(crate) struct StoredEdit {
    /// The epoch of RAW in which the replay is.
    epoch: i64,
    /// Its number in RAW.
    seq: i64,
    /// Which replay of the item it is.
    n: i32,
    /// The number of the edit among the item's actions.
    edit: i64,
    /// Whether it still is what the tables have for its place; otherwise other facts took that.
    stands: bool,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) text: String,
}

impl StoredEdit {
    /// The one of an item, if there is one.
    pub(super) async fn read(database: &mut PgConnection, root: &str) -> Result<Option<Self>, Failure> {
        let sql = "select epoch, seq, n, edit, stands, text from stored_edit($1)";
        Ok(sqlx::query_as(sql).bind(root).fetch_optional(database).await?)
    }
}

/// The stored row that the operator saw.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredPosition {
    /// The epoch of RAW.
    epoch: i64,
    /// The number in RAW.
    seq: i64,
}

/// Another text for a stored row.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Correction {
    /// The item's version that the operator saw.
    version: i32,
    /// Where in RAW the row is that it corrects.
    stored: StoredPosition,
    /// The whole text.
    text: String,
    /// Why.
    reason: String,
    /// Whether a text is kept that does not pass.
    #[serde(default)]
    force: bool,
}

impl Reasoned for Correction {
    fn version(&self) -> i32 {
        self.version
    }

    fn reason(&self) -> &str {
        &self.reason
    }
}

/// Correct a stored edit
///
/// The text takes the place of the one that an operator gave before and a replay stored. The next replay of the item stores
/// it at the same instant. Where something else has been stored there since, the command is refused, and says what.
#[utoipa::path(post, path = "/api/v1/operator/dead-letters/{root}/correct", operation_id = "correct", tag = "operator",
    params(("root" = String, Path, description = "The item's root")), request_body = Correction,
    responses((status = 200, description = "The item", body = Changed),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn correct(mut command: Command<Edit, Correction>) -> Result<Json<Changed>, Failure> {
    let Item { root, state, correction, row, .. } = &command.item;
    if state != "resolved" {
        return Err(conflict(format!("{root} is {state}: nothing of it is stored, so edit it")));
    }
    if correction.as_deref() == Some("published") {
        let words = "is on its way; wait until it is stored or failed";
        return Err(conflict(format!("a correction of {root} {words}")));
    }
    let Correction { stored: seen, text, force, .. } = &command.given;
    let (seen, text, force) = (*seen, text.clone(), *force);
    let stored = StoredEdit::read(&mut command.transaction, root).await?;
    let stored = stored.ok_or_else(|| {
        conflict(format!("what is stored of {root} is not an operator's text: there is nothing to correct"))
    })?;
    guard(&mut command.transaction, root, seen, &stored).await?;
    // A row of another title would stand beside the wrong one.
    if titles(&text, row.is_some()) != titles(&stored.text, row.is_some()) {
        return Err(bad("text: a correction is of the same title; every mal_id has to stay as it is stored"));
    }
    check_text(&mut command, &text, force).await?;
    let corrects = json!({ "epoch": stored.epoch, "seq": stored.seq, "n": stored.n });
    command.act("edit", json!({ "text": text, "corrects": corrects })).await
}

/// Refuses where something else is stored than what the operator saw.
async fn guard(
    database: &mut PgConnection,
    root: &str,
    seen: StoredPosition,
    stored: &StoredEdit,
) -> Result<(), Failure> {
    let StoredEdit { epoch, seq, n, .. } = *stored;
    if (seen.epoch, seen.seq) != (epoch, seq) {
        let all = actions::of_item(database, root).await?;
        let replay = all.iter().rfind(|action| action.n == Some(n));
        let who = replay.map_or_else(|| format!("it was replayed for the {n}. time"), actions::Action::words);
        let detail = format!("RAW {seq} is stored of {root}, and you saw {}; since then: {who}", seen.seq);
        return Err(conflict(detail));
    }
    if stored.stands {
        return Ok(());
    }
    let title = titles(&stored.text, true).pop().and_then(|title| title.as_i64());
    let query = sqlx::query_as(include_str!("overwritten.sql")).bind(epoch).bind(seq).bind(title);
    let by: Option<Overwriting> = query.fetch_optional(database).await?;
    let who = by.map_or_else(|| "other facts took its place".to_owned(), |by| by.words());
    Err(conflict(format!("what {root} stored in RAW {seq} was overwritten since: {who}")))
}

/// The message whose row stands where an edit stood.
#[derive(FromRow)]
struct Overwriting {
    seq: i64,
    page: i32,
    run: String,
    dataset: String,
    replay_root: Option<String>,
    actor: Option<String>,
    at: Option<DateTime<Utc>>,
    reason: Option<String>,
}

impl Overwriting {
    fn words(self) -> String {
        let Self { seq, page, run, dataset, .. } = &self;
        let place = format!("RAW {seq}, page {page} of {dataset}, run {run}");
        match (self.actor, self.at, self.replay_root) {
            (Some(actor), Some(at), Some(root)) => {
                let why = self.reason.map(|why| format!(" ({why})")).unwrap_or_default();
                format!("{actor} replayed {root} at {}{why}: {place}", at.format("%Y-%m-%d %H:%M:%S UTC"))
            }
            _ => place,
        }
    }
}

/// The titles that a text is about, in their order.
fn titles(text: &str, is_row: bool) -> Vec<Value> {
    let text: Value = serde_json::from_str(text).unwrap_or_default();
    if is_row {
        return vec![text["mal_id"].clone()];
    }
    text["data"].as_array().into_iter().flatten().map(|row| row["mal_id"].clone()).collect()
}
