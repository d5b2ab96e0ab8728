//! What travels from the validator to the loader.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Anime, Catalogue, Dataset, Position, Root, RunId};

/// The name of [`SnapshotPage`]'s contract.
pub const SNAPSHOT_PAGE: &str = "snapshot-page.v1";
/// The name of [`GenrePage`]'s contract.
pub const GENRE_PAGE: &str = "genre-page.v1";
/// The name of [`HistoryPage`]'s contract.
pub const HISTORY_PAGE: &str = "history-page.v1";

/// What is known of a page besides its body; in RAW it stands in the headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageMeta {
    /// Which family of titles.
    pub catalogue: Catalogue,
    /// Where the bytes came from: a base URL, `jikan-sim`, `csv:<name>`.
    pub source: String,
    /// What it is a page of.
    pub dataset: Dataset,
    /// The capture.
    pub run: RunId,
    /// Its number, from 1.
    pub page: u32,
    /// How many pages the run plans, where that was known when it was published.
    pub pages: Option<u32>,
    /// The instant of the capture, the same for all pages of a run.
    pub captured_at: DateTime<Utc>,
    /// The address it was fetched from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The HTTP status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

impl PageMeta {
    /// The most bytes of a source: it travels as a header, and is a key in the tables.
    pub const MOST_SOURCE: usize = 255;
    /// The most bytes of an address.
    pub const MOST_URL: usize = 4_096;

    /// What is too long to travel and to be stored, with its length and the most there may be.
    pub fn too_long(&self) -> Option<(&'static str, usize, usize)> {
        let url = self.url.as_ref().map_or(0, String::len);
        [("source", self.source.len(), Self::MOST_SOURCE), ("url", url, Self::MOST_URL)]
            .into_iter()
            .find(|(_, length, most)| length > most)
    }
}

/// A message that replays a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// The dead letter.
    pub root: Root,
    /// The message that this attempt was made from.
    pub parent: Option<String>,
    /// The row's index on its original page; `None` for a whole page.
    pub row: Option<u32>,
    /// The row's position in its run's ranking.
    pub position: Option<u32>,
    /// Which attempt, from 1.
    pub attempt: u32,
}

/// The books of one page. Received = accepted + dead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// Rows on the page; 0 for the replay of a row, which was counted when it first came.
    pub received: u32,
    /// Rows that passed.
    pub accepted: u32,
    /// Rows that did not.
    pub dead: u32,
    /// Values that were not what the words say, by name: `score_zero` …
    pub drift: BTreeMap<String, u32>,
}

/// Something new on a page that did not stop it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// `new_key` or `new_value`.
    pub code: String,
    /// Where: a key, or the name of an open list.
    pub field: String,
    /// The new value, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// On how many rows.
    pub rows: u32,
}

/// The accepted rows of a page, with its books.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContractPage<Row> {
    /// [`SNAPSHOT_PAGE`], [`GENRE_PAGE`] or [`HISTORY_PAGE`].
    pub contract: String,
    /// The hash of the schemas and the validator's version.
    pub judge: String,
    /// What is known of the page.
    #[serde(flatten)]
    pub meta: PageMeta,
    /// Where the page is in RAW.
    pub raw: Position,
    /// The trace it belongs to.
    pub trace_id: Option<String>,
    /// Rows on a full page.
    pub limit: u32,
    /// When RAW took it.
    pub stored_at: DateTime<Utc>,
    /// When it was judged.
    pub judged_at: DateTime<Utc>,
    /// The page's books.
    pub accounts: Accounts,
    /// What was new.
    pub warnings: Vec<Warning>,
    /// The dead letter it replays.
    pub replay: Option<Replay>,
    /// The accepted rows, in the order of the page.
    pub rows: Vec<Row>,
}

impl<Row> ContractPage<Row> {
    /// The same page with these rows.
    pub fn with<Other>(self, rows: Vec<Other>) -> ContractPage<Other> {
        let Self { contract, judge, meta, raw, trace_id, limit, .. } = self;
        let Self { stored_at, judged_at, accounts, warnings, replay, .. } = self;
        ContractPage {
            contract,
            judge,
            meta,
            raw,
            trace_id,
            limit,
            stored_at,
            judged_at,
            accounts,
            warnings,
            replay,
            rows,
        }
    }
}

/// The contract of a page of titles.
pub type SnapshotPage = ContractPage<SnapshotRow>;
/// The contract of a page of genres.
pub type GenrePage = ContractPage<GenreRow>;
/// The contract of a page of a history.
pub type HistoryPage = ContractPage<HistoryRow>;

/// One accepted title.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRow {
    /// The index on the original page, from 0.
    pub index: u32,
    /// The place in the run's list, from 0: (page − 1) · limit + index.
    pub position: u32,
    /// The title.
    pub anime: Anime,
}

/// One genre with the number of its titles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenreRow {
    /// The index on the original page, from 0.
    pub index: u32,
    /// Its id.
    pub mal_id: i32,
    /// Its name.
    pub name: String,
    /// Its page upstream.
    pub url: String,
    /// How many titles the upstream counts.
    pub count: i64,
}

/// The numbers of one title at the page's instant, as a person kept them. `None` is "not known", and any of them may be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryRow {
    /// The index on the original page, from 0.
    pub index: u32,
    /// The place in the run, from 0: (page − 1) · limit + index. It ranks nothing; of two rows of one title the lower counts.
    pub position: u32,
    /// The title's id.
    pub mal_id: i32,
    /// Its name, for as long as no capture has told it.
    pub title: Option<String>,
    /// Mean of the votes, 0 to 10.
    pub score: Option<f64>,
    /// How many voted.
    pub scored_by: Option<i64>,
    /// Place by score.
    pub rank: Option<i32>,
    /// Place by members.
    pub popularity: Option<i32>,
    /// In how many people's lists it is.
    pub members: Option<i64>,
    /// How many call it a favourite.
    pub favorites: Option<i64>,
}
