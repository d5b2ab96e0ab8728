//! Rows as the pipeline keeps them: facts and numbers, no texts by other people.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{RowKind, ids::tokens};

/// Postgres stores every text but one with the character NUL.
#[cfg(test)]
const NO_NUL: &str = "^[^\\u0000]*$";

tokens! {
    /// How much of a date is known; the upstream invents 1 January for "2027 to ?".
    Precision, "precision", {
        /// The whole date.
        Day = "day",
        /// Month and year.
        Month = "month",
        /// The year.
        Year = "year",
    }
}

/// A genre, theme, demographic or studio.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its id.
    #[cfg_attr(test, schemars(range(min = 1, max = i32::MAX)))]
    pub mal_id: i32,
    /// Its name.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub name: String,
}

/// One title at one instant. `None` is "not known"; a zero of the upstream in score, rank or popularity is `None` too.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Anime {
    /// The id within its catalogue.
    #[cfg_attr(test, schemars(range(min = 1, max = i32::MAX)))]
    pub mal_id: i32,
    /// Its page upstream.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub url: String,
    /// The main title, mostly romaji.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub title: String,
    /// The English title.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub title_english: Option<String>,
    /// The Japanese title.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub title_japanese: Option<String>,
    /// Other titles.
    #[cfg_attr(test, schemars(inner(regex(pattern = NO_NUL))))]
    pub synonyms: Vec<String>,
    /// `TV`, `Movie` …: an open list.
    #[serde(rename = "type")]
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub kind: Option<String>,
    /// What it was made from: an open list.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub source: Option<String>,
    /// How many episodes it has or will have.
    #[cfg_attr(test, schemars(range(min = 0, max = i32::MAX)))]
    pub episodes: Option<i32>,
    /// `Currently Airing` …: an open list.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub status: Option<String>,
    /// Whether it is on air.
    pub airing: bool,
    /// The first day on air.
    pub aired_from: Option<NaiveDate>,
    /// How much of `aired_from` is known.
    pub aired_from_precision: Option<Precision>,
    /// The last day on air.
    pub aired_to: Option<NaiveDate>,
    /// Length in the upstream's words.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub duration: Option<String>,
    /// Age rating in the upstream's words.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub rating: Option<String>,
    /// `winter`, `spring`, `summer` or `fall`.
    #[cfg_attr(test, schemars(with = "Option<crate::Season>"))]
    pub season: Option<String>,
    /// The season's year.
    #[cfg_attr(test, schemars(range(min = 1900, max = 2200)))]
    pub year: Option<i32>,
    /// The slot on air in the upstream's words.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub broadcast: Option<String>,
    /// The address of the cover.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL)))]
    pub image: Option<String>,
    /// Genres.
    pub genres: Vec<Named>,
    /// Genres for adults.
    pub explicit_genres: Vec<Named>,
    /// Themes.
    pub themes: Vec<Named>,
    /// Demographics.
    pub demographics: Vec<Named>,
    /// Studios.
    pub studios: Vec<Named>,
    /// Mean of the votes, 0 to 10.
    #[cfg_attr(test, schemars(range(min = 0.005, max = 10)))]
    pub score: Option<f64>,
    /// How many voted.
    #[cfg_attr(test, schemars(range(min = 0, max = i32::MAX)))]
    pub scored_by: Option<i64>,
    /// Place by score.
    #[cfg_attr(test, schemars(range(min = 1, max = i32::MAX)))]
    pub rank: Option<i32>,
    /// Place by members.
    #[cfg_attr(test, schemars(range(min = 1, max = i32::MAX)))]
    pub popularity: Option<i32>,
    /// In how many people's lists it is.
    #[cfg_attr(test, schemars(range(min = 0, max = i32::MAX)))]
    pub members: i64,
    /// How many call it a favourite.
    #[cfg_attr(test, schemars(range(min = 0, max = i32::MAX)))]
    pub favorites: i64,
}

/// One accepted title.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRow {
    /// The index on the original page, from 0.
    #[cfg_attr(test, schemars(range(max = i32::MAX)))]
    pub index: u32,
    /// The place in the run's list, from 0: (page − 1) · limit + index.
    #[cfg_attr(test, schemars(range(min = 0, max = i32::MAX)))]
    pub position: u32,
    /// The title.
    pub anime: Anime,
}

