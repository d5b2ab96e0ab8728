//! The invented catalogue: every title of every season, whether the time of asking knows it yet or not.

mod cohort;
mod schedule;
mod title;

pub use title::{Kind, Story, Title};

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::{
    calendar::{Quarter, tokyo_day},
    rng::SeededRng,
};

/// The first season that anything is left of.
pub const ORIGIN: Quarter = Quarter::new(2019, 0);
/// From here on seasons are full; of earlier ones only what people still talk about is kept.
const FULL_FROM: Quarter = Quarter::new(2024, 3);
/// Titles are announced up to this many seasons ahead.
const AHEAD: i32 = 4;

/// All titles from [`ORIGIN`] to some seasons after an instant. A world made for a later instant begins with the same titles.
#[derive(Debug)]
pub struct World {
    titles: Vec<Title>,
    last: Quarter,
}

impl World {
    /// Everything that can be known at this instant, or earlier.
    pub fn until(seed: u64, at: DateTime<Utc>) -> Self {
        let last = Quarter::of(tokyo_day(at)).plus(AHEAD);
        let mut titles: Vec<Title> = Vec::new();
        let mut names = HashSet::new();
        let mut quarter = ORIGIN;
        while quarter <= last {
            let size = match quarter < FULL_FROM {
                true => 2,
                false => [46, 50, 44, 48][quarter.number()],
            };
            let rng = SeededRng::seeded(seed).of("season").at(i64::from(quarter.ordinal()));
            let cohort = cohort::Cohort { quarter, size, kept: quarter < FULL_FROM, rng };
            let new = cohort.titles(&titles, &mut names);
            titles.extend(new);
            quarter = quarter.plus(1);
        }
        Self { titles, last }
    }

    /// Whether this world was made for the instant or a later one.
    pub fn reaches(&self, at: DateTime<Utc>) -> bool {
        Quarter::of(tokyo_day(at)).plus(AHEAD) <= self.last
    }

    /// All titles, by season of first broadcast.
    pub fn titles(&self) -> &[Title] {
        &self.titles
    }

    /// The titles that are announced by then.
    pub fn known(&self, at: DateTime<Utc>) -> impl Iterator<Item = &Title> {
        self.titles.iter().filter(move |title| title.announced <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(instant: &str) -> DateTime<Utc> {
        instant.parse().unwrap()
    }

    #[test]
    fn a_longer_world_begins_like_a_shorter_one() {
        let short = World::until(1, at("2026-09-30T00:00:00Z"));
        let long = World::until(1, at("2027-03-01T00:00:00Z"));
        assert!(long.titles.starts_with(&short.titles));
        assert!(short.reaches(at("2026-09-30T14:00:00Z")) && !short.reaches(at("2026-09-30T16:00:00Z")));
    }

    #[test]
    fn the_catalogue_has_the_size_it_should() {
        let now = at("2026-11-23T12:00:00Z");
        let season = Quarter::new(2026, 3);
        for seed in 0..5 {
            let world = World::until(seed, now);
            let recent = |title: &&Title| (0..8).contains(&season.since(title.quarter));
            assert!((360..=400).contains(&world.known(now).filter(recent).count()));
            let coming = world.known(now).filter(|title| title.quarter > season).count();
            assert!((28..=60).contains(&coming), "{coming} announced");
            let older = world.known(now).filter(|title| season.since(title.quarter) >= 8).count();
            assert!(older > 40, "{older} older ones");
        }
    }

    #[test]
    fn ids_are_unique_and_names_too() {
        let world = World::until(2, at("2027-11-23T12:00:00Z"));
        let ids: HashSet<_> = world.titles.iter().map(|title| title.id).collect();
        let names: HashSet<_> = world.titles.iter().map(|title| title.name.romaji.to_lowercase()).collect();
        assert_eq!((ids.len(), names.len()), (world.titles.len(), world.titles.len()));
    }
}
