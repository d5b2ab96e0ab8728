//! `GET dead-letters/{root}`: everything about one item.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use kansoku_schemas::Dataset;
use serde::Serialize;
use sqlx::{FromRow, PgConnection, types::Json as Jsonb};
use utoipa::ToSchema;

use super::{
    Operators,
    access::{Operator, Read},
    actions::{self, Action},
    correct::StoredEdit,
    items::{Item, find},
    letters::{Fault, Letter, Newest},
    refusal::PlacedFault,
    request::At,
    text::Texts,
    verdict::{self, Part, place},
};
use crate::problem::{Failure, Problem};

/// The schema that rejected, then and now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SchemaChange {
    /// Its name.
    #[schema(required = true, example = "anime.v1")]
    name: Option<String>,
    /// The SHA-256 of its text when it rejected.
    #[schema(required = true)]
    hash: Option<String>,
    /// Its text then; `null` where that is not known here.
    #[schema(required = true)]
    then: Option<String>,
    /// Its text now.
    #[schema(required = true)]
    now: Option<String>,
    /// The rule that was broken, then.
    #[schema(required = true)]
    rule_then: Option<String>,
    /// The same rule now; `null` where it is gone.
    #[schema(required = true)]
    rule_now: Option<String>,
}

/// What the present schemas say of a text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Verdict {
    /// Whether it passes.
    pub passes: bool,
    /// The present schemas, as a judge.
    pub judge: String,
    /// Why it does not.
    pub faults: Vec<PlacedFault>,
}

/// A message of a stream.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub(crate) struct StreamPosition {
    /// When the stream was made, in ms since 1970.
    epoch: i64,
    /// The message's number in it.
    seq: i64,
}

/// Everything about one item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Detail {
    /// The item.
    item: Item,
    /// Its present text; `null` where its bytes are not UTF-8.
    #[schema(required = true)]
    text: Option<String>,
    /// Its bytes where they are not UTF-8.
    #[schema(required = true)]
    body_base64: Option<String>,
    /// The text as it came, where an operator changed it.
    #[schema(required = true)]
    original: Option<String>,
    /// How many bytes came.
    size: usize,
    /// The faults of its newest letter, placed in the text that came.
    faults: Vec<PlacedFault>,
    /// The schema that rejected, then and now.
    schema: SchemaChange,
    /// What the present schemas say of its present text.
    now: Verdict,
    /// Its letters, the oldest first.
    letters: Vec<Letter>,
    /// What was done about it, the oldest first.
    actions: Vec<Action>,
    /// The headers of its newest letter.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    headers: Jsonb<serde_json::Value>,
    /// What an operator edited and a replay stored; that can be corrected.
    #[schema(required = true)]
    stored: Option<StoredEdit>,
    /// The page that it came on, where that is stored.
    #[schema(required = true)]
    journey: Option<StreamPosition>,
    /// Where the trace of its newest letter can be seen, if it can.
    #[schema(required = true)]
    trace_url: Option<String>,
}

