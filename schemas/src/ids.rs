//! Names and numbers that identify things all along the pipeline.

use std::{fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Dataset;

/// A word that is not in a closed list.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown {what} {word:?}; known: {known}")]
pub struct UnknownToken {
    /// Which list.
    pub what: &'static str,
    /// The word.
    pub word: String,
    /// The list.
    pub known: String,
}

/// A closed list of words: `Display`, `FromStr` and serde by the same words.
macro_rules! tokens {
    ($(#[$about:meta])* $name:ident, $what:literal, { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$about])*
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// All words of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownToken;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownToken {
                        what: $what,
                        word: word.to_owned(),
                        known: [$($word),+].join(", "),
                    }),
                }
            }
        }
    };
}

pub(crate) use tokens;

tokens! {
    /// A family of titles that share their ids; charts show one. Sample rows never meet real ones.
    Catalogue, "catalogue", {
        /// MyAnimeList's.
        Mal = "mal",
        /// The simulator's, invented.
        Sample = "sample",
    }
}

tokens! {
    /// A quarter of the year by the Tokyo month in which a title begins.
    Season, "season", {
        /// January to March.
        Winter = "winter",
        /// April to June.
        Spring = "spring",
        /// July to September.
        Summer = "summer",
        /// October to December.
        Fall = "fall",
    }
}

tokens! {
    /// Where a dead letter was rejected.
    Stage, "stage", {
        /// By the fetcher, before RAW.
        Fetch = "fetch",
        /// By the validator.
        Validate = "validate",
        /// By the loader.
        Load = "load",
    }
}

tokens! {
    /// Why a dead letter was rejected.
    Reason, "reason", {
        /// A row that its schema refuses.
        Schema = "schema",
        /// A body without a page envelope, or a page with impossible metadata.
        Envelope = "envelope",
        /// A body that is not JSON.
        NotJson = "not_json",
        /// An error body of the upstream, whatever its HTTP status.
        UpstreamError = "upstream_error",
        /// A body over the size limit.
        TooLarge = "too_large",
        /// A row that the database refuses.
        DbData = "db_data",
        /// A message that was delivered again and again without being settled.
        MaxDeliveries = "max_deliveries",
    }
}

tokens! {
    /// What became of a dead letter.
    ItemState, "state", {
        /// Nothing yet.
        Open = "open",
        /// A replay of it is on its way.
        Published = "published",
        /// Its row is stored.
        Resolved = "resolved",
        /// A replay of it was rejected.
        Failed = "failed",
        /// Too many replays of it were rejected.
        Quarantined = "quarantined",
        /// A person gave it up.
        Discarded = "discarded",
    }
}

/// One capture of one dataset.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub Uuid);

/// The namespace of run ids: a UUID of our own, fixed for ever, since changing it would fetch everything again.
const RUNS: Uuid = Uuid::from_u128(0x6b61_6e73_6f6b_5500_8000_7275_6e00_0001);

impl RunId {
    /// The run of a schedule slot; for a single call, the slot is the instant of the call.
    pub fn scheduled(source: &str, dataset: &Dataset, slot: DateTime<Utc>) -> Self {
        Self::of(&["scheduled", source, &dataset.to_string(), &instant(slot)])
    }

    /// The run of an imported file that names none.
    pub fn import(source: &str, url: &str, captured_at: DateTime<Utc>, body_sha256: &str) -> Self {
        Self::of(&["import", source, url, &instant(captured_at), body_sha256])
    }

    /// The run of a history's rows of one instant.
    pub fn history(source: &str, catalogue: Catalogue, captured_at: DateTime<Utc>) -> Self {
        Self::of(&[
            "history",
            source,
            &Dataset::History.to_string(),
            catalogue.as_str(),
            &instant(captured_at),
        ])
    }

    /// The run of rows that were added or changed at an instant of a history whose run is there: a later edition, from 1.
    pub fn edition(source: &str, catalogue: Catalogue, captured_at: DateTime<Utc>, edition: u32) -> Self {
        Self::of(&[
            "edition",
            source,
            &Dataset::History.to_string(),
            catalogue.as_str(),
            &instant(captured_at),
            &edition.to_string(),
        ])
    }

    /// Parts are joined by a byte that none of them holds, so that two lists never give one name.
    fn of(parts: &[&str]) -> Self {
        Self(Uuid::new_v5(&RUNS, parts.join("\n").as_bytes()))
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for RunId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

/// A position in RAW: the stream's epoch (its creation, ms since 1970) and the message's sequence in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// When the stream was created, in milliseconds since 1970; a stream made anew counts from 1 again.
    pub epoch: u64,
    /// The sequence.
    pub seq: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.epoch, self.seq)
    }
}

