//! Commands about one item: discard, restore, edit, revert.

use axum::{Json, extract::State};
use kansoku_schemas::Dataset;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Operators,
    access::{Act, Edit, Operator},
    command::{Changed, Command, Reasoned, Why},
    correct::StoredEdit,
    detail::Verdict,
    items::Item,
    refusal::{bad, conflict, faulty},
    request::Body,
    text::Texts,
    verdict::{self, Part},
};
use crate::problem::{Failure, Problem};

/// The most bytes of a text, also as a JSON string: it has to fit into a message of RAW as a replay, and of AUDIT as an edit.
const MAX_TEXT: usize = 1_000_000;

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

impl Reasoned for NewText {
    fn version(&self) -> i32 {
        self.version
    }

    fn reason(&self) -> &str {
        &self.reason
    }
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
    params(("root" = String, Path, description = "The item's root")), request_body = Why,
    responses((status = 200, description = "The item", body = Changed),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn discard(command: Command<Act, Why>) -> Result<Json<Changed>, Failure> {
    command.refuse_unless_open()?;
    command.act("discard", json!({})).await
}

/// Take an item back that was given up
#[utoipa::path(post, path = "/api/v1/operator/dead-letters/{root}/restore", operation_id = "restore", tag = "operator",
    params(("root" = String, Path, description = "The item's root")), request_body = Why,
    responses((status = 200, description = "The item", body = Changed),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn restore(command: Command<Act, Why>) -> Result<Json<Changed>, Failure> {
    if command.item.state != "discarded" {
        let Item { root, state, .. } = &command.item;
        return Err(conflict(format!("{root} is {state}, so there is nothing to take back")));
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
pub(crate) async fn edit(mut command: Command<Edit, NewText>) -> Result<Json<Changed>, Failure> {
    command.refuse_unless_open()?;
    let NewText { text, force, .. } = &command.given;
    let (text, force) = (text.clone(), *force);
    check_text(&mut command, &text, force).await?;
    command.act("edit", json!({ "text": text })).await
}

/// Go back to the text that came
///
/// Of a resolved item whose correction is not stored yet: to the text that is stored.
#[utoipa::path(post, path = "/api/v1/operator/dead-letters/{root}/revert", operation_id = "revert", tag = "operator",
    params(("root" = String, Path, description = "The item's root")), request_body = Why,
    responses((status = 200, description = "The item", body = Changed),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn revert(mut command: Command<Edit, Why>) -> Result<Json<Changed>, Failure> {
    let Item { root, correction, .. } = &command.item;
    // A correction that is not stored goes back to what is.
    if correction.is_some() && correction.as_deref() != Some("published") {
        let stored = StoredEdit::read(&mut command.transaction, root).await?;
        let text = stored.map(|stored| stored.text);
        return command.act("revert", json!({ "text": text })).await;
    }
    command.refuse_unless_open()?;
    if !command.item.edited {
        let root = &command.item.root;
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

/// Refuses a text that an item has already, or that does not pass unless it is `forced`.
pub(super) async fn check_text<R, B: Reasoned>(
    command: &mut Command<R, B>,
    text: &str,
    forced: bool,
) -> Result<(), Failure> {
    check_size(text)?;
    let Command { operators, transaction, item, .. } = command;
    let root = &item.root;
    let texts = Texts::read(transaction, root, item.item).await?;
    if std::str::from_utf8(&texts.original).is_err() {
        return Err(bad(format!("the bytes of {root} are not UTF-8, so they cannot be edited as text")));
    }
    if texts.current() == text.as_bytes() {
        return Err(bad(format!("this is the text that {root} has already")));
    }
    let part = if item.row.is_some() { Part::Row } else { Part::Page };
    let faults = verdict::faults(&operators.judges.now(), &dataset(&item.dataset)?, part, text);
    if !faults.is_empty() && !forced {
        let detail =
            "the text still does not pass the present schemas; \"force\": true keeps it all the same";
        return Err(faulty(detail, faults));
    }
    Ok(())
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
