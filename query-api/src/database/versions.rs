//! The versions of the data: what tells two states of what a response depends on apart.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgExecutor, Row, types::Json};
use uuid::Uuid;

use super::ReadError;
use crate::vocabulary::Catalogue;

/// A part of a catalogue's data with a version of its own; `loader/migrations/0010_data_facets.sql` says what raises which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Facet {
    /// Whatever is shown.
    Now,
    /// The days before the newest captured one.
    Past,
    /// Facts, names and tags of titles.
    Facts,
    /// How far runs are, and nothing else.
    Runs,
    /// The weeks that have been rolled up.
    Weeks,
    /// Which files have the pages.
    Archive,
}

/// A counter, and a random token that every raise changes, since a counter climbs through the same numbers again after a
/// restore.
type Version = (Catalogue, Facet, i64, Uuid);

/// The versions of some facets in one certain database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Versions {
    database: String,
    of: Vec<Version>,
}

impl Versions {
    /// Whether no counter is lower and one is higher.
    fn is_newer_than(&self, other: &Self) -> bool {
        let counters = |(one, two): (&Version, &Version)| (one.2, two.2);
        let same = self.database == other.database
            && self.of.iter().map(|one| (one.0, one.1)).eq(other.of.iter().map(|two| (two.0, two.1)));
        let both = || self.of.iter().zip(&other.of).map(counters);
        same && both().all(|(one, two)| one >= two) && both().any(|(one, two)| one > two)
    }
}

/// The catalogues that a response is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// Every one.
    All,
    /// The one with the newest capture.
    Newest,
    /// This one.
    One(Catalogue),
}

/// What a response depends on besides its question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dependence {
    /// The catalogues.
    pub about: About,
    /// The last instant that counts; `None` is now.
    pub as_of: Option<DateTime<Utc>>,
    /// What it shows that changes by itself.
    pub also: &'static [Facet],
}

/// All versions, as of one instant of the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DataState {
    all: Versions,
    captured_at: BTreeMap<Catalogue, DateTime<Utc>>,
}

impl DataState {
    /// Reads it, within a snapshot where there is one.
    pub(crate) async fn read(session: impl PgExecutor<'_>) -> Result<Self, ReadError> {
        let row = sqlx::query(include_str!("versions.sql")).fetch_one(session).await?;
        // A facet or a catalogue of a newer loader is none that an answer of ours shows.
        let all: Json<Vec<serde_json::Value>> = row.try_get("versions")?;
        let mut of: Vec<Version> =
            all.0.into_iter().filter_map(|version| serde_json::from_value(version).ok()).collect();
        of.sort_unstable();
        let captured_at: Json<_> = row.try_get("captured")?;
        Ok(Self { all: Versions { database: row.try_get("database")?, of }, captured_at: captured_at.0 })
    }

    /// The counter of whatever one catalogue shows; 0 before its first row.
    pub(crate) fn counter(&self, catalogue: Catalogue) -> i64 {
        let mut now = self.all.of.iter().filter(|version| (version.0, version.1) == (catalogue, Facet::Now));
        now.next().map_or(0, |version| version.2)
    }

    /// The catalogue with the newest capture; the first by name where two have it.
    pub(crate) fn newest(&self) -> Option<Catalogue> {
        let newest = self.captured_at.iter().max_by_key(|(catalogue, at)| (**at, Reverse(catalogue.name())));
        newest.map(|(catalogue, _)| *catalogue)
    }

    /// The versions that a response depends on.
    pub(crate) fn of(&self, dependence: &Dependence) -> Versions {
        Versions { database: self.all.database.clone(), of: self.needed(dependence).copied().collect() }
    }

    /// Whether these are the versions that a response depends on.
    fn is_at(&self, versions: &Versions, dependence: &Dependence) -> bool {
        versions.database == self.all.database && self.needed(dependence).eq(&versions.of)
    }

    fn needed(&self, dependence: &Dependence) -> impl Iterator<Item = &Version> {
        let one = match dependence.about {
            About::All => None,
            About::Newest => self.newest(),
            About::One(catalogue) => Some(catalogue),
        };
        let needed = move |(catalogue, facet, ..): &&Version| {
            one.is_none_or(|one| one == *catalogue) && self.needs(dependence, *catalogue, *facet)
        };
        self.all.of.iter().filter(needed)
    }

    /// A question about a day before the newest captured one depends on such days and on facts; every other on all that is
    /// shown.
    fn needs(&self, dependence: &Dependence, catalogue: Catalogue, facet: Facet) -> bool {
        let newest = self.captured_at.get(&catalogue).map(DateTime::date_naive);
        let is_past = dependence.as_of.zip(newest).is_some_and(|(as_of, newest)| as_of.date_naive() < newest);
        let shown: &[Facet] = if is_past { &[Facet::Past, Facet::Facts] } else { &[Facet::Now] };
        shown.contains(&facet) || dependence.also.contains(&facet)
    }
}

/// The versions as they were last read, how often they have been read, and what they were shortly before.
#[derive(Debug, Clone)]
pub(crate) struct KnownVersions {
    /// The versions.
    pub state: DataState,
    /// The count of readings; this one included.
    pub reading: u64,
    /// Those before, with the instants at which each was found to be no longer current; the newest last.
    superseded: Vec<(DataState, Instant)>,
}

/// How long a response may be served after its version was found not to be current.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

impl KnownVersions {
    /// The versions that follow `before`, read at `now`.
    pub(crate) fn after(before: Option<&Self>, state: DataState, reading: u64, now: Instant) -> Self {
        let mut superseded = Vec::new();
        if let Some(before) = before {
            superseded.extend(before.superseded.iter().filter(|(_, at)| now - *at < GRACE).cloned());
            if before.state != state {
                superseded.push((before.state.clone(), now));
            }
        }
        Self { state, reading, superseded }
    }