/// What a dead letter is about: a place upstream, not a position in a stream. `<run>:<page>:<row or "page">:<stage>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Root {
    /// The run.
    pub run: RunId,
    /// The page, from 1.
    pub page: u32,
    /// The row's index on its original page, from 0; `None` for the page itself.
    pub row: Option<u32>,
    /// Where it was rejected.
    pub stage: Stage,
}

impl fmt::Display for Root {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, page, row, stage } = self;
        match row {
            Some(row) => write!(formatter, "{run}:{page}:{row}:{stage}"),
            None => write!(formatter, "{run}:{page}:page:{stage}"),
        }
    }
}

impl FromStr for Root {
    type Err = UnknownToken;

    fn from_str(text: &str) -> Result<Self, UnknownToken> {
        let wrong = || UnknownToken {
            what: "root",
            word: text.to_owned(),
            known: "<run>:<page>:<row or page>:<stage>".to_owned(),
        };
        let parts: Vec<_> = text.split(':').collect();
        let [run, page, row, stage] = parts[..] else { return Err(wrong()) };
        Ok(Self {
            run: run.parse().map_err(|_| wrong())?,
            page: page.parse().map_err(|_| wrong())?,
            row: if row == "page" { None } else { Some(row.parse().map_err(|_| wrong())?) },
            stage: stage.parse()?,
        })
    }
}

impl Serialize for Root {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Root {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn run_ids_never_change() {
        let slot = "2026-11-01T04:00:00Z".parse().unwrap();
        let fraction = "2026-11-01T04:00:00.25Z".parse().unwrap();
        let season = Dataset::Season { year: 2026, season: Season::Fall };
        let scheduled = RunId::scheduled("jikan-sim", &Dataset::TopScore, slot);
        for (run, golden) in [
            (scheduled, "5fd5a635-6889-5b05-9a35-3ef9fc28b40b"),
            (
                RunId::scheduled("https://api.tenrai.org/v1", &season, fraction),
                "61dca8a1-6a79-56db-a9c3-8794624742aa",
            ),
            (RunId::import("a", "b", slot, "c"), "7063fe6b-51b6-55ff-bd54-9ec32f2d222d"),
            (RunId::history("csv:mine", Catalogue::Mal, slot), "c78913ad-936d-5c1d-b6a3-4b2e66a39a0d"),
            (RunId::edition("csv:mine", Catalogue::Mal, slot, 1), "24ed30fe-bb25-5ac1-8465-0f3c7193a1bf"),
        ] {
            assert_eq!(run.to_string(), golden);
        }
    }

    #[test]
    fn every_part_of_a_name_tells_run_ids_apart() {
        let at = |minute: i64| DateTime::from_timestamp(minute * 60, 0).unwrap();
        let ids = [
            RunId::scheduled("s", &Dataset::TopScore, at(0)),
            RunId::scheduled("t", &Dataset::TopScore, at(0)),
            RunId::scheduled("s", &Dataset::TopMembers, at(0)),
            RunId::scheduled("s", &Dataset::TopScore, at(1)),
            RunId::import("s", "u", at(0), "x"),
            RunId::import("s\nu", "", at(0), "x"),
            RunId::import("s", "u", at(0), "y"),
            RunId::history("s", Catalogue::Mal, at(0)),
            RunId::history("s", Catalogue::Sample, at(0)),
            RunId::edition("s", Catalogue::Mal, at(0), 1),
            RunId::edition("s", Catalogue::Mal, at(0), 2),
        ];
        assert_eq!(std::collections::BTreeSet::from(ids).len(), ids.len());
    }

    #[test]
    fn roots_and_positions_never_change() {
        let run = RunId(Uuid::nil());
        let root = |row, stage| Root { run, page: 3, row, stage }.to_string();
        assert_eq!(root(Some(7), Stage::Validate), "00000000-0000-0000-0000-000000000000:3:7:validate");
        assert_eq!(root(None, Stage::Load), "00000000-0000-0000-0000-000000000000:3:page:load");
        assert_eq!(Position { epoch: 1_764_000_000_000, seq: 41 }.to_string(), "1764000000000:41");
    }

    proptest! {
        #[test]
        fn a_root_survives_its_text(run: u128, page: u32, row: Option<u32>, stage in 0usize..3) {
            let root = Root { run: RunId(Uuid::from_u128(run)), page, row, stage: Stage::ALL[stage] };
            prop_assert_eq!(root.to_string().parse::<Root>().unwrap(), root);
        }

        #[test]
        fn no_text_panics_a_root(text: String) {
            let _ = text.parse::<Root>();
        }
    }
}
