//! What a page is a page of, and how that is read off its address.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Season, UnknownToken};

/// A dataset; its token is the last part of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dataset {
    /// `/top/anime`, by score.
    TopScore,
    /// `/top/anime?filter=bypopularity`: by members.
    TopMembers,
    /// `/top/anime?filter=favorite`.
    TopFavorites,
    /// `/top/anime?filter=airing`.
    TopAiring,
    /// `/top/anime?filter=upcoming`.
    TopUpcoming,
    /// `/seasons/now`.
    SeasonNow,
    /// `/seasons/upcoming`.
    SeasonUpcoming,
    /// `/seasons/{year}/{season}`.
    Season {
        /// The year.
        year: u16,
        /// The season.
        season: Season,
    },
    /// `/genres/anime`.
    Genres,
    /// Resources outside any ranking: single titles, searches, schedules, lists narrowed by other parameters.
    Anime,
    /// Series that a person imports.
    History,
}

/// What the rows of a page are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// Anime resources.
    Anime,
    /// Genres.
    Genre,
    /// Numbers of titles, as a person kept them.
    History,
}

impl RowKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Anime, Self::Genre, Self::History];

    /// The name of the contract of a page of such rows.
    pub const fn contract(self) -> &'static str {
        match self {
            Self::Anime => "snapshot-page.v2",
            Self::Genre => "genre-page.v2",
            Self::History => "history-page.v2",
        }
    }

    /// The name of the contract before, whose messages may still be in VALID.
    pub(crate) const fn contract_v1(self) -> &'static str {
        match self {
            Self::Anime => "snapshot-page.v1",
            Self::Genre => "genre-page.v1",
            Self::History => "history-page.v1",
        }
    }
}

impl Dataset {
    /// Whether its pages give places in a ranking.
    pub fn is_ranked(&self) -> bool {
        !matches!(self, Self::Genres | Self::Anime | Self::History)
    }

    /// What its rows are.
    pub fn row_kind(&self) -> RowKind {
        match self {
            Self::Genres => RowKind::Genre,
            Self::History => RowKind::History,
            _ => RowKind::Anime,
        }
    }

    /// Whether its rows are anime resources.
    pub fn is_anime_rows(&self) -> bool {
        self.row_kind() == RowKind::Anime
    }

    /// Rows on a full page, where the page does not say: Jikan's `MAX_RESULTS_PER_PAGE`, or what an import puts on one.
    pub fn full_page(&self) -> u32 {
        if self.row_kind() == RowKind::History { 250 } else { 25 }
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TopScore => "top.score",
            Self::TopMembers => "top.members",
            Self::TopFavorites => "top.favorites",
            Self::TopAiring => "top.airing",
            Self::TopUpcoming => "top.upcoming",
            Self::SeasonNow => "season.now",
            Self::SeasonUpcoming => "season.upcoming",
            Self::Season { year, season } => return write!(formatter, "season.{year}.{season}"),
            Self::Genres => "genres",
            Self::Anime => "anime",
            Self::History => "history",
        })
    }
}

impl FromStr for Dataset {
    type Err = UnknownToken;

    fn from_str(token: &str) -> Result<Self, UnknownToken> {
        Ok(match token {
            "top.score" => Self::TopScore,
            "top.members" => Self::TopMembers,
            "top.favorites" => Self::TopFavorites,
            "top.airing" => Self::TopAiring,
            "top.upcoming" => Self::TopUpcoming,
            "season.now" => Self::SeasonNow,
            "season.upcoming" => Self::SeasonUpcoming,
            "genres" => Self::Genres,
            "anime" => Self::Anime,
            "history" => Self::History,
            _ => return season(token).ok_or_else(|| unknown(token)),
        })
    }
}

/// `season.<year>.<season>`.
fn season(token: &str) -> Option<Dataset> {
    let (year, season) = token.strip_prefix("season.")?.split_once('.')?;
    let well_formed = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    Some(Dataset::Season { year: year.parse().ok().filter(|_| well_formed)?, season: season.parse().ok()? })
}

fn unknown(token: &str) -> UnknownToken {
    let known = "top.score, top.members, top.favorites, top.airing, top.upcoming, season.now, season.upcoming, \
                 season.<year>.<winter|spring|summer|fall>, genres, anime, history";
    UnknownToken { what: "dataset", word: token.to_owned(), known: known.to_owned() }
}

