//! The catalogue at one instant: every number of every title, ranks included, and the lists of them.

use std::cmp::Reverse;

use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};
use kansoku_schemas::Dataset;

use crate::{
    calendar::{Quarter, tokyo_day},
    labels::Label,
    trajectory::Trajectory,
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
pub struct TitleState<'w> {
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

impl TitleState<'_> {
    /// All its genres, themes and demographics.
    pub fn tags(&self) -> impl Iterator<Item = &'static Label> {
        let labels = &self.title.labels;
        labels.genres.iter().chain(&labels.themes).chain(&labels.demographics).copied()
    }
}

/// The catalogue at one instant.
#[derive(Debug)]
pub struct Snapshot<'w> {
    at: DateTime<Utc>,
    /// In the order of the catalogue.
    titles: Vec<TitleState<'w>>,
}

impl<'w> Snapshot<'w> {
    /// The state at `at`. Numbers change once a minute, so that pages requested one after the other agree.
    pub fn of(world: &'w World, at: DateTime<Utc>) -> Self {
        let at = at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at);
        let day = tokyo_day(at);
        let known = world.known(at).map(|title| TitleState {
            title,
            status: Status::on(title, day),
            dated: title.dated <= at,
            score: title.trajectory.score(at),
            rank: None,
            popularity: 0,
            members: title.trajectory.members(at),
            favorites: title.trajectory.favorites(at),
        });
        let mut titles: Vec<TitleState> = known.collect();
        rank(&mut titles);
        Self { at, titles }
    }

    /// The instant, to the minute.
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// All titles that are known.
    pub fn titles(&self) -> &[TitleState<'w>] {
        &self.titles
    }

    /// The title with this id.
    pub fn title(&self, id: i32) -> Option<&TitleState<'w>> {
        self.titles.iter().find(|state| state.title.id == id)
    }

    /// The titles of a list, in upstream's order.
    pub fn list(&self, dataset: Dataset) -> Vec<&TitleState<'w>> {
        let quarter = match dataset {
            Dataset::SeasonNow => Some(Quarter::of(tokyo_day(self.at))),
            Dataset::Season { year, season } => Quarter::named(year.into(), &season.to_string()),
            _ => None,
        };
        let listed = |state: &&TitleState| match dataset {
            Dataset::TopScore => state.rank.is_some(),
            Dataset::TopMembers | Dataset::TopFavorites => true,
            Dataset::TopAiring => state.rank.is_some() && state.status == Status::Airing,
            Dataset::TopUpcoming | Dataset::SeasonUpcoming => state.status == Status::NotYetAired,
            _ => Some(state.title.quarter) == quarter,
        };
        let mut list: Vec<&TitleState> = self.titles.iter().filter(listed).collect();
        match dataset {
            Dataset::TopScore | Dataset::TopAiring => list.sort_by_key(|state| state.rank),
            Dataset::TopFavorites => list.sort_by_key(|state| (Reverse(state.favorites), state.title.id)),
            _ => list.sort_by_key(|state| state.popularity),
        }
        list
    }
}

/// Gives ranks by score and places by members; what is equal keeps the order of ids.
fn rank(titles: &mut [TitleState]) {
    let mut by_members: Vec<usize> = (0..titles.len()).collect();
    by_members.sort_by_key(|&index| (-titles[index].members, titles[index].title.id));
    for (place, index) in (1..).zip(by_members) {
        titles[index].popularity = place;
    }
    let mut by_score: Vec<(u16, i64, i32, usize)> = titles
        .iter()
        .enumerate()
        .filter_map(|(index, state)| {
            let (score, votes) = state.score.filter(|(_, votes)| Trajectory::ranked(*votes))?;
            Some((score, votes, -state.title.id, index))
        })
        .collect();
    by_score.sort_unstable_by(|a, b| b.cmp(a));
    for (rank, (.., index)) in (1..).zip(by_score) {
        titles[index].rank = Some(rank);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(numbers: impl Iterator<Item = i32>) -> Vec<i32> {
        let mut numbers: Vec<i32> = numbers.collect();
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn ranks_are_permutations_and_agree_with_the_numbers() {
        let at = "2026-10-12T03:00:00Z".parse().unwrap();
        let world = World::until(9, at);
        let snapshot = Snapshot::of(&world, at);
        let all = snapshot.titles();
        let ranked: Vec<_> = all.iter().filter(|one| one.rank.is_some()).collect();
        assert!(ranked.len() > 200 && ranked.len() < all.len());
        assert_eq!(
            sorted(ranked.iter().filter_map(|one| one.rank)),
            (1..=i32::try_from(ranked.len()).unwrap()).collect::<Vec<_>>()
        );
        assert_eq!(
            sorted(all.iter().map(|one| one.popularity)),
            (1..=i32::try_from(all.len()).unwrap()).collect::<Vec<_>>()
        );
        let top = snapshot.list(Dataset::TopScore);
        assert!(top.is_sorted_by_key(|one| Reverse(one.score.unwrap().0)));
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

    /// The first thing that a newcomer looks at is the sample catalogue's top ten over sixty days: its lines cross.
    #[test]
    fn the_top_ten_moves() {
        const SAMPLE: u64 = 20_261_001;
        let start: DateTime<Utc> = "2026-02-10T12:00:00Z".parse().unwrap();
        let world = World::until(SAMPLE, start + TimeDelta::days(720));
        let top = |day: i64| -> Vec<i32> {
            let snapshot = Snapshot::of(&world, start + TimeDelta::days(day));
            snapshot.list(Dataset::TopScore).iter().take(10).map(|one| one.title.id).collect()
        };
        let moved = |before: &[i32], after: &[i32]| before.iter().zip(after).filter(|(a, b)| a != b).count();
        for day in (60..720).step_by(60) {
            let now = top(day);
            let sixty_days = moved(&top(day - 60), &now);
            let weeks: usize = (0..8).map(|week| moved(&top(day - 7 * week - 7), &top(day - 7 * week))).sum();
            assert!(sixty_days >= 5, "{sixty_days} of ten moved in the 60 days before day {day}");
            assert!(weeks >= 12, "{weeks} moves in the eight weeks before day {day}");
        }
    }
}
