//! A judged page as the tables want it.

use std::num::TryFromIntError;

use chrono::{DateTime, Datelike, Utc};
pub use kansoku_schemas::Rows;
use kansoku_schemas::{Catalogue, Dataset, Page as Contract, PageError};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::winner::Origin;

/// A message of VALID, checked against what the tables can hold besides its rows; without them it is a row of `page`.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    /// Which catalogue its titles belong to.
    pub catalogue: Catalogue,
    /// Where its bytes came from.
    pub source: String,
    /// What was captured.
    pub dataset: Dataset,
    /// The capture it is a page of.
    pub run: Uuid,
    /// Its number, from 1.
    #[serde(rename = "page")]
    pub number: i32,
    /// When it was captured; the same for all pages of a run.
    pub captured_at: DateTime<Utc>,
    /// The address it was fetched from.
    pub url: Option<String>,
    /// The trace it belongs to.
    pub trace_id: Option<String>,
    /// The name of its contract.
    pub contract: &'static str,
    /// Who judged it.
    pub judge: String,
    /// Rows on a full page.
    #[serde(rename = "row_limit")]
    pub limit: i32,
    /// Its RAW position and the instant of its judgement.
    #[serde(flatten)]
    pub origin: Origin,
    /// When RAW took it.
    pub stored_at: DateTime<Utc>,
    /// Rows the validator counted.
    pub received: i32,
    /// Rows the validator passed.
    pub accepted: i32,
    /// Rows the validator rejected.
    pub dead: i32,
    /// Values that were not what the schema's words say, counted.
    pub drift: Value,
    /// What the validator noticed.
    pub warnings: Value,
    /// The dead letter it replays.
    pub replay_root: Option<String>,
    /// The row it replays; `None` for a whole page.
    pub replay_row: Option<i32>,
    /// The rows that passed.
    #[serde(skip)]
    pub rows: Rows,
}

impl Page {
    /// How many rows passed.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row passed.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The index on the original page of the row at `place` in the contract.
    pub fn index(&self, place: usize) -> Option<u32> {
        self.rows.index(place)
    }

    /// The position in the run of the row at `place` in the contract.
    pub fn position(&self, place: usize) -> Option<u32> {
        match &self.rows {
            Rows::Anime(rows) => rows.get(place).map(|row| row.position),
            Rows::History(rows) => rows.get(place).map(|row| row.position),
            Rows::Genres(rows) => {
                rows.get(place).and_then(|row| u32::try_from(self.genre_position(row.index)).ok())
            }
        }
    }

    /// The place in the ranking of a genre's row: genres carry no position of their own.
    pub fn genre_position(&self, index: u32) -> i64 {
        i64::from(self.number - 1) * i64::from(self.limit) + i64::from(index)
    }
}

/// Why a message of VALID cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The body is not JSON.
    #[error("the contract is not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    /// The body is not the contract it says it is.
    #[error("the contract cannot be read: {0}")]
    Shape(#[source] serde_json::Error),
    /// The contract is not one of ours.
    #[error("no such contract: {0:?}")]
    Contract(String),
    /// A value that no table can hold.
    #[error("{pointer} cannot be stored: {why}")]
    Value {
        /// Where in the contract, as a JSON pointer.
        pointer: &'static str,
        /// Why not.
        why: &'static str,
    },
}

impl Unreadable {
    /// Where in the contract the fault lies, as a JSON pointer.
    pub fn pointer(&self) -> &'static str {
        match self {
            Self::NotJson(_) | Self::Shape(_) => "",
            Self::Contract(_) => "/contract",
            Self::Value { pointer, .. } => pointer,
        }
    }
}

impl From<PageError> for Unreadable {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Json(error) if error.is_data() => Self::Shape(error),
            PageError::Json(error) => Self::NotJson(error),
            PageError::UnknownContract(name) => Self::Contract(name),
        }
    }
}

/// Reads a message of VALID. What passes can be stored, but for the rows that [`crate::storable`] names.
pub fn decode(body: &[u8]) -> Result<Page, Unreadable> {
    let page = Contract::from_json(body)?;
    let Contract { judge, meta, raw, trace_id, limit, stored_at, judged_at, .. } = page;
    let Contract { accounts, warnings, replay, rows, .. } = page;
    let value = |pointer, why| move || Unreadable::Value { pointer, why };
    let large =
        |pointer| move |_: TryFromIntError| Unreadable::Value { pointer, why: "the number is too large" };
    if !(1..=9999).contains(&meta.captured_at.year()) {
        return Err(value("/captured_at", "the year is out of range")());
    }
    if let Some((what, ..)) = meta.too_long() {
        let pointer = if what == "source" { "/source" } else { "/url" };
        return Err(value(pointer, "the text is too long")());
    }
    let texts = [Some(&judge), Some(&meta.source), meta.url.as_ref(), trace_id.as_ref()];
    let replay_root = replay.as_ref().map(|replay| replay.root.to_string());
    let noticed = warnings
        .iter()
        .flat_map(|warning| [Some(&warning.code), Some(&warning.field), warning.value.as_ref()]);
    if has_nul(texts.into_iter().chain(noticed).flatten().chain(accounts.drift.keys())) {
        return Err(value("", "a text holds the character NUL")());
    }
    Ok(Page {
        catalogue: meta.catalogue,
        source: meta.source,
        dataset: meta.dataset,
        run: meta.run.0,
        number: i32::try_from(meta.page).map_err(large("/page"))?,
        captured_at: stored(meta.captured_at),
        url: meta.url,
        trace_id,
        contract: rows.kind().contract(),
        judge,
        limit: i32::try_from(limit).map_err(large("/limit"))?,
        origin: Origin {
            epoch: i64::try_from(raw.epoch).map_err(large("/raw/epoch"))?,
            seq: i64::try_from(raw.seq).map_err(large("/raw/seq"))?,
            judged_at: stored(judged_at),
        },
        stored_at: stored(stored_at),
        received: i32::try_from(accounts.received).map_err(large("/accounts/received"))?,
        accepted: i32::try_from(accounts.accepted).map_err(large("/accounts/accepted"))?,
        dead: i32::try_from(accounts.dead).map_err(large("/accounts/dead"))?,
        drift: serde_json::to_value(accounts.drift).map_err(Unreadable::Shape)?,
        warnings: serde_json::to_value(warnings).map_err(Unreadable::Shape)?,
        replay_root,
        replay_row: replay
            .and_then(|replay| replay.row)
            .map(|row| i32::try_from(row).map_err(large("/replay/row")))
            .transpose()?,
        rows,
    })
}

/// An instant as the tables keep it: in microseconds, a leap second as the first one of the next minute.
pub(crate) fn stored(instant: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant)
}

/// Whether a text holds the one character that Postgres cannot store.
pub(crate) fn has_nul<'a>(mut texts: impl Iterator<Item = &'a String>) -> bool {
    texts.any(|text| text.contains('\0'))
}
