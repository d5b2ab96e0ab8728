//! `GET dead-letters`: the items that a filter finds.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use kansoku_schemas::filter::Filter;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgConnection, QueryBuilder};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    Operators,
    access::{Operator, Read},
    condition::{self, Kept},
    refusal::bad,
    request::{Params, cursor, default_limit, within},
};
use crate::{
    cursor::Cursor,
    problem::{Failure, Problem},
};

/// Items are counted up to here; there are at least so many then.
const MAX_COUNTED: i64 = 10_001;

/// One place upstream that is dead, and what became of it.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub(crate) struct Item {
    /// The item's number here, for the order of lists.
    #[serde(skip)]
    #[schema(ignore)]
    pub item: i64,
    /// Its name: `<run>:<page>:<row or page>:<stage>`.
    #[schema(example = "6b616e73-6f6b-5500-8000-72756e000001:3:7:validate")]
    pub root: String,
    /// The run.
    pub run: Uuid,
    /// The page of the run, from 1.
    pub page: i32,
    /// The row of the page, from 0; `null` for a whole page.
    #[schema(required = true)]
    pub row: Option<i32>,
    /// Where it first died: `fetch`, `validate` or `load`.
    pub stage: String,
    /// The catalogue.
    #[schema(required = true)]
    pub catalogue: Option<String>,
    /// Where its bytes came from.
    #[schema(required = true)]
    pub source: Option<String>,
    /// What was captured.
    #[schema(example = "top.score")]
    pub dataset: String,
    /// When it first died.
    pub first_at: DateTime<Utc>,
    /// When it last died.
    pub last_at: DateTime<Utc>,
    /// The title's number in its catalogue, if it can be read.
    #[schema(required = true)]
    pub mal_id: Option<i64>,
    /// The title, if it can be read.
    #[schema(required = true)]
    pub title: Option<String>,
    /// Why it was rejected last.
    #[schema(example = "schema")]
    pub reason: String,
    /// JSON pointer to the most telling fault.
    pub pointer: String,
    /// What is wrong, in words.
    pub message: String,
    /// Who rejected it last.
    pub judge: String,
    /// Replays that failed.
    pub failures: i32,
    /// Whether its text is an operator's.
    pub edited: bool,
    /// `open`, `published`, `resolved`, `failed`, `quarantined` or `discarded`.
    #[schema(example = "open")]
    pub state: String,
    /// Of an item whose stored text is an operator's and that has another text since: `waiting`, `published` or `failed`.
    #[schema(required = true)]
    pub correction: Option<String>,
    /// When its row was stored.
    #[schema(required = true)]
    pub resolved_at: Option<DateTime<Utc>>,
    /// The judge that let it pass.
    #[schema(required = true)]
    pub resolved_by: Option<String>,
    /// The number of its facts; a command names the one that its operator saw.
    pub version: i32,
}

/// The columns of [`Item`].
pub(super) const COLUMNS: &str = "d.item, d.root, d.run, d.page, d.row, d.stage, d.catalogue, d.source, d.dataset, d.first_at, \
    d.last_at, d.mal_id, d.title, d.reason, d.pointer, d.message, d.judge, d.failures, d.edited, d.state, d.correction, d.resolved_at, \
    d.resolved_by, d.version";

/// How far a stream is projected.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub(crate) struct Progress {
    /// When the stream was made, in ms since 1970.
    epoch: i64,
    /// Everything up to here is shown.
    seq: i64,
    /// The stream's last message when that was.
    last_seq: i64,
    /// When that was.
    at: DateTime<Utc>,
    /// Bytes in the stream.
    bytes: Option<i64>,
    /// Bytes that it may hold; nothing more is rejected into a full DLQ, and what is rejected waits.
    max_bytes: Option<i64>,
    /// When it is full, at the pace of the last minutes; `null` while it does not grow, or below a tenth of its limit not steadily.
    full_at: Option<DateTime<Utc>>,
}

/// How fresh everything here is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Projection {
    /// The dead letters; `null` before the first.
    #[schema(required = true)]
    dlq: Option<Progress>,
    /// What operators did, as the stream AUDIT has it.
    #[schema(required = true)]
    audit: Option<Progress>,
}

/// A page of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Items {
    /// The items.
    items: Vec<Item>,
    /// What the parameter `cursor` must hold for the next page; `null` on the last.
    #[schema(required = true, value_type = Option<String>)]
    next_cursor: Option<Cursor<(DateTime<Utc>, i64)>>,
    /// How many items match.
    total: i64,
    /// Whether that many; otherwise there are at least so many.
    total_is_exact: bool,
    /// How fresh the list is.
    projection: Projection,
}

/// In which order items are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Order {
    /// Those that died last come first.
    #[default]
    Newest,
    /// Those that died first come first.
    Oldest,
}

