//! Holds an upstream page against the schemas: the envelope first, then each row by itself.
//!
//! The body is parsed once, into a [`document::Document`], and validated where it stands. What is slow is done for what is
//! rejected only: a body that this parser does not take is parsed leniently, violations are collected from a
//! `serde_json::Value`, and the byte ranges of the rows are looked for, since a dead letter is a slice of the body as it
//! came, never written anew.

mod aired;
mod deployed;
mod document;
mod facts;
mod lenient;
mod notes;
mod overlay;
mod schemas;
pub mod slices;
mod validation;

use std::{collections::BTreeMap, ops::Range, path::Path};

pub use deployed::Deployed;
use document::{Document, Node};
use notes::Notes;
use overlay::SchemaWatch;
pub use overlay::{SchemaSettings, SchemaTexts};
pub use schemas::SchemaError;
use schemas::{Schema, Schemas};

use crate::{Dataset, Reason, RowKind, Rows, SnapshotRow, Warning};

/// A page with more rows is dead as a whole: each bad row is a dead letter of its own, and lists have pages of 25 to 250.
const MAX_ROWS: usize = 5_000;

/// One place where a row and its schema differ.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Violation {
    /// JSON pointer into the row.
    pub instance_path: String,
    /// JSON pointer into the schema.
    pub schema_path: String,
    /// The keyword that refuses: `type`, `required` …
    pub keyword: String,
    /// What is wrong, for a person; a dead letter names that of the most telling one only.
    #[serde(skip)]
    pub message: String,
}

/// Why a page or a row did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The reason.
    pub reason: Reason,
    /// JSON pointer into the dead letter's body.
    pub pointer: String,
    /// What is wrong, for a person.
    pub message: String,
    /// All violations found, most telling first.
    pub errors: Vec<Violation>,
    /// The schema's name.
    pub schema: String,
    /// The schema's SHA-256.
    pub schema_hash: String,
    /// Which bytes of the page's body are the dead letter's body.
    pub bytes: Range<usize>,
}

/// A row that did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// The index on the page, from 0.
    pub index: u32,
    /// Why.
    pub rejection: Rejection,
}

/// A page whose envelope passed.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The rows that passed, in the order of the page; their position is their index, since the page's number is not
    /// known here.
    pub rows: Rows,
    /// The others.
    pub rejected: Vec<RejectedRow>,
    /// Rows on a full page.
    pub limit: u32,
    /// Values that were not what the words say, by name.
    pub drift: BTreeMap<String, u32>,
    /// What was new.
    pub warnings: Vec<Warning>,
}

impl Judged {
    /// How many rows the page has.
    pub fn received(&self) -> usize {
        self.rows.len() + self.rejected.len()
    }
}

/// The compiled schemas.
#[derive(Debug)]
pub struct Judge {
    envelope: Schema,
    anime: Schema,
    genre: Schema,
    history: Schema,
    hash: String,
    texts: Schemas,
}

impl Judge {
    /// The schemas of this build.
    pub fn embedded() -> Self {
        // The embedded schemas compile, or a test fails; an error here means that the build is broken.
        Self::from(Schemas::embedded()).unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// The schemas of this build, each replaced by the file of the same name in `folder` where there is one.
    pub fn with_overlay(folder: &Path) -> Result<Self, SchemaError> {
        SchemaSettings { overlay: Some(folder.to_owned()) }.judge()
    }

    /// The schemas of this build, each replaced by the text of the same name where there is one.
    ///
    /// # Errors
    /// When a text is no schema, or replaces none.
    pub fn with_texts(texts: &SchemaTexts) -> Result<Self, SchemaError> {
        Self::from(Schemas::embedded().replaced(texts)?)
    }

    fn from(schemas: Schemas) -> Result<Self, SchemaError> {
        Ok(Self {
            envelope: schemas.compile("envelope.v1")?,
            anime: schemas.compile("anime.v1")?,
            genre: schemas.compile("genre.v1")?,
            history: schemas.compile("history.v1")?,
            hash: schemas.hash(),
            texts: schemas,
        })
    }

    /// The text of a schema by its name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.text(name)
    }

    /// The texts of all schemas.
    pub fn texts(&self) -> SchemaTexts {
        self.texts.all()
    }

    /// SHA-256 over the schemas and the version of this crate: who judged.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Judges the body of a page of `dataset`; in the end, why the envelope did not pass: then the whole body is the dead
    /// letter.
    pub fn page(&self, dataset: &Dataset, body: &[u8]) -> Result<Judged, Box<Rejection>> {
        match Document::parse(body) {
            Some(document) => self.document(dataset, body, document.root(), &BTreeMap::new()),
            None => self.lenient(dataset, body),
        }
    }