/// One dead letter
///
/// Its text, why it was rejected and whether it would be now, its letters and what was done about it.
#[utoipa::path(get, path = "/api/v1/operator/dead-letters/{root}", operation_id = "dead_letter", tag = "operator",
    params(("root" = String, Path, description = "The item's root")),
    responses((status = 200, description = "The item", body = Detail),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn detail(
    State(operators): State<Operators>,
    _: Operator<Read>,
    At(root): At<String>,
) -> Result<Json<Detail>, Failure> {
    let mut snapshot = operators.snapshot().await?;
    let item = find(&mut snapshot, &root).await?;
    let texts = Texts::read(&mut snapshot, &root, item.item).await?;
    let newest = Newest::read(&mut snapshot, item.item).await?;
    let letters = Letter::all(&mut snapshot, item.item).await?;
    let actions = actions::of_item(&mut snapshot, &root).await?;
    let journey = journey(&mut snapshot, item.item).await?;
    let stored = StoredEdit::read(&mut snapshot, &root).await?;
    drop(snapshot);

    let original = std::str::from_utf8(&texts.original).ok();
    let current = std::str::from_utf8(texts.current()).ok();
    let now = present_verdict(&operators, &item, current);
    let size = texts.original.len();
    let template = operators.trace_url.as_deref().zip(newest.trace_id.as_deref());
    let trace_url = template.map(|(template, id)| template.replace("{trace_id}", id));
    Ok(Json(Detail {
        text: current.map(str::to_owned),
        body_base64: current.is_none().then(|| STANDARD.encode(texts.current())),
        original: original.filter(|_| texts.edited.is_some()).map(str::to_owned),
        size,
        faults: placed(&newest, original.unwrap_or_default()),
        schema: schema(&operators, &newest),
        now,
        letters,
        actions,
        headers: newest.headers,
        stored,
        journey,
        trace_url,
        item,
    }))
}

/// The original bytes
///
/// Of a dead letter, as a file: whatever they are, no browser shows them as a page.
#[utoipa::path(get, path = "/api/v1/operator/dead-letters/{root}/body", operation_id = "dead_letter_body", tag = "operator",
    params(("root" = String, Path, description = "The item's root")),
    responses((status = 200, description = "The bytes", body = String, content_type = "text/plain"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn body(
    State(operators): State<Operators>,
    _: Operator<Read>,
    At(root): At<String>,
) -> Result<Response, Failure> {
    let mut snapshot = operators.snapshot().await?;
    let item = find(&mut snapshot, &root).await?;
    let Texts { original, .. } = Texts::read(&mut snapshot, &root, item.item).await?;
    let row = item.row.map_or_else(|| "page".to_owned(), |row| row.to_string());
    let name = format!("attachment; filename=\"dead-letter-{}-{}-{row}.txt\"", item.run, item.page);
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CONTENT_DISPOSITION, &name)];
    Ok((headers, original).into_response())
}

/// What the present schemas say; a dataset that they do not know is a fault of its own.
fn present_verdict(operators: &Operators, item: &Item, text: Option<&str>) -> Verdict {
    let judge = operators.judges.now();
    let part = if item.row.is_some() { Part::Row } else { Part::Page };
    let odd = |message: &str| {
        vec![place("", String::new(), String::new(), String::new(), Some(message.to_owned()))]
    };
    let faults = match (item.dataset.parse::<Dataset>(), text) {
        (Ok(dataset), Some(text)) => verdict::faults(&judge, &dataset, part, text),
        (Err(error), _) => odd(&error.to_string()),
        (_, None) => odd("the bytes are not UTF-8"),
    };
    Verdict { passes: faults.is_empty(), judge: judge.hash().to_owned(), faults }
}

/// The faults that a letter names; it has words for the most telling one.
fn placed(newest: &Newest, text: &str) -> Vec<PlacedFault> {
    let one = |fault: &Fault| {
        let Fault { instance_path, schema_path, keyword } = fault.clone();
        let message = (instance_path == newest.pointer).then(|| newest.message.clone());
        place(text, instance_path, keyword, schema_path, message)
    };
    if newest.faults.is_empty() {
        let message = Some(newest.message.clone());
        return vec![place(text, newest.pointer.clone(), String::new(), String::new(), message)];
    }
    newest.faults.iter().map(one).collect()
}

fn schema(operators: &Operators, newest: &Newest) -> SchemaChange {
    let judge = operators.judges.now();
    let now = newest.schema.as_deref().and_then(|name| judge.text(name)).map(str::to_owned);
    let then = newest.schema_hash.as_deref().and_then(|hash| operators.judges.text(hash));
    let path = newest.faults.first().map(|fault| fault.schema_path.as_str());
    let rule = |text: Option<&str>| verdict::rule(text?, path?);
    SchemaChange {
        name: newest.schema.clone(),
        hash: newest.schema_hash.clone(),
        rule_then: rule(then.as_deref()),
        rule_now: rule(now.as_deref()),
        then: then.map(|text| text.to_string()),
        now,
    }
}

/// The page of RAW that it came on, if the tables have it.
async fn journey(database: &mut PgConnection, item: i64) -> Result<Option<StreamPosition>, Failure> {
    let sql = "select p.epoch, p.seq from dead_letter_letter l join page p on (p.epoch, p.seq) = (l.raw_epoch, l.raw_seq)
        where l.item = $1 and l.attempt = 0 order by p.epoch desc, p.seq desc limit 1";
    Ok(sqlx::query_as(sql).bind(item).fetch_optional(database).await?)
}
