//! The catalogue as it stands at one instant: every number of every title, ranks included.

mod lists;

pub use lists::{Order, Selection};

use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};

use crate::{
    calendar::{Quarter, tokyo_day},
    life::Life,
    world::{Title, World},
};

/// Whether a title is on yet, by the calendar of Tokyo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Before the day of the first broadcast.
    NotYetAired,
    /// From that day to the day of the last broadcast.
    Airing,
    /// After it.
    Finished,
}

impl Status {
    /// As upstream writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotYetAired => "Not yet aired",
            Self::Airing => "Currently Airing",
            Self::Finished => "Finished Airing",
        }
    }

    fn on(title: &Title, day: NaiveDate) -> Self {
        if day < title.first_day {
            Self::NotYetAired
        } else if day <= title.last_day {
            Self::Airing
        } else {
            Self::Finished
        }
    }
}

/// One title and its numbers at the instant.
#[derive(Debug, Clone, Copy)]
pub struct Sighting<'w> {
    /// The title.
    pub title: &'w Title,
    /// Whether it is on.
    pub status: Status,
    /// Whether its date and length are known.
    pub dated: bool,
    /// Mean score in hundredths, and the votes; `None` before there are enough.
    pub score: Option<(u16, i64)>,
    /// Place by score, from 1, among those with enough votes.
    pub rank: Option<i32>,
    /// Place by members, from 1.
    pub popularity: i32,
    /// People who have it on their list.
    pub members: i64,
    /// People who call it a favourite.
    pub favorites: i64,
}

/// The catalogue at one instant.
#[derive(Debug)]
pub struct Snapshot<'w> {
    at: DateTime<Utc>,
    /// In the order of the catalogue.
    sightings: Vec<Sighting<'w>>,
}

impl<'w> Snapshot<'w> {
    /// What there is to see at `at`. Numbers change once a minute, so that pages asked for one after the other agree.
    pub fn of(world: &'w World, at: DateTime<Utc>) -> Self {
        let at = at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at);
        let day = tokyo_day(at);
        let mut sightings: Vec<Sighting> = world
            .known(at)
            .map(|title| Sighting {
                title,
                status: Status::on(title, day),
                dated: title.dated <= at,
                score: title.life.score(at),
                rank: None,
                popularity: 0,
                members: title.life.members(at),
                favorites: title.life.favorites(at),
            })
            .collect();
        place(&mut sightings);
        Self { at, sightings }
    }

    /// The instant, to the minute.
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The season that is on.
    pub fn quarter(&self) -> Quarter {
        Quarter::of(tokyo_day(self.at))
    }

    /// All titles that are known.
    pub fn sightings(&self) -> &[Sighting<'w>] {
        &self.sightings
    }

    /// The title with this id.
    pub fn title(&self, id: i32) -> Option<&Sighting<'w>> {
        self.sightings.iter().find(|sighting| sighting.title.id == id)
    }
}

/// Gives ranks by score and places by members; what is equal keeps the order of ids.
fn place(sightings: &mut [Sighting]) {
    let mut by_members: Vec<usize> = (0..sightings.len()).collect();
    by_members.sort_by_key(|&index| (-sightings[index].members, sightings[index].title.id));
    for (place, index) in (1..).zip(by_members) {
        sightings[index].popularity = place;
    }
    let mut by_score: Vec<(u16, i64, i32, usize)> = sightings
        .iter()
        .enumerate()
        .filter_map(|(index, sighting)| {
            let (score, votes) = sighting.score.filter(|(_, votes)| Life::ranked(*votes))?;
            Some((score, votes, -sighting.title.id, index))
        })
        .collect();
    by_score.sort_unstable_by(|a, b| b.cmp(a));
    for (rank, (.., index)) in (1..).zip(by_score) {
        sightings[index].rank = Some(rank);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(numbers: impl Iterator<Item = i32>) -> Vec<i32> {
        let mut places: Vec<i32> = numbers.collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn ranks_are_permutations_and_agree_with_the_numbers() {
        let at = "2026-10-12T03:00:00Z".parse().unwrap();
        let world = World::until(9, at);
        let snapshot = Snapshot::of(&world, at);
        let all = snapshot.sightings();
        let ranked: Vec<_> = all.iter().filter(|one| one.rank.is_some()).collect();
        assert!(ranked.len() > 200 && ranked.len() < all.len());
        assert_eq!(
            places(ranked.iter().filter_map(|one| one.rank)),
            (1..=i32::try_from(ranked.len()).unwrap()).collect::<Vec<_>>()
        );
        assert_eq!(
            places(all.iter().map(|one| one.popularity)),
            (1..=i32::try_from(all.len()).unwrap()).collect::<Vec<_>>()
        );
        let mut by_rank = ranked.clone();
        by_rank.sort_by_key(|one| one.rank);
        assert!(by_rank.is_sorted_by_key(|one| std::cmp::Reverse(one.score.unwrap().0)));
    }

    #[test]
    fn status_turns_at_midnight_in_tokyo() {
        let world = World::until(9, "2026-11-01T00:00:00Z".parse().unwrap());
        let title = world.titles().iter().find(|title| title.first_day.to_string() == "2026-10-05").unwrap();
        let status = |at: &str| {
            let snapshot = Snapshot::of(&world, at.parse().unwrap());
            snapshot.title(title.id).unwrap().status
        };
        assert_eq!(status("2026-10-04T14:59:59Z"), Status::NotYetAired);
        assert_eq!(status("2026-10-04T15:00:00Z"), Status::Airing);
    }
}