    /// Whether a response is current that was read at `version`, after as many readings of the versions.
    ///
    /// One read since the last of them may be newer than what is known: its notice is under way, or lost. With a reading in
    /// between, a higher counter is one of before a restore.
    pub(crate) fn covers(&self, dependence: &Dependence, version: &Versions, reading: u64) -> bool {
        self.state.is_at(version, dependence)
            || (reading == self.reading && version.is_newer_than(&self.state.of(dependence)))
    }

    /// Whether it was current until less than [`GRACE`] ago.
    pub(crate) fn covered(&self, dependence: &Dependence, version: &Versions, now: Instant) -> bool {
        let recent = self.superseded.iter().filter(|(_, at)| now - *at < GRACE);
        recent.rev().any(|(state, _)| state.is_at(version, dependence))
    }
}

#[cfg(test)]
mod tests {
    use kansoku_service::{Clock as _, SystemClock};

    use super::*;

    const MAL: Dependence = Dependence { about: About::One(Catalogue::Mal), as_of: None, also: &[] };

    fn day(day: u32) -> DateTime<Utc> {
        format!("2026-11-{day:02}T04:00:00Z").parse().expect("an instant")
    }

    /// The newest capture of `mal` is of the 14th, that of `sample` of the 13th.
    fn state(now: i64, past: i64, runs: i64) -> DataState {
        let token = |counter: i64| Uuid::from_u64_pair(0, counter.unsigned_abs());
        let facets = [(Facet::Now, now), (Facet::Past, past), (Facet::Facts, 1), (Facet::Runs, runs)];
        let of = [Catalogue::Mal, Catalogue::Sample]
            .into_iter()
            .flat_map(|catalogue| facets.map(|(facet, counter)| (catalogue, facet, counter, token(counter))));
        DataState {
            all: Versions { database: "7.5".into(), of: of.collect() },
            captured_at: [(Catalogue::Mal, day(14)), (Catalogue::Sample, day(13))].into(),
        }
    }

    fn facets(dependence: Dependence) -> Vec<(Catalogue, Facet)> {
        state(1, 1, 1).of(&dependence).of.iter().map(|version| (version.0, version.1)).collect()
    }

    #[test]
    fn a_response_depends_on_the_facets_of_what_it_shows() {
        use Catalogue::{Mal, Sample};
        use Facet::{Facts, Now, Past, Runs};
        let as_of = |at| Dependence { as_of: Some(at), ..MAL };
        assert_eq!(facets(MAL), [(Mal, Now)]);
        assert_eq!(facets(as_of(day(14))), [(Mal, Now)], "the newest day goes on");
        assert_eq!(facets(as_of(day(13))), [(Mal, Past), (Mal, Facts)]);
        let runs = |dependence| facets(Dependence { also: &[Runs], ..dependence });
        assert_eq!(runs(MAL), [(Mal, Now), (Mal, Runs)]);
        assert_eq!(runs(as_of(day(13))), [(Mal, Past), (Mal, Facts), (Mal, Runs)]);
        let newest = Dependence { about: About::Newest, ..as_of(day(13)) };
        assert_eq!(facets(newest), facets(as_of(day(13))));
        let all = Dependence { about: About::All, ..as_of(day(13)) };
        assert_eq!(facets(all), [(Mal, Past), (Mal, Facts), (Sample, Now)], "each by its own newest day");
        let empty = DataState { captured_at: BTreeMap::new(), ..state(1, 1, 1) };
        assert_eq!((empty.newest(), empty.of(&newest).of.len()), (None, 2), "any may be the first");
    }

    #[test]
    fn a_response_is_current_at_the_known_version_or_at_a_newer_one_read_since() {
        let known = KnownVersions::after(None, state(12, 3, 1), 5, SystemClock.monotonic());
        let covers = |state: &DataState, reading| known.covers(&MAL, &state.of(&MAL), reading);
        assert!(covers(&state(12, 3, 1), 1));
        assert!(covers(&state(12, 4, 7), 1), "nothing else matters");
        assert!(covers(&state(13, 3, 1), 5), "its notice is under way");
        assert!(!covers(&state(13, 3, 1), 4), "the versions were read since: it is of before a restore");
        assert!(!covers(&state(11, 3, 1), 5));
        let mut restored = state(12, 3, 1);
        restored.all.of[0].3 = Uuid::from_u64_pair(9, 9);
        assert!(!covers(&restored, 5), "the counter alone is not the version");
        let other = DataState { all: Versions { database: "8.5".into(), ..restored.all }, ..restored };
        assert!(!covers(&other, 5));
    }

    #[test]
    fn a_response_stays_good_enough_for_a_second() {
        let start = SystemClock.monotonic();
        let first = KnownVersions::after(None, state(12, 3, 1), 1, start);
        let second = KnownVersions::after(Some(&first), state(13, 3, 1), 2, start);
        let third = KnownVersions::after(Some(&second), state(14, 3, 1), 3, start + GRACE / 2);
        let covered = |now| third.covered(&MAL, &state(12, 3, 1).of(&MAL), now);
        assert!(covered(start + GRACE / 2) && !covered(start + GRACE));
        assert!(third.covered(&MAL, &state(13, 3, 1).of(&MAL), start + GRACE));
        assert!(!third.covered(&MAL, &state(11, 3, 1).of(&MAL), start));
        let later = KnownVersions::after(Some(&third), state(15, 3, 1), 4, start + 2 * GRACE);
        assert_eq!(later.superseded.len(), 1, "what nobody needs is forgotten");
    }
}
