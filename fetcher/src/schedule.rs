//! What is captured when. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_schemas::{Catalogue, Dataset, RunEvent};

use crate::settings::Entry;

/// Rows on a page of a list that was asked without a limit.
const FULL_PAGE: u64 = 25;

/// The slot that `now` is in: slots of `every_hours` hours begin at midnight UTC of 1970-01-01, so that every process
/// names the same ones.
pub fn slot(now: DateTime<Utc>, every_hours: u32) -> DateTime<Utc> {
    let length = i64::from(every_hours) * 3_600;
    let start = now.timestamp().div_euclid(length) * length;
    DateTime::from_timestamp(start, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

/// When the next slot begins.
pub fn next_slot(now: DateTime<Utc>, every_hours: u32) -> DateTime<Utc> {
    slot(now, every_hours) + TimeDelta::hours(i64::from(every_hours))
}

/// A capture that a slot asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Which entry of the schedule asks.
    pub place: usize,
    /// What.
    pub dataset: Dataset,
    /// The most pages.
    pub pages: u32,
    /// When its slot begins.
    pub slot: DateTime<Utc>,
    /// When the next one does.
    pub until: DateTime<Utc>,
}

impl Due {
    /// Whether a run of anybody is already what this slot asks for, an import for instance: the whole list of the same
    /// family of titles, captured within the slot. One that was cut shorter than the schedule wants it has only full
    /// pages, and does not count.
    pub fn is_met_by(&self, run: &RunEvent, catalogue: Catalogue) -> bool {
        let got = run.pages_got.len() as u64;
        run.is_complete()
            && (run.dataset, run.catalogue) == (self.dataset, catalogue)
            && (self.slot..self.until).contains(&run.captured_at)
            && (got >= u64::from(self.pages) || run.rows < got * FULL_PAGE)
    }
}

/// The schedule, and how far it has come.
#[derive(Debug, Clone)]
pub struct Agenda {
    entries: Vec<(Entry, Option<DateTime<Utc>>)>,
}

impl Agenda {
    /// A schedule of which nothing is done.
    pub fn new(entries: &[Entry]) -> Self {
        Self { entries: entries.iter().map(|entry| (entry.clone(), None)).collect() }
    }

    /// What the slots of this instant ask for and is not done.
    pub fn due(&self, now: DateTime<Utc>) -> Vec<Due> {
        let due = |(place, (entry, done)): (usize, &(Entry, Option<DateTime<Utc>>))| {
            let Entry { dataset, every_hours, pages } = *entry;
            let (slot, until) = (slot(now, every_hours), next_slot(now, every_hours));
            (*done != Some(slot)).then_some(Due { place, dataset, pages, slot, until })
        };
        self.entries.iter().enumerate().filter_map(due).collect()
    }

    /// Its slot asks for nothing more.
    pub fn done(&mut self, due: &Due) {
        self.entries[due.place].1 = Some(due.slot);
    }

    /// When the next slot of any entry begins; `None` for a schedule without entries.
    pub fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.entries.iter().map(|(entry, _)| next_slot(now, entry.every_hours)).min()
    }
}

#[cfg(test)]
mod tests {
    use kansoku_schemas::{RunEventKind, RunId};
    use proptest::prelude::*;

    use super::*;

    fn at(instant: &str) -> DateTime<Utc> {
        instant.parse().unwrap()
    }

    fn entry(every_hours: u32, pages: u32) -> Entry {
        Entry { dataset: Dataset::TopScore, every_hours, pages }
    }

    fn run(captured_at: &str, pages: u32, rows: u64) -> RunEvent {
        let captured_at = at(captured_at);
        RunEvent {
            run: RunId::scheduled("s", &Dataset::TopScore, captured_at),
            dataset: Dataset::TopScore,
            source: "s".to_owned(),
            catalogue: Catalogue::Sample,
            captured_at,
            event: RunEventKind::Finished,
            n: 1,
            instance: "i".to_owned(),
            at: captured_at,
            pages_planned: Some(pages),
            pages_got: (1..=pages).collect(),
            pages_failed: Vec::new(),
            rows,
            census: None,
            warnings: Vec::new(),
            error: None,
        }
    }

    #[test]
    fn a_whole_run_within_the_slot_is_enough_whoever_made_it() {
        let due = Agenda::new(&[entry(12, 4)]).due(at("2026-11-23T14:00:00Z"))[0];
        assert_eq!((due.slot, due.until), (at("2026-11-23T12:00:00Z"), at("2026-11-24T00:00:00Z")));
        let met = |run: RunEvent| due.is_met_by(&run, Catalogue::Sample);
        let whole = run("2026-11-23T13:00:00Z", 4, 100);
        assert!(met(whole.clone()));
        assert!(met(run("2026-11-23T12:00:00Z", 4, 100)) && met(run("2026-11-23T13:00:00Z", 2, 49)));
        assert!(!met(run("2026-11-23T11:59:59Z", 4, 100)) && !met(run("2026-11-24T00:00:00Z", 4, 100)));
        assert!(!met(run("2026-11-23T13:00:00Z", 1, 25)), "cut after one of four pages");
        assert!(!met(RunEvent { pages_got: vec![1, 2, 4], ..whole.clone() }), "a page is missing");
        assert!(!met(RunEvent { event: RunEventKind::Progress, ..whole.clone() }), "under way");
        assert!(!met(RunEvent { dataset: Dataset::TopMembers, ..whole.clone() }));
        assert!(!due.is_met_by(&whole, Catalogue::Mal));
    }

    #[test]
    fn a_slot_asks_until_it_is_done_and_the_next_one_again() {
        let mut agenda = Agenda::new(&[entry(12, 4), entry(24, 4)]);
        let now = at("2026-11-23T14:00:00Z");
        assert_eq!(agenda.next(now), Some(at("2026-11-24T00:00:00Z")));
        let due = agenda.due(now);
        agenda.done(&due[1]);
        assert_eq!(agenda.due(now), due[..1]);
        agenda.done(&due[0]);
        assert_eq!(agenda.due(at("2026-11-23T23:59:59Z")), []);
        assert_eq!(agenda.due(at("2026-11-24T00:00:00Z")).len(), 2);
        assert_eq!(agenda.due(at("2026-11-23T02:00:00Z")).len(), 1, "the clock was set back");
        assert_eq!(Agenda::new(&[]).next(now), None);
    }

    proptest! {
        #[test]
        fn now_is_in_its_slot(seconds in 0i64..4_000_000_000, every in 1u32..=672) {
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            let (this, next) = (slot(now, every), next_slot(now, every));
            prop_assert!(this <= now && now < next);
            prop_assert_eq!(slot(this, every), this);
            prop_assert_eq!(slot(next, every), next);
        }
    }
}
