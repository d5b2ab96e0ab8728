//! What the API says, as far as people are shown it. Whoever wants all of it asks for `--json`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

/// How far the projection is in one stream.
#[derive(Debug, Deserialize)]
pub(crate) struct Progress {
    pub seq: i64,
    pub last_seq: i64,
    pub at: DateTime<Utc>,
    pub bytes: Option<i64>,
    pub max_bytes: Option<i64>,
    pub full_at: Option<DateTime<Utc>>,
}

/// How far the projection is.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Projection {
    pub dlq: Option<Progress>,
    pub audit: Option<Progress>,
}

/// A dead letter.
#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    pub root: String,
    pub run: String,
    pub page: i64,
    pub row: Option<i64>,
    pub stage: String,
    pub catalogue: Option<String>,
    pub source: Option<String>,
    pub dataset: String,
    pub first_at: DateTime<Utc>,
    pub mal_id: Option<i64>,
    pub title: Option<String>,
    pub reason: String,
    pub pointer: String,
    pub message: String,
    pub judge: String,
    pub failures: i64,
    pub edited: bool,
    pub state: String,
    pub correction: Option<String>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub resolved_by: Option<String>,
    pub version: i64,
}

impl Item {
    /// Its state, and how far a correction of what is stored is.
    pub(crate) fn stands(&self) -> String {
        match &self.correction {
            Some(correction) => format!("{}, correction {correction}", self.state),
            None => self.state.clone(),
        }
    }
}

/// An operator's text that a replay stored.
#[derive(Debug, Deserialize)]
pub(crate) struct Stored {
    pub epoch: i64,
    pub seq: i64,
    pub n: i64,
    pub edit: i64,
    pub stands: bool,
}

/// A page of a list of dead letters.
#[derive(Debug, Deserialize)]
pub(crate) struct Items {
    pub items: Vec<Item>,
    pub next_cursor: Option<String>,
    pub total: i64,
    pub total_is_exact: bool,
    pub projection: Projection,
}

/// An item that was changed.
#[derive(Debug, Deserialize)]
pub(crate) struct Changed {
    pub item: Item,
}

/// A value and how many items have it.
#[derive(Debug, Deserialize)]
pub(crate) struct Facet {
    pub value: String,
    pub items: i64,
}

/// Items of one hour.
#[derive(Debug, Deserialize)]
pub(crate) struct Hour {
    pub hour: DateTime<Utc>,
    pub items: i64,
}

/// Faults of one kind.
#[derive(Debug, Deserialize)]
pub(crate) struct Group {
    pub group: i64,
    pub reason: String,
    pub path: String,
    pub keyword: String,
    pub state: String,
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    pub items: i64,
    pub open: i64,
    pub sole: i64,
    pub hold: bool,
    pub note: Option<String>,
    pub link: Option<String>,
    pub owner: Option<String>,
    pub fixed_by: Option<String>,
    pub version: i64,
    #[serde(default)]
    pub hours: Vec<Hour>,
}

/// All groups that a filter finds.
#[derive(Debug, Deserialize)]
pub(crate) struct Groups {
    pub groups: Vec<Group>,
    #[serde(default)]
    pub facets: BTreeMap<String, Vec<Facet>>,
    #[serde(default = "yes")]
    pub counts_are_exact: bool,
    pub projection: Projection,
}

fn yes() -> bool {
    true
}

/// A place where a text and its schema differ.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PlacedFault {
    pub path: String,
    pub keyword: String,
    pub message: Option<String>,
    pub line: Option<usize>,
    pub column: Option<usize>,
    pub start: Option<usize>,
    pub end: Option<usize>,
    /// How many members fail for it, where it stands for many.
    pub items: Option<i64>,
}

impl PlacedFault {
    /// Where, why, and in what words.
    pub(crate) fn words(&self) -> String {
        let path = if self.path.is_empty() { "the whole text" } else { &self.path };
        let mut words = path.to_owned();
        if !self.keyword.is_empty() {
            words += &format!(" · {}", self.keyword);
        }
        if let (Some(line), Some(column)) = (self.line, self.column) {
            words += &format!(" · line {line}, column {column}");
        }
        if let Some(message) = &self.message {
            words += &format!(": {message}");
        }
        words
    }
}

/// The schema that rejected, then and now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SchemaChange {
    pub name: Option<String>,
    pub hash: Option<String>,
    pub rule_then: Option<String>,
    pub rule_now: Option<String>,
}

/// What the present schemas say.
#[derive(Debug, Deserialize)]
pub(crate) struct Verdict {
    pub passes: bool,
    pub judge: String,
    pub faults: Vec<PlacedFault>,
}

/// One message of DLQ.
#[derive(Debug, Deserialize)]
pub(crate) struct Letter {
    pub seq: i64,
    pub attempt: i64,
    pub at: DateTime<Utc>,
    pub stage: String,
    pub reason: String,
    pub message: String,
    pub deliveries: Option<i64>,
    pub raw_seq: Option<i64>,
}