/// What the list may be asked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ItemsParams {
    /// Which items: terms `key:value`, all met. Empty: all.
    #[serde(default)]
    #[param(example = "state:open path:/aired/from since:2h")]
    filter: String,
    /// Items of a page.
    #[serde(default = "default_limit")]
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: i64,
    /// Where the page before ended.
    cursor: Option<String>,
    /// The order.
    #[serde(default)]
    #[param(inline)]
    order: Order,
}

/// Dead letters
///
/// The items that match a filter. `filter` takes `state:`, `reason:`, `stage:`, `dataset:` (`season.*`), `path:`, `keyword:`,
/// `group:`, `only:yes`, `run:`, `page:`, `source:`, `catalogue:`, `judge:`, `root:`, `title:`, `edited:`, `since:` and
/// `until:` (`2h`, a day or an instant), `attempts:` (`>1`), `job:` and `version:`.
#[utoipa::path(get, path = "/api/v1/operator/dead-letters", operation_id = "dead_letters", tag = "operator",
    params(ItemsParams), responses((status = 200, description = "The items", body = Items),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(operators): State<Operators>,
    _: Operator<Read>,
    Params(params): Params<ItemsParams>,
) -> Result<Json<Items>, Failure> {
    let filter = Filter::parse(&params.filter)?;
    let (limit, after) = (within(params.limit)?, cursor::<(DateTime<Utc>, i64)>(params.cursor.as_deref())?);
    let now = operators.clock.now();
    let mut snapshot = operators.snapshot().await?;
    let filter = condition::by_groups(&mut snapshot, &filter).await?;
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from dead_letter d where "));
    condition::push(&mut snapshot, &mut query, &filter, now).await?;
    let (before, order) = match params.order {
        Order::Newest => ("<", "desc"),
        Order::Oldest => (">", "asc"),
    };
    if let Some(Cursor((first_at, item))) = after {
        query.push(format_args!(" and (d.first_at, d.item) {before} ("));
        query.push_bind(first_at).push(", ").push_bind(item).push(")");
    }
    query.push(format_args!(" order by d.first_at {order}, d.item {order} limit ")).push_bind(limit + 1);
    let (total, total_is_exact) = count(&mut snapshot, &filter, now).await?;
    // Planned by the values at hand: a filter may find a handful or a million. What the kept counts know to be nothing would be
    // looked for in all of them.
    let mut items: Vec<Item> = match total {
        0 => Vec::new(),
        _ => query.build_query_as().persistent(false).fetch_all(&mut *snapshot).await?,
    };
    let whole = usize::try_from(limit).map_err(|_| bad("limit"))?;
    let has_more = items.len() > whole;
    items.truncate(whole);
    let next_cursor = items.last().filter(|_| has_more).map(|last| Cursor((last.first_at, last.item)));
    let projection = projection(&mut snapshot).await?;
    Ok(Json(Items { items, next_cursor, total, total_is_exact, projection }))
}

/// How many items match, and whether that is exact.
pub(super) async fn count(
    database: &mut PgConnection,
    filter: &Filter,
    now: DateTime<Utc>,
) -> Result<(i64, bool), Failure> {
    if let Some(kept) = Kept::of(filter) {
        let mut query = QueryBuilder::new("select coalesce(sum(items), 0)::bigint from ");
        kept.push(&mut query, filter, now);
        return Ok((query.build_query_scalar().persistent(false).fetch_one(database).await?, true));
    }
    let mut query = QueryBuilder::new("select count(*) from (select from dead_letter d where ");
    condition::push(database, &mut query, filter, now).await?;
    query.push(" limit ").push_bind(MAX_COUNTED).push(") counted");
    let total: i64 = query.build_query_scalar().persistent(false).fetch_one(database).await?;
    Ok((total, total < MAX_COUNTED))
}

/// How far the streams are projected.
pub(super) async fn projection(database: &mut PgConnection) -> Result<Projection, Failure> {
    #[derive(FromRow)]
    struct Line {
        stream: String,
        #[sqlx(flatten)]
        progress: Progress,
    }
    let lines: Vec<Line> = sqlx::query_as(
        "select stream, epoch, seq, last_seq, at, bytes, max_bytes, full_at from dlq_progress",
    )
    .fetch_all(database)
    .await?;
    let of = |stream: &str| lines.iter().find(|line| line.stream == stream).map(|line| line.progress.clone());
    Ok(Projection { dlq: of("DLQ"), audit: of("AUDIT") })
}

/// The item of a root.
pub(super) async fn find(database: &mut PgConnection, root: &str) -> Result<Item, Failure> {
    let mut query = QueryBuilder::new(format!("select {COLUMNS} from dead_letter d where d.root = "));
    let item = query.push_bind(root).build_query_as().fetch_optional(database).await?;
    item.ok_or_else(|| {
        super::refusal::unknown(format!(
            "no dead letter {root:?} is known: it may not have been projected yet, or never was; a root is \
             <run>:<page>:<row or page>:<stage>"
        ))
    })
}
