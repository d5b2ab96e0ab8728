//! Holds an upstream page against the schemas: the envelope first, then each row by itself.
//!
//! The body is parsed once. Only a page with a rejected row is scanned a second time, for the byte ranges of its rows:
//! a dead letter is a slice of the body as it came, never written anew.

mod aired;
mod facts;
mod lenient;
mod open;
mod schemas;
pub mod slices;

use std::{collections::BTreeMap, ops::Range, path::Path};

use jsonschema::Validator;
use serde_json::Value;

pub use schemas::SchemaError;
use schemas::{Schema, Schemas};

use crate::{Dataset, Reason, RowKind, Rows, SnapshotRow, Warning};

/// How many violations of one row a dead letter names.
const MAX_VIOLATIONS: usize = 8;
/// A page with more rows is dead as a whole: each bad row is a letter of its own, and lists have pages of 25 to 250.
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
}

impl Judge {
    /// The schemas of this build.
    pub fn embedded() -> Self {
        // The embedded schemas compile, or a test fails; an error here has no other cure than another build.
        Self::from(Schemas::embedded()).unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// The schemas of this build, each replaced by the file of the same name in `folder` where there is one.
    pub fn with_overlay(folder: &Path) -> Result<Self, SchemaError> {
        Self::from(Schemas::embedded().overlaid(folder)?)
    }

    fn from(schemas: Schemas) -> Result<Self, SchemaError> {
        Ok(Self {
            envelope: schemas.compile("envelope.v1")?,
            anime: schemas.compile("anime.v1")?,
            genre: schemas.compile("genre.v1")?,
            history: schemas.compile("history.v1")?,
            hash: schemas.hash(),
        })
    }

    /// SHA-256 over the schemas and the version of this crate: who judged.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Judges the body of a page of `dataset`; in the end, why the envelope did not pass: then the whole body is the dead
    /// letter.
    pub fn page(&self, dataset: &Dataset, body: &[u8]) -> Result<Judged, Box<Rejection>> {
        let (page, unreadable) = match serde_json::from_slice::<Value>(body) {
            Ok(page) => (page, BTreeMap::new()),
            Err(error) => match lenient::read(body) {
                Some(read) => read,
                None => return Err(self.dead(Reason::NotJson, "", error.to_string(), Vec::new(), body)),
            },
        };
        if is_upstream_error(&page) {
            let says =
                page.get("message").or(page.get("error")).and_then(Value::as_str).unwrap_or("no message");
            let kind = page.get("type").and_then(Value::as_str).unwrap_or_default();
            let message = format!("{kind}: {says}");
            return Err(self.dead(Reason::UpstreamError, "/status", message, Vec::new(), body));
        }
        if let Some((pointer, message, violations)) = violations(&self.envelope.validator, &page) {
            return Err(self.dead(Reason::Envelope, &pointer, message, violations, body));
        }
        let limit = limit_of(&page).unwrap_or(dataset.full_page());
        let rows = match page.get("data") {
            Some(Value::Array(rows)) => rows.as_slice(),
            Some(row) => std::slice::from_ref(row),
            None => &[],
        };
        if rows.len() > MAX_ROWS {
            let says = format!("{} rows, where {MAX_ROWS} are the most of a page", rows.len());
            return Err(self.dead(Reason::TooLarge, "/data", says, Vec::new(), body));
        }
        let mut notes = open::Notes::default();
        let kind = dataset.row_kind();
        let schema = match kind {
            RowKind::Anime => &self.anime,
            RowKind::Genre => &self.genre,
            RowKind::History => &self.history,
        };
        let mut accepted = Rows::with_capacity(kind, rows.len());
        let mut rejected = Vec::new();
        for (index, row) in (0..).zip(rows) {
            let refused = match unreadable.get(&index) {
                None if schema.validator.is_valid(row) => None,
                None => violations(&schema.validator, row),
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

fn push(rows: &mut Rows, index: u32, row: &Value, notes: &mut open::Notes) {
    match rows {
        Rows::Anime(rows) => {
            notes.anime(row);
            rows.push(SnapshotRow { index, position: index, anime: facts::anime(row, notes) });
        }
        Rows::Genres(rows) => rows.push(facts::genre(index, row)),
        Rows::History(rows) => rows.push(facts::history(index, row, notes)),
    }
}

impl Schema {
    /// A rejection by this schema; which bytes it is about is filled in later.
    fn rejection(&self, pointer: String, message: String, errors: Vec<Violation>) -> Rejection {
        Rejection {
            reason: Reason::Schema,
            pointer,
            message,
            errors,
            schema: self.name.to_owned(),
            schema_hash: self.hash.clone(),
            bytes: 0..0,
        }
    }
}

/// An error body, whatever the HTTP status said: `status` is a number, from some proxies a string.
fn is_upstream_error(page: &Value) -> bool {
    let status = page.get("status");
    status.is_some_and(|status| status.is_number() || status.is_string())
        && page.get("type").is_some_and(Value::is_string)
}

fn limit_of(page: &Value) -> Option<u32> {
    let stated = page.pointer("/pagination/items/per_page").and_then(Value::as_u64);
    stated.and_then(|limit| u32::try_from(limit).ok()).filter(|limit| *limit > 0)
}

/// Pointer and words of the most telling violation, and all of them; `None` when there is none.
fn violations(validator: &Validator, value: &Value) -> Option<(String, String, Vec<Violation>)> {
    let mut first = None;
    let mut all = Vec::new();
    for error in validator.iter_errors(value).take(MAX_VIOLATIONS) {
        let schema_path = error.schema_path().to_string();
        let keyword = schema_path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut instance_path = error.instance_path().to_string();
        if let jsonschema::error::ValidationErrorKind::Required { property } = error.kind() {
            // The place that is missing tells more than the place it is missing from.
            let property = property.as_str().unwrap_or_default().replace('~', "~0").replace('/', "~1");
            instance_path = format!("{instance_path}/{property}");
        }
        if first.is_none() {
            first = Some((instance_path.clone(), error.to_string()));
        }
        all.push(Violation { instance_path, schema_path, keyword });
    }
    first.map(|(pointer, message)| (pointer, message, all))
}