impl Serialize for Dataset {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Dataset {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What an address is an address of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Classified {
    /// A dataset.
    Taken(Dataset),
    /// Something that we do not keep, by its name.
    NotTaken(&'static str),
}

/// Parameters that cut a list into pages without changing what it is a list of.
const PAGING: [&str; 3] = ["page", "limit", "sfw"];

/// Reads the dataset off an address of a Jikan-v4-compatible API, whatever its base URL.
pub fn classify(url: &Url) -> Classified {
    let path: Vec<&str> = after_version(url).collect();
    let filter = url.query_pairs().find(|(key, _)| key == "filter").map(|(_, value)| value.into_owned());
    let narrowed = |own_filter: bool| {
        url.query_pairs().any(|(key, _)| !(PAGING.contains(&&*key) || own_filter && key == "filter"))
    };
    let unless_narrowed = |own_filter: bool, dataset: Dataset| {
        Classified::Taken(if narrowed(own_filter) { Dataset::Anime } else { dataset })
    };
    match path[..] {
        ["top", "anime"] => match filter.as_deref() {
            None => unless_narrowed(true, Dataset::TopScore),
            Some("bypopularity") => unless_narrowed(true, Dataset::TopMembers),
            Some("favorite") => unless_narrowed(true, Dataset::TopFavorites),
            Some("airing") => unless_narrowed(true, Dataset::TopAiring),
            Some("upcoming") => unless_narrowed(true, Dataset::TopUpcoming),
            Some(_) => Classified::Taken(Dataset::Anime),
        },
        ["seasons"] => Classified::NotTaken("list of seasons"),
        ["seasons", "now"] => unless_narrowed(false, Dataset::SeasonNow),
        ["seasons", "upcoming"] => unless_narrowed(false, Dataset::SeasonUpcoming),
        ["seasons", year, season] => match format!("season.{year}.{season}").parse() {
            Ok(dataset) => unless_narrowed(false, dataset),
            Err(_) => Classified::NotTaken("unknown season"),
        },
        ["genres", "anime"] if narrowed(false) => Classified::NotTaken("filtered genres"),
        ["genres", "anime"] => Classified::Taken(Dataset::Genres),
        ["anime"] | ["schedules"] | ["random", "anime"] => Classified::Taken(Dataset::Anime),
        ["anime", id] | ["anime", id, "full"] if id.parse::<i64>().is_ok() => {
            Classified::Taken(Dataset::Anime)
        }
        ["anime", _, part] | ["anime", _, part, _] => Classified::NotTaken(part_name(part)),
        ["producers", ..] => Classified::NotTaken("producers"),
        ["recommendations", ..] => Classified::NotTaken("recommendations"),
        ["manga", ..] => Classified::NotTaken("manga"),
        _ => Classified::NotTaken("other endpoint"),
    }
}

/// Parts of a title that are not its resource.
fn part_name(part: &str) -> &'static str {
    const PARTS: [&str; 16] = [
        "episodes",
        "characters",
        "staff",
        "news",
        "forum",
        "videos",
        "pictures",
        "statistics",
        "moreinfo",
        "recommendations",
        "userupdates",
        "reviews",
        "relations",
        "themes",
        "external",
        "streaming",
    ];
    PARTS.into_iter().find(|known| *known == part).unwrap_or("other part of a title")
}

/// Path segments after `/v4` or `/v1`; all of them where there is no version.
fn after_version(url: &Url) -> impl Iterator<Item = &str> {
    let skip = version_at(url).map_or(0, |place| place + 1);
    url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).skip(skip)
}

fn version_at(url: &Url) -> Option<usize> {
    let mut parts = url.path_segments()?.filter(|part| !part.is_empty());
    parts.position(|part| part.strip_prefix('v').is_some_and(|rest| rest.parse::<u8>().is_ok()))
}

/// The source of an address: its base URL, up to and including the version.
pub fn source_of(url: &Url) -> String {
    let keep = version_at(url).map_or(0, |place| place + 1);
    let parts = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).take(keep);
    parts.fold(url.origin().ascii_serialization(), |base, part| format!("{base}/{part}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classified(path: &str) -> Classified {
        classify(&Url::parse(&format!("https://api.example.org/v4{path}")).unwrap())
    }

    #[test]
    fn addresses_name_their_dataset() {
        let cases = [
            ("/top/anime?page=3&limit=25&sfw=true", "top.score"),
            ("/top/anime?filter=bypopularity", "top.members"),
            ("/top/anime?filter=favorite&page=2", "top.favorites"),
            ("/top/anime?filter=airing", "top.airing"),
            ("/top/anime?filter=upcoming", "top.upcoming"),
            ("/top/anime?type=tv", "anime"),
            ("/top/anime?filter=airing&type=tv", "anime"),
            ("/seasons/now", "season.now"),
            ("/seasons/upcoming?page=2", "season.upcoming"),
            ("/seasons/2024/winter?limit=3", "season.2024.winter"),
            ("/seasons/2024/spring?filter=tv", "anime"),
            ("/seasons/now?continuing", "anime"),
            ("/genres/anime", "genres"),
            ("/anime/52991", "anime"),
            ("/anime/52991/full", "anime"),
            ("/anime?q=x", "anime"),
            ("/schedules?filter=monday", "anime"),
            ("/random/anime", "anime"),
        ];
        for (path, token) in cases {
            assert_eq!(classified(path), Classified::Taken(token.parse().unwrap()), "{path}");
        }
        for (path, name) in [
            ("/anime/1/episodes", "episodes"),
            ("/anime/1/episodes/3", "episodes"),
            ("/producers/17/full", "producers"),
            ("/seasons", "list of seasons"),
            ("/recommendations/anime", "recommendations"),
            ("/genres/anime?filter=themes", "filtered genres"),
            ("/manga/1/full", "manga"),
        ] {
            assert_eq!(classified(path), Classified::NotTaken(name), "{path}");
        }
    }

    #[test]
    fn a_source_is_the_base_url() {
        let source = |text: &str| source_of(&Url::parse(text).unwrap());
        assert_eq!(source("https://api.tenrai.org/v1/top/anime?page=2"), "https://api.tenrai.org/v1");
        assert_eq!(source("http://127.0.0.1:8080/jikan/v4/genres/anime"), "http://127.0.0.1:8080/jikan/v4");
        assert_eq!(source("http://127.0.0.1:8080/genres/anime"), "http://127.0.0.1:8080");
    }

    #[test]
    fn tokens_come_back() {
        let season = Dataset::Season { year: 2026, season: Season::Fall };
        for dataset in [Dataset::TopScore, Dataset::SeasonNow, season, Dataset::Genres, Dataset::History] {
            assert_eq!(dataset.to_string().parse::<Dataset>().unwrap(), dataset);
        }
        for wrong in ["", "top", "season.26.fall", "season.2026.autumn", "season.2026", "TOP.SCORE"] {
            assert!(wrong.parse::<Dataset>().is_err(), "{wrong}");
        }
    }
}
