//! A title as the pipeline keeps it: facts and numbers, no texts by other people.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// How much of a date is known; the upstream invents 1 January for "2027 to ?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// The whole date.
    Day,
    /// Month and year.
    Month,
    /// The year.
    Year,
}

impl fmt::Display for Precision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        })
    }
}

/// A genre, theme, demographic or studio.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its id.
    pub mal_id: i32,
    /// Its name.
    pub name: String,
}

/// One title at one instant. `None` is "not known"; a zero of the upstream in score, rank or popularity is `None` too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Anime {
    /// The id within its catalogue.
    pub mal_id: i32,
    /// Its page upstream.
    pub url: String,
    /// The main title, mostly romaji.
    pub title: String,
    /// The English title.
    pub title_english: Option<String>,
    /// The Japanese title.
    pub title_japanese: Option<String>,
    /// Other titles.
    pub synonyms: Vec<String>,
    /// `TV`, `Movie` …: an open list.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What it was made from: an open list.
    pub source: Option<String>,
    /// How many episodes it has or will have.
    pub episodes: Option<i32>,
    /// `Currently Airing` …: an open list.
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
    pub duration: Option<String>,
    /// Age rating in the upstream's words.
    pub rating: Option<String>,
    /// `winter`, `spring`, `summer` or `fall`.
    pub season: Option<String>,
    /// The season's year.
    pub year: Option<i32>,
    /// The slot on air in the upstream's words.
    pub broadcast: Option<String>,
    /// The address of the cover.
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
    pub score: Option<f64>,
    /// How many voted.
    pub scored_by: Option<i64>,
    /// Place by score.
    pub rank: Option<i32>,
    /// Place by members.
    pub popularity: Option<i32>,
    /// In how many people's lists it is.
    pub members: i64,
    /// How many call it a favourite.
    pub favorites: i64,
}
