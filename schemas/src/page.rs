//! What travels from the validator to the loader: the accepted rows of a page, and what is known of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Catalogue, Dataset, Position, Root, RowKind, Rows, RunId};

/// What is known of a page besides its body; it stands in the headers of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    pub url: Option<String>,
    /// The HTTP status of the answer.
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

    /// The position in the run's list, from 0, of the row at `index`, where a full page has `limit` rows.
    pub fn position(&self, limit: u32, index: u32) -> u64 {
        u64::from(self.page.saturating_sub(1)) * u64::from(limit) + u64::from(index)
    }
}

/// A message that replays a dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Counts of one page. Received = accepted + dead.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageCounts {
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// `new_key` or `new_value`.
    #[cfg_attr(test, schemars(regex(pattern = "^new_(key|value)$")))]
    pub code: String,
    /// Where: a key, or the name of an open list.
    #[cfg_attr(test, schemars(regex(pattern = "^\\P{Cc}*$"), length(max = 80)))]
    pub field: String,
    /// The new value, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(regex(pattern = "^\\P{Cc}*$"), length(max = 80)))]
    pub value: Option<String>,
    /// On how many rows.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub rows: u32,
}

/// A judged page, as a message of VALID has it: `body` is its body, the rest stands in its headers.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// What is known of the page.
    pub meta: PageMeta,
    /// The dead letter it replays.
    pub replay: Option<Replay>,
    /// Where the page is in RAW.
    pub raw: Position,
    /// The hash of the schemas and the validator's version.
    pub judge: String,
    /// The accepted rows, with the page's counts.
    pub body: PageBody,
}

impl Page {
    /// The row that alone is replayed, by its index on its original page.
    pub fn replayed_row(&self) -> Option<u32> {
        self.replay.as_ref().and_then(|replay| replay.row)
    }

    /// The position in the run's list of the row at `index`: a replay brings that of its row, whatever page it came on.
    pub fn position(&self, index: u32) -> u64 {
        let replayed = self.replay.as_ref().and_then(|replay| replay.position);
        replayed.map_or_else(|| self.meta.position(self.body.limit, index), u64::from)
    }
}

/// The accepted rows of a page of RAW, with the page's counts: the body of a message of VALID.
// `R` is [`Rows`], or a vector of one kind of row.
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageBody<R = Rows> {
    /// The name of the contract, see [`RowKind::contract`].
    pub contract: String,
    /// The trace that the page came with.
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9a-f]{32}$")))]
    pub trace_id: Option<String>,
    /// Rows on a full page.
    #[cfg_attr(test, schemars(range(min = 1, max = i32::MAX)))]
    pub limit: u32,
    /// When RAW took it.
    pub stored_at: DateTime<Utc>,
    /// When it was judged.
    pub judged_at: DateTime<Utc>,
    /// The page's counts.
    #[serde(rename = "accounts")]
    pub counts: PageCounts,
    /// What was new.
    pub warnings: Vec<Warning>,
    /// The accepted rows, in the order of the page.
    pub rows: R,
}

/// Why the body of a message of VALID is none.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// It is not JSON, or not what its contract says.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The contract is none that we know for such rows.
    #[error("no such contract: {0:?}")]
    UnknownContract(String),
}

impl PageBody {
    /// Reads a body whose rows are of this kind.
    pub fn from_json(kind: RowKind, body: &[u8]) -> Result<Self, PageError> {
        fn read<R: DeserializeOwned>(
            body: &[u8],
            rows: impl FnOnce(R) -> Rows,
        ) -> serde_json::Result<PageBody> {
            let PageBody { contract, trace_id, limit, stored_at, judged_at, counts, warnings, rows: found } =
                serde_json::from_slice::<PageBody<R>>(body)?;
            let rows = rows(found);
            Ok(PageBody { contract, trace_id, limit, stored_at, judged_at, counts, warnings, rows })
        }
        let page = match kind {
            RowKind::Anime => read(body, Rows::Anime),
            RowKind::Genre => read(body, Rows::Genres),
            RowKind::History => read(body, Rows::History),
        }?;
        // Version 1 repeated the metadata in the body, which is passed over.
        let is_known = [kind.contract(), kind.contract_v1()].contains(&page.contract.as_str());
        if is_known { Ok(page) } else { Err(PageError::UnknownContract(page.contract)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the version before the last wrote it, with the metadata in the body.
    const V1: &str = r#"{"contract":"genre-page.v1","judge":"j","catalogue":"mal","source":"s","dataset":"genres",
        "run":"5fd5a635-6889-5b05-9a35-3ef9fc28b40b","page":1,"pages":null,"captured_at":"2026-11-23T12:00:00Z",
        "raw":{"epoch":1,"seq":2},"trace_id":null,"limit":25,"stored_at":"2026-11-23T12:00:01Z",
        "judged_at":"2026-11-23T12:00:02Z","accounts":{"received":2,"accepted":1,"dead":1,"drift":{"score_zero":1}},
        "warnings":[],"replay":null,"rows":[{"index":1,"mal_id":7,"name":"Drama","url":"u","count":3}]}"#;

    #[test]
    fn a_body_of_version_1_is_read() {
        let page = PageBody::from_json(RowKind::Genre, V1.as_bytes()).unwrap();
        assert_eq!((page.counts.received, page.counts.drift["score_zero"]), (2, 1));
        assert_eq!((page.rows.index(0), page.rows.len()), (Some(1), 1));
    }

    #[test]
    fn a_body_of_another_contract_is_none() {
        for name in ["genre-page.v9", "history-page.v2"] {
            let other = V1.replace("genre-page.v1", name);
            let error = PageBody::from_json(RowKind::Genre, other.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), format!("no such contract: {name:?}"));
        }
        let error = PageBody::from_json(RowKind::History, V1.as_bytes()).unwrap_err();
        assert!(matches!(error, PageError::Json(error) if error.is_data()));
    }
}
