//! Holds an upstream page against the schemas: the envelope first, then each row by itself.
//!
//! The body is parsed once. Only a page with a rejected row is scanned a second time, for the byte ranges of its rows:
//! a dead letter is a slice of the body as it came, never written anew.

mod aired;
mod facts;
mod open;
mod salvage;
mod schemas;
mod slices;

use std::{collections::BTreeMap, ops::Range, path::Path};

use jsonschema::Validator;
use serde_json::Value;

pub(crate) use open::news;
pub use schemas::SchemaError;
use schemas::{Schema, Schemas};

use crate::{Anime, Dataset, GenreRow, HistoryRow, Reason, RowKind, Warning};

/// How many faults of one row a dead letter names.
const MOST_FAULTS: usize = 8;
/// A page with more rows is dead as a whole: each bad row is a letter of its own, and lists have pages of 25 to 250.
const MOST_ROWS: usize = 5_000;

/// One place where a row and its schema differ.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SchemaFault {
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
    /// All faults found, most telling first.
    pub errors: Vec<SchemaFault>,
    /// The schema's name.
    pub schema: String,
    /// The schema's SHA-256.
    pub schema_hash: String,
    /// Which bytes of the page's body are the dead letter's body.
    pub bytes: Range<usize>,
}

/// An accepted row.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A title.
    Anime(Box<Anime>),
    /// A genre.
    Genre(GenreRow),
    /// Numbers of a history.
    History(HistoryRow),
}

/// The verdict on one row.
#[derive(Debug, Clone, PartialEq)]
pub struct RowVerdict {
    /// The index on the page, from 0.
    pub index: u32,
    /// What it says, or why it did not pass.
    pub outcome: Result<Fact, Box<Rejection>>,
}

/// A page whose envelope passed.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// A verdict per row, in the order of the page.
    pub rows: Vec<RowVerdict>,
    /// Rows on a full page.
    pub limit: u32,
    /// Values that were not what the words say, by name.
    pub drift: BTreeMap<String, u32>,
    /// What was new.
    pub warnings: Vec<Warning>,
}

/// The verdict on a page.
#[derive(Debug, Clone, PartialEq)]
pub enum PageVerdict {
    /// The envelope itself did not pass; the whole body is the dead letter.
    Dead(Box<Rejection>),
    /// Its rows were judged.
    Judged(Judged),
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

    /// Judges the body of a page of `dataset`.
    pub fn page(&self, dataset: &Dataset, body: &[u8]) -> PageVerdict {
        let (page, unreadable) = match serde_json::from_slice::<Value>(body) {
            Ok(page) => (page, BTreeMap::new()),
            Err(error) => match salvage::read(body) {
                Some(read) => read,
                None => return self.dead(Reason::NotJson, "", error.to_string(), Vec::new(), body),
            },
        };
        if is_upstream_error(&page) {
            let says =
                page.get("message").or(page.get("error")).and_then(Value::as_str).unwrap_or("no message");
            let kind = page.get("type").and_then(Value::as_str).unwrap_or_default();
            return self.dead(Reason::UpstreamError, "/status", format!("{kind}: {says}"), Vec::new(), body);
        }
        if let Some((pointer, message, faults)) = faults(&self.envelope.validator, &page) {
            return self.dead(Reason::Envelope, &pointer, message, faults, body);
        }
        let limit = limit_of(&page).unwrap_or(dataset.full_page());
        let rows: Vec<&Value> = match page.get("data") {
            Some(Value::Array(rows)) => rows.iter().collect(),
            Some(row) => vec![row],
            None => Vec::new(),
        };
        if rows.len() > MOST_ROWS {
            let says = format!("{} rows, where {MOST_ROWS} are the most of a page", rows.len());
            return self.dead(Reason::TooLarge, "/data", says, Vec::new(), body);
        }
        let mut notes = open::Notes::default();
        let kind = dataset.row_kind();
        let schema = match kind {
            RowKind::Anime => &self.anime,
            RowKind::Genre => &self.genre,
            RowKind::History => &self.history,
        };
        let mut verdicts: Vec<RowVerdict> = (0..)
            .zip(rows)
            .map(|(index, row)| RowVerdict {
                index,
                outcome: match unreadable.get(&index) {
                    None => judge_row(schema, kind, index, row, &mut notes),
                    Some(why) => {
                        Err(rejected(schema, String::new(), format!("cannot be read: {why}"), Vec::new()))
                    }
                },
            })
            .collect();
        if verdicts.iter().any(|row| row.outcome.is_err()) {
            let ranges = slices::rows(body);
            for (verdict, range) in verdicts.iter_mut().zip(ranges) {
                if let Err(rejection) = &mut verdict.outcome {
                    rejection.bytes = range;
                }
            }
        }
        let (drift, warnings) = notes.finish();
        PageVerdict::Judged(Judged { rows: verdicts, limit, drift, warnings })
    }

    fn dead(
        &self,
        reason: Reason,
        pointer: &str,
        message: String,
        errors: Vec<SchemaFault>,
        body: &[u8],
    ) -> PageVerdict {
        PageVerdict::Dead(Box::new(Rejection {
            reason,
            pointer: pointer.to_owned(),
            message,
            errors,
            schema: self.envelope.name.to_owned(),
            schema_hash: self.envelope.hash.clone(),
            bytes: 0..body.len(),
        }))
    }
}

fn judge_row(
    schema: &Schema,
    kind: RowKind,
    index: u32,
    row: &Value,
    notes: &mut open::Notes,
) -> Result<Fact, Box<Rejection>> {
    if !schema.validator.is_valid(row)
        && let Some((pointer, message, errors)) = faults(&schema.validator, row)
    {
        return Err(rejected(schema, pointer, message, errors));
    }
    Ok(match kind {
        RowKind::Anime => {
            notes.anime(row);
            Fact::Anime(Box::new(facts::anime(row, notes)))
        }
        RowKind::Genre => Fact::Genre(facts::genre(index, row)),
        RowKind::History => Fact::History(facts::history(index, row, notes)),
    })
}

/// A row that did not pass; where it stands is filled in later.
fn rejected(schema: &Schema, pointer: String, message: String, errors: Vec<SchemaFault>) -> Box<Rejection> {
    Box::new(Rejection {
        reason: Reason::Schema,
        pointer,
        message,
        errors,
        schema: schema.name.to_owned(),
        schema_hash: schema.hash.clone(),
        bytes: 0..0,
    })
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

/// Pointer and words of the most telling fault, and all faults; `None` when there is none.
fn faults(validator: &Validator, value: &Value) -> Option<(String, String, Vec<SchemaFault>)> {
    let mut first = None;
    let mut all = Vec::new();
    for error in validator.iter_errors(value).take(MOST_FAULTS) {
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
        all.push(SchemaFault { instance_path, schema_path, keyword });
    }
    first.map(|(pointer, message)| (pointer, message, all))
}