/// One genre with the number of its titles.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenreRow {
    /// The index on the original page, from 0.
    #[cfg_attr(test, schemars(range(max = i32::MAX)))]
    pub index: u32,
    /// Its id.
    #[cfg_attr(test, schemars(range(min = 1, max = i32::MAX)))]
    pub mal_id: i32,
    /// Its name.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub name: String,
    /// Its page upstream.
    #[cfg_attr(test, schemars(regex(pattern = NO_NUL), length(min = 1)))]
    pub url: String,
    /// How many titles the upstream counts.
    #[cfg_attr(test, schemars(range(min = 0, max = i32::MAX)))]
    pub count: i64,
}

/// The numbers of one title at the page's instant, as a person kept them. `None` is "not known", and any of them may be.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryRow {
    /// The index on the original page, from 0.
    #[cfg_attr(test, schemars(range(max = i32::MAX)))]
    pub index: u32,
    /// The place in the run, from 0: (page − 1) · limit + index. It ranks nothing; of two rows of one title the lower counts.
    #[cfg_attr(test, schemars(range(min = 0, max = i32::MAX)))]
    pub position: u32,
    /// The title's id.
    #[cfg_attr(test, schemars(range(min = 1, max = i32::MAX)))]
    pub mal_id: i32,
    /// Its name, for as long as no capture has told it.
    #[cfg_attr(test, schemars(regex(pattern = "^\\P{Cc}*$"), length(min = 1, max = 500)))]
    pub title: Option<String>,
    /// Mean of the votes, 0 to 10.
    #[cfg_attr(test, schemars(range(min = 0.005, max = 10)))]
    pub score: Option<f64>,
    /// How many voted.
    #[cfg_attr(test, schemars(range(min = 0, max = i32::MAX)))]
    pub scored_by: Option<i64>,
    /// Place by score.
    #[cfg_attr(test, schemars(range(min = 1, max = i32::MAX)))]
    pub rank: Option<i32>,
    /// Place by members.
    #[cfg_attr(test, schemars(range(min = 1, max = i32::MAX)))]
    pub popularity: Option<i32>,
    /// In how many people's lists it is.
    #[cfg_attr(test, schemars(range(min = 0, max = i32::MAX)))]
    pub members: Option<i64>,
    /// How many call it a favourite.
    #[cfg_attr(test, schemars(range(min = 0, max = i32::MAX)))]
    pub favorites: Option<i64>,
}

/// The accepted rows of a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Rows {
    /// Titles.
    Anime(Vec<SnapshotRow>),
    /// Genres.
    Genres(Vec<GenreRow>),
    /// Numbers of titles, as a person kept them.
    History(Vec<HistoryRow>),
}

impl Rows {
    /// No rows of this kind, with room for so many.
    pub fn with_capacity(kind: RowKind, rows: usize) -> Self {
        match kind {
            RowKind::Anime => Self::Anime(Vec::with_capacity(rows)),
            RowKind::Genre => Self::Genres(Vec::with_capacity(rows)),
            RowKind::History => Self::History(Vec::with_capacity(rows)),
        }
    }

    /// What they are.
    pub fn kind(&self) -> RowKind {
        match self {
            Self::Anime(_) => RowKind::Anime,
            Self::Genres(_) => RowKind::Genre,
            Self::History(_) => RowKind::History,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Anime(rows) => rows.len(),
            Self::Genres(rows) => rows.len(),
            Self::History(rows) => rows.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The index on the original page of the row at `at`.
    pub fn index(&self, at: usize) -> Option<u32> {
        match self {
            Self::Anime(rows) => rows.get(at).map(|row| row.index),
            Self::Genres(rows) => rows.get(at).map(|row| row.index),
            Self::History(rows) => rows.get(at).map(|row| row.index),
        }
    }

    /// Sets where each row stands: `place` gives index and position for the index on the page.
    pub fn set_places(&mut self, place: impl Fn(u32) -> (u32, u32)) {
        match self {
            Self::Anime(rows) => {
                rows.iter_mut().for_each(|row| (row.index, row.position) = place(row.index));
            }
            Self::Genres(rows) => rows.iter_mut().for_each(|row| row.index = place(row.index).0),
            Self::History(rows) => {
                rows.iter_mut().for_each(|row| (row.index, row.position) = place(row.index));
            }
        }
    }
}
