//! What travels from the validator to the loader: the accepted rows of a page, and what is known of it.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, Utc};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{IgnoredAny, MapAccess, Visitor},
};

use crate::{Catalogue, Dataset, GenreRow, HistoryRow, Position, Root, RowKind, Rows, RunId, SnapshotRow};

/// What is known of a page besides its body; in RAW it stands in the headers.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageMeta {
    /// Which family of titles.
    pub catalogue: Catalogue,
    /// Where the bytes came from: a base URL, `jikan-sim`, `csv:<name>`.
    pub source: String,
    /// What it is a page of.
    #[cfg_attr(test, schemars(with = "String"))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// The dead letter.
    #[cfg_attr(test, schemars(with = "String"))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

/// A page of VALID: the accepted rows of a page of RAW, with its counts. `R` is [`Rows`], or a vector of one kind of row.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<R = Rows> {
    /// The name of the contract, see [`RowKind::contract`].
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
    /// The page's counts.
    pub accounts: Accounts,
    /// What was new.
    pub warnings: Vec<Warning>,
    /// The dead letter it replays.
    pub replay: Option<Replay>,
    /// The accepted rows, in the order of the page.
    pub rows: R,
}

/// A page of titles.
pub type SnapshotPage = Page<Vec<SnapshotRow>>;
/// A page of genres.
pub type GenrePage = Page<Vec<GenreRow>>;
/// A page of a history.
pub type HistoryPage = Page<Vec<HistoryRow>>;

/// Why a message of VALID is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// It is not JSON, or not what its contract says.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The contract is none of ours.
    #[error("no such contract: {0:?}")]
    UnknownContract(String),
}

impl Page {
    /// Reads a message of VALID, whatever its rows are.
    pub fn from_json(body: &[u8]) -> Result<Self, PageError> {
        let contract = contract_of(body)?;
        let kind = RowKind::ALL.into_iter().find(|kind| kind.contract() == contract);
        Ok(match kind.ok_or(PageError::UnknownContract(contract))? {
            RowKind::Anime => serde_json::from_slice::<SnapshotPage>(body)?.map(Rows::Anime),
            RowKind::Genre => serde_json::from_slice::<GenrePage>(body)?.map(Rows::Genres),
            RowKind::History => serde_json::from_slice::<HistoryPage>(body)?.map(Rows::History),
        })
    }
}

impl<R> Page<R> {
    fn map<Other>(self, change: impl FnOnce(R) -> Other) -> Page<Other> {
        let Self { contract, judge, meta, raw, trace_id, limit, .. } = self;
        let Self { stored_at, judged_at, accounts, warnings, replay, .. } = self;
        let rows = change(self.rows);
        Page {
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

/// The key `contract` of a page. Reading stops there, and it is the first key of what we write.
fn contract_of(body: &[u8]) -> serde_json::Result<String> {
    struct Contract<'a>(&'a mut Option<String>);

    impl<'de> Visitor<'de> for Contract<'_> {
        type Value = ();

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a page")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                if key == "contract" {
                    *self.0 = Some(map.next_value()?);
                    return Ok(());
                }
                map.next_value::<IgnoredAny>()?;
            }
            Err(serde::de::Error::missing_field("contract"))
        }
    }

    let mut found = None;
    let read = serde_json::Deserializer::from_slice(body).deserialize_map(Contract(&mut found));
    // Where the key was found, an error says no more than that keys follow it.
    found.map_or_else(|| Err(read.err().unwrap_or_else(|| serde::de::Error::missing_field("contract"))), Ok)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use schemars::JsonSchema;

    use super::*;

    /// The schema of a contract as a file, from its type.
    fn schema_of<R: JsonSchema>(kind: RowKind) -> String {
        let mut schema = schemars::schema_for!(Page<Vec<R>>);
        let name = kind.contract();
        schema.insert("$id".to_owned(), format!("kansoku:{name}").into());
        schema.insert("title".to_owned(), name.into());
        if let Some(contract) = schema.pointer_mut("/properties/contract") {
            *contract = serde_json::json!({ "const": name });
        }
        serde_json::to_string_pretty(&schema).unwrap() + "\n"
    }

    #[test]
    fn the_schemas_of_the_contracts_are_those_of_the_types() {
        for (kind, schema) in [
            (RowKind::Anime, schema_of::<SnapshotRow>(RowKind::Anime)),
            (RowKind::Genre, schema_of::<GenreRow>(RowKind::Genre)),
            (RowKind::History, schema_of::<HistoryRow>(RowKind::History)),
        ] {
            let name = format!("{}.json", kind.contract());
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("json").join(&name);
            if fs::read_to_string(&file).unwrap_or_default() != schema {
                let written = std::env::temp_dir().join(&name);
                fs::write(&written, schema).unwrap();
                panic!("{} differs from its type; copy {} over it", file.display(), written.display());
            }
        }
    }

    #[test]
    fn the_contract_is_found_wherever_it_stands() {
        for body in [r#"{"contract":"x","rows":[1"#, r#"{"rows":[{"contract":"y"}],"contract":"x"}"#] {
            assert_eq!(contract_of(body.as_bytes()).unwrap(), "x");
        }
        for (body, is_data) in
            [("{}", true), (r#"{"contract":1}"#, true), ("[]", true), ("<", false), ("", false)]
        {
            assert_eq!(contract_of(body.as_bytes()).unwrap_err().is_data(), is_data, "{body}");
        }
    }
}