/// Something that somebody did.
#[derive(Debug, Deserialize)]
pub(crate) struct Action {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub action: String,
    pub root: Option<String>,
    pub n: Option<i64>,
    pub plan: Option<String>,
    pub job: Option<String>,
    pub reason: Option<String>,
    #[serde(default)]
    pub detail: Value,
    pub before: Option<String>,
    pub sent: bool,
}

/// A place in a stream.
#[derive(Debug, Deserialize)]
pub(crate) struct Position {
    pub epoch: i64,
    pub seq: i64,
}

/// Everything about one dead letter.
#[derive(Debug, Deserialize)]
pub(crate) struct Detail {
    pub item: Item,
    pub text: Option<String>,
    pub body_base64: Option<String>,
    pub original: Option<String>,
    pub size: i64,
    pub faults: Vec<PlacedFault>,
    #[serde(default)]
    pub schema: SchemaChange,
    pub now: Verdict,
    pub letters: Vec<Letter>,
    pub actions: Vec<Action>,
    pub stored: Option<Stored>,
    pub journey: Option<Position>,
    pub trace_url: Option<String>,
}

/// What a bulk discard did.
#[derive(Debug, Deserialize)]
pub(crate) struct Discarded {
    pub matching: i64,
    pub discarded: i64,
}

/// A page of the audit.
#[derive(Debug, Deserialize)]
pub(crate) struct Audit {
    pub actions: Vec<Action>,
    pub next_cursor: Option<String>,
    pub unsent: i64,
}

/// The deployed schemas.
#[derive(Debug, Deserialize)]
pub(crate) struct Schemas {
    pub judge: String,
    pub trouble: Option<String>,
}

/// Who shows the token.
#[derive(Debug, Deserialize)]
pub(crate) struct SignedIn {
    pub name: String,
    pub rights: Vec<String>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// A dry run.
#[derive(Debug, Deserialize)]
pub(crate) struct Plan {
    pub plan: String,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
    pub filter: String,
    pub schema: Option<String>,
    pub state: String,
    pub error: Option<String>,
    pub judge: Option<String>,
    pub deployed: Option<bool>,
    pub items: i64,
    pub passes: i64,
    pub fails: i64,
    pub replayable: i64,
    pub invalid: i64,
    #[serde(default)]
    pub failures: Vec<PlacedFault>,
    pub accepted_checked: Option<i64>,
    pub accepted_failing: Option<i64>,
    pub job: Option<String>,
}

/// How far a job's members are.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Counts {
    pub members: i64,
    pub waiting: i64,
    pub published: i64,
    pub resolved: i64,
    pub failed: i64,
    pub skipped: i64,
}

/// Why members were left out.
#[derive(Debug, Deserialize)]
pub(crate) struct Skip {
    pub why: String,
    pub members: i64,
}

/// A plan that is being carried out.
#[derive(Debug, Deserialize)]
pub(crate) struct Job {
    pub job: String,
    pub plan: String,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
    pub reason: String,
    pub rate: i64,
    pub canary: i64,
    pub state: String,
    pub words: Option<String>,
    pub counts: Counts,
    #[serde(default)]
    pub skips: Vec<Skip>,
    pub eta_seconds: Option<f64>,
    #[serde(default)]
    pub joined_since: i64,
}

/// A page of the jobs.
#[derive(Debug, Deserialize)]
pub(crate) struct Jobs {
    pub jobs: Vec<Job>,
    pub next_cursor: Option<String>,
}

/// A row of a page.
#[derive(Debug, Deserialize)]
pub(crate) struct Place {
    pub page: i64,
    pub row: Option<i64>,
}

/// The books of one run.
#[derive(Debug, Deserialize)]
pub(crate) struct LedgerRun {
    pub run: String,
    pub dataset: String,
    pub captured_at: DateTime<Utc>,
    pub received: i64,
    pub stored: i64,
    pub duplicate: i64,
    pub dead_open: i64,
    pub dead_quarantined: i64,
    pub dead_discarded: i64,
    pub in_flight_pages: i64,
    pub missing: Vec<Place>,
    pub extra: Vec<Place>,
}

/// The books of all runs.
#[derive(Debug, Deserialize)]
pub(crate) struct Ledger {
    pub balanced: bool,
    pub runs: Vec<LedgerRun>,
    #[serde(default)]
    pub totals: BTreeMap<String, Value>,
    #[serde(default)]
    pub projection: Projection,
}

/// An answer of the open part of the API.
#[derive(Debug, Deserialize)]
pub(crate) struct Open<T> {
    pub data: T,
}

/// Rows of a run.
#[derive(Debug, Deserialize)]
pub(crate) struct RunRows {
    pub received: i64,
    pub accepted: i64,
    pub dead: i64,
    pub stored: i64,
    pub duplicate: i64,
}

/// A capture.
#[derive(Debug, Deserialize)]
pub(crate) struct Run {
    pub run: String,
    pub dataset: String,
    pub source: String,
    pub captured_at: DateTime<Utc>,
    pub state: String,
    pub pages_planned: Option<i64>,
    pub pages_got: i64,
    pub rows: RunRows,
}
