//! Seasons of the past: which of them are still to be captured, and how long that takes. Pure.

use std::{collections::HashMap, str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use kansoku_schemas::{Dataset, RunEvent, Season};

const OF_A_YEAR: [Season; 4] = [Season::Winter, Season::Spring, Season::Summer, Season::Fall];
/// Pages of a season about which nothing is known: seasons since 2010 have 3 to 14.
const GUESS: u64 = 8;

/// Seasons from one to another, both included: `2010-winter..2026-fall`, or a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seasons {
    first: u32,
    last: u32,
}

/// Why it is no range of seasons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no season or range of seasons, such as 2010-winter..2026-fall")]
pub struct NoSeasons(String);

impl Seasons {
    /// The lists, the oldest first.
    pub fn datasets(self) -> impl Iterator<Item = Dataset> {
        (self.first..=self.last).filter_map(|number| {
            let year = u16::try_from(number / 4).ok()?;
            Some(Dataset::Season { year, season: *OF_A_YEAR.get(number as usize % 4)? })
        })
    }
}

impl FromStr for Seasons {
    type Err = NoSeasons;

    fn from_str(text: &str) -> Result<Self, NoSeasons> {
        let number = |text: &str| -> Option<u32> {
            let (year, season) = text.trim().split_once(['-', '.'])?;
            let year: u32 = year.parse().ok().filter(|year| (1917..=9999).contains(year))?;
            let season: Season = season.parse().ok()?;
            let place = OF_A_YEAR.iter().position(|known| *known == season)?;
            Some(year * 4 + u32::try_from(place).ok()?)
        };
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let found = number(first).zip(number(last)).filter(|(first, last)| first <= last);
        found.map(|(first, last)| Self { first, last }).ok_or_else(|| NoSeasons(text.to_owned()))
    }
}

/// What is to do about a season.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Todo {
    /// Nothing: it is there, captured recently enough.
    Nothing,
    /// All of it.
    All,
    /// A run of it was interrupted: go on from there.
    GoOn {
        /// The instant of that run.
        slot: DateTime<Utc>,
        /// Its pages that are there.
        got: u64,
        /// How many it has.
        planned: Option<u32>,
    },
}

impl Todo {
    /// By the newest event of the season's newest run.
    pub fn after(newest: Option<&RunEvent>) -> Self {
        match newest {
            Some(run) if run.is_complete() => Self::Nothing,
            Some(run) if !run.has_ended() => Self::GoOn {
                slot: run.captured_at,
                got: run.pages_got.len() as u64,
                planned: run.pages_planned,
            },
            _ => Self::All,
        }
    }
}

/// How far a backfill is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Pages of seasons that are done or whose number of pages is known.
    known: HashMap<Dataset, u64>,
    /// Pages that came, by season.
    came: HashMap<Dataset, u64>,
    seasons: u64,
}

impl Progress {
    /// Of so many seasons.
    pub fn new(seasons: u64) -> Self {
        Self { seasons, ..Self::default() }
    }

    /// A season has so many pages, as far as is known, and so many of them are there.
    pub fn is_at(&mut self, season: Dataset, got: u64, planned: Option<u32>) {
        let planned = planned.map_or(GUESS, u64::from);
        self.known.insert(season, planned.max(got));
        self.came.insert(season, got);
    }

    /// A season is over, with whatever pages came.
    pub fn is_over(&mut self, season: Dataset) {
        let came = self.came.get(&season).copied().unwrap_or_default();
        self.known.insert(season, came);
    }

    /// Pages that came.
    pub fn came(&self) -> u64 {
        self.came.values().sum()
    }

    /// Pages in all: what is known, and the mean of that for each other season.
    pub fn pages(&self) -> u64 {
        let (known, count) = (self.known.values().sum::<u64>(), self.known.len() as u64);
        let mean = known.checked_div(count).unwrap_or(GUESS).max(1);
        known + mean * self.seasons.saturating_sub(count)
    }

    /// How long it still takes, where pages come this far apart.
    pub fn left(&self, apart: Duration) -> Duration {
        apart * u32::try_from(self.pages().saturating_sub(self.came())).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_every_season_from_the_first_to_the_last() {
        let words = |text: &str| -> Vec<String> {
            let seasons: Seasons = text.parse().unwrap();
            seasons.datasets().map(|dataset| dataset.to_string()).collect()
        };
        assert_eq!(
            words("2025-fall..2026-spring"),
            ["season.2025.fall", "season.2026.winter", "season.2026.spring"]
        );
        assert_eq!(words("2026.fall"), ["season.2026.fall"]);
        assert_eq!(words("2010-winter..2026-fall").len(), 68);
        for wrong in
            ["", "2026", "2026-autumn", "2026-fall..2026-winter", "26-fall", "2026-fall..", "1900-fall"]
        {
            assert!(wrong.parse::<Seasons>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_estimate_counts_what_is_known_and_guesses_the_rest() {
        let season = |year| Dataset::Season { year, season: Season::Fall };
        let mut progress = Progress::new(4);
        assert_eq!((progress.came(), progress.pages()), (0, 32));
        progress.is_at(season(2024), 1, Some(5));
        assert_eq!((progress.came(), progress.pages()), (1, 20));
        progress.is_at(season(2024), 5, Some(5));
        progress.is_over(season(2024));
        progress.is_at(season(2025), 0, None);
        progress.is_over(season(2025));
        assert_eq!((progress.came(), progress.pages()), (5, 9), "one that gave nothing counts as none");
        assert_eq!(progress.left(Duration::from_secs(2)), Duration::from_secs(8));
    }
}