    /// Judges a body that is not a [`Document`].
    fn lenient(&self, dataset: &Dataset, body: &[u8]) -> Result<Judged, Box<Rejection>> {
        let not_json = |message| self.dead(Reason::NotJson, "", message, Vec::new(), body);
        let page = lenient::read(body).map_err(|error| not_json(error.to_string()))?;
        let document = Document::parse(&page.text).ok_or_else(|| not_json("cannot be parsed".to_owned()))?;
        self.document(dataset, body, document.root(), &page.unreadable)
    }

    /// Judges the page in `body`; `unreadable` says which rows cannot be read, and why.
    fn document(
        &self,
        dataset: &Dataset,
        body: &[u8],
        page: Node<'_>,
        unreadable: &BTreeMap<u32, String>,
    ) -> Result<Judged, Box<Rejection>> {
        if is_upstream_error(page) {
            let text = |key| page.get(key).and_then(Node::as_str);
            let says =
                page.get("message").or(page.get("error")).and_then(Node::as_str).unwrap_or("no message");
            let message = format!("{}: {says}", text("type").unwrap_or_default());
            return Err(self.dead(Reason::UpstreamError, "/status", message, Vec::new(), body));
        }
        if let Some((pointer, message, violations)) = self.envelope.violations(page) {
            return Err(self.dead(Reason::Envelope, &pointer, message, violations, body));
        }
        let limit = limit_of(page).unwrap_or(dataset.full_page());
        let data = page.get("data");
        let rows = data.and_then(Node::as_array);
        let one = data.filter(|_| rows.is_none());
        let count = rows.map_or(0, |rows| rows.len());
        if count > MAX_ROWS {
            let says = format!("{count} rows, where {MAX_ROWS} are the most of a page");
            return Err(self.dead(Reason::TooLarge, "/data", says, Vec::new(), body));
        }
        let mut notes = Notes::default();
        let kind = dataset.row_kind();
        let schema = self.schema(kind);
        let mut accepted = Rows::with_capacity(kind, count);
        let mut rejected = Vec::new();
        for (index, row) in (0..).zip(rows.into_iter().flatten().chain(one)) {
            let refused = match unreadable.get(&index) {
                None => schema.violations(row),
                Some(why) => Some((String::new(), format!("cannot be read: {why}"), Vec::new())),
            };
            match refused {
                None => push(&mut accepted, index, row, &mut notes),
                Some((pointer, message, errors)) => {
                    rejected
                        .push(RejectedRow { index, rejection: schema.rejection(pointer, message, errors) });
                }
            }
        }
        if !rejected.is_empty() {
            let ranges = slices::rows(body);
            for RejectedRow { index, rejection } in &mut rejected {
                rejection.bytes = ranges.get(*index as usize).cloned().unwrap_or_default();
            }
        }
        let (drift, warnings) = notes.finish();
        Ok(Judged { rows: accepted, rejected, limit, drift, warnings })
    }

    fn schema(&self, kind: RowKind) -> &Schema {
        match kind {
            RowKind::Anime => &self.anime,
            RowKind::Genre => &self.genre,
            RowKind::History => &self.history,
        }
    }

    fn dead(
        &self,
        reason: Reason,
        pointer: &str,
        message: String,
        errors: Vec<Violation>,
        body: &[u8],
    ) -> Box<Rejection> {
        let rejection = self.envelope.rejection(pointer.to_owned(), message, errors);
        Box::new(Rejection { reason, bytes: 0..body.len(), ..rejection })
    }
}

fn push(rows: &mut Rows, index: u32, row: Node<'_>, notes: &mut Notes) {
    match rows {
        Rows::Anime(rows) => {
            rows.push(SnapshotRow { index, position: index, anime: facts::anime(row, notes) });
        }
        Rows::Genres(rows) => rows.push(facts::genre(index, row)),
        Rows::History(rows) => rows.push(facts::history(index, row, notes)),
    }
}

/// An error body, whatever the HTTP status said: `status` is a number, from some proxies a string.
fn is_upstream_error(page: Node<'_>) -> bool {
    let status = page.get("status");
    status.is_some_and(|status| status.as_number().is_some() || status.as_str().is_some())
        && page.get("type").is_some_and(|kind| kind.as_str().is_some())
}

fn limit_of(page: Node<'_>) -> Option<u32> {
    let stated = page.get("pagination")?.get("items")?.get("per_page")?.as_number()?.as_u64();
    stated.and_then(|limit| u32::try_from(limit).ok()).filter(|limit| *limit > 0)
}

#[cfg(test)]
mod agreement_tests;
