//! What is captured: a list of an upstream and its address, or the last seasons, which move with time.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{Dataset, Season, UnknownToken};

/// The words for the lists of an upstream.
pub const LISTS: &str = "top.score, top.members, top.favorites, top.airing, top.upcoming, season.now, season.upcoming, \
                         season.<year>.<winter|spring|summer|fall>, genres";

/// How many seasons `seasons` means, the running one included.
const SEASONS: i32 = 8;
const OF_A_YEAR: [Season; 4] = [Season::Winter, Season::Spring, Season::Summer, Season::Fall];
const TOKYO: TimeDelta = TimeDelta::hours(9);

impl Dataset {
    /// Path and query of a page under the base URL; `None` for what is no list of an upstream.
    pub fn path(self, page: u32) -> Option<String> {
        let list = |path: &str, filter: Option<&str>| {
            let filter = filter.map(|filter| format!("filter={filter}&")).unwrap_or_default();
            Some(format!("{path}?{filter}page={page}"))
        };
        match self {
            Self::TopScore => list("top/anime", None),
            Self::TopMembers => list("top/anime", Some("bypopularity")),
            Self::TopFavorites => list("top/anime", Some("favorite")),
            Self::TopAiring => list("top/anime", Some("airing")),
            Self::TopUpcoming => list("top/anime", Some("upcoming")),
            Self::SeasonNow => list("seasons/now", None),
            Self::SeasonUpcoming => list("seasons/upcoming", None),
            Self::Season { year, season } => list(&format!("seasons/{year}/{season}"), None),
            Self::Genres => Some("genres/anime".to_owned()),
            Self::Anime | Self::History => None,
        }
    }
}

/// What is captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// This list.
    One(Dataset),
    /// The last eight seasons: `seasons`.
    Seasons,
}

impl Target {
    /// The lists that this means at an instant; seasons turn by Tokyo's calendar.
    pub fn at(self, instant: DateTime<Utc>) -> Vec<Dataset> {
        match self {
            Self::One(dataset) => vec![dataset],
            Self::Seasons => {
                let day = (instant + TOKYO).date_naive();
                let now = day.year() * 4 + i32::try_from(day.month0() / 3).unwrap_or_default();
                (now - SEASONS + 1..=now).filter_map(season).collect()
            }
        }
    }

    /// How many lists this is.
    pub fn count(self) -> u32 {
        match self {
            Self::One(_) => 1,
            Self::Seasons => SEASONS.unsigned_abs(),
        }
    }
}

/// The season with this number, counted in quarters from year 0.
fn season(number: i32) -> Option<Dataset> {
    let year = u16::try_from(number.div_euclid(4)).ok()?;
    let season = *OF_A_YEAR.get(usize::try_from(number.rem_euclid(4)).ok()?)?;
    Some(Dataset::Season { year, season })
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(dataset) => dataset.fmt(out),
            Self::Seasons => out.write_str("seasons"),
        }
    }
}

impl FromStr for Target {
    type Err = UnknownToken;

    fn from_str(token: &str) -> Result<Self, UnknownToken> {
        if token == "seasons" {
            return Ok(Self::Seasons);
        }
        let known = || format!("{LISTS}, seasons");
        token.parse().map(Self::One).map_err(|error| UnknownToken { known: known(), ..error })
    }
}

impl TryFrom<String> for Target {
    type Error = UnknownToken;

    fn try_from(token: String) -> Result<Self, UnknownToken> {
        token.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        target.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Classified, classify};

    #[test]
    fn every_address_is_read_back_as_its_dataset() {
        for token in
            LISTS.replace("<year>", "2026").replace("<winter|spring|summer|fall>", "fall").split(", ")
        {
            let dataset: Dataset = token.parse().unwrap();
            let url = format!("https://api.example.org/v4/{}", dataset.path(3).unwrap());
            assert_eq!(classify(&url.parse().unwrap()), Classified::Taken(dataset), "{url}");
        }
        assert_eq!(Dataset::Anime.path(1), None);
    }

    #[test]
    fn seasons_end_with_the_one_that_runs_in_tokyo() {
        let at = |instant: &str| {
            let seasons = Target::Seasons.at(instant.parse().unwrap());
            assert_eq!(seasons.len(), 8);
            (seasons[0].to_string(), seasons[7].to_string())
        };
        let (fall, winter) = ("season.2026.fall".to_owned(), "season.2027.winter".to_owned());
        assert_eq!(at("2026-12-31T14:59:59Z"), ("season.2025.winter".to_owned(), fall));
        assert_eq!(at("2026-12-31T15:00:00Z"), ("season.2025.spring".to_owned(), winter));
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for word in ["seasons", "top.score", "season.2026.fall"] {
            assert_eq!(word.parse::<Target>().unwrap().to_string(), word);
        }
        let refused = "season".parse::<Target>().unwrap_err().to_string();
        assert!(refused.ends_with("genres, seasons"), "{refused}");
    }
}
