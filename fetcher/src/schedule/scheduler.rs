//! What is due.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_schemas::{Catalogue, Dataset, RunEvent};

use super::{Entry, slots::jitter};

/// Rows on a page of a list that was requested without a limit.
const FULL_PAGE: u64 = 25;

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

/// How long after a capture that missed pages they are requested again; each time twice as long.
const FIRST_PAUSE: TimeDelta = TimeDelta::minutes(15);

/// How far the slot of an entry and a list has come; one that is pending or running has none.
#[derive(Debug, Clone, Copy)]
enum Progress {
    Complete,
    /// Pages are missing after so many captures; they are requested again at an instant.
    Partial {
        captures: u32,
        again: DateTime<Utc>,
    },
}

/// The schedule, and how far it has come.
///
/// Only the slot that now is in can be due: after a downtime each list is captured once, however many slots went by. A slot
/// is due until it is complete or the next one begins. Where slots of one list begin at one instant they are one run, and the
/// entry that wants most pages speaks for all.
#[derive(Debug, Clone)]
pub struct Scheduler {
    entries: Vec<Entry>,
    /// The last slot by entry and list.
    slots: BTreeMap<(usize, Dataset), (DateTime<Utc>, Progress)>,
}

impl Scheduler {
    /// A schedule of which nothing is complete.
    pub fn new(entries: &[Entry]) -> Self {
        Self { entries: entries.to_vec(), slots: BTreeMap::new() }
    }

    /// What the slots of this instant ask for, has waited for its jitter, and is not complete.
    pub fn due(&self, now: DateTime<Utc>) -> Vec<Due> {
        self.open(now).filter(|(_, begin)| *begin <= now).map(|(due, _)| due).collect()
    }

    /// Its slot asks for nothing more, nor does any other that began with it.
    pub fn complete(&mut self, due: &Due) {
        self.note(due, Progress::Complete);
    }

    /// Its capture missed pages: it is due again after a while, as long as its slot lasts.
    pub fn partial(&mut self, due: &Due, now: DateTime<Utc>) {
        let captures = match self.slots.get(&(due.place, due.dataset)) {
            Some((slot, Progress::Partial { captures, .. })) if *slot == due.slot => captures + 1,
            _ => 1,
        };
        let pause = FIRST_PAUSE * 2_i32.saturating_pow(captures - 1).min(1 << 20);
        self.note(due, Progress::Partial { captures, again: now + pause });
    }

    fn note(&mut self, due: &Due, progress: Progress) {
        for (place, entry) in self.entries.iter().enumerate() {
            if entry.cron.slot(due.slot) == Some(due.slot)
                && entry.dataset.at(due.slot).contains(&due.dataset)
            {
                self.slots.insert((place, due.dataset), (due.slot, progress));
            }
        }
    }

    /// When to look again; `None` for a schedule without entries.
    pub fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let waiting = self.open(now).map(|(_, begin)| begin).filter(|begin| *begin > now);
        waiting.chain(self.entries.iter().filter_map(|entry| entry.cron.next(now))).min()
    }

    /// What the slots of this instant ask for and is not complete, with the instant at which each may begin.
    fn open(&self, now: DateTime<Utc>) -> impl Iterator<Item = (Due, DateTime<Utc>)> {
        let slots = self.entries.iter().enumerate().filter_map(move |(place, entry)| {
            Some((place, entry, entry.cron.slot(now)?, entry.cron.next(now)?))
        });
        let wanted = slots.flat_map(|(place, entry, slot, until)| {
            entry.dataset.at(slot).into_iter().map(move |dataset| {
                let begin = slot + jitter(&dataset, slot, TimeDelta::seconds(i64::from(entry.jitter_s)));
                (Due { place, dataset, pages: entry.pages, slot, until }, begin)
            })
        });
        let mut deepest: BTreeMap<(DateTime<Utc>, Dataset), (Due, DateTime<Utc>)> = BTreeMap::new();
        for (due, begin) in wanted {
            let best = deepest.entry((due.slot, due.dataset)).or_insert((due, begin));
            if due.pages > best.0.pages {
                *best = (due, begin);
            }
        }
        let open = deepest.into_values().filter_map(|(due, begin)| {
            match self.slots.get(&(due.place, due.dataset)).filter(|(slot, _)| *slot == due.slot) {
                None => Some((due, begin)),
                Some((_, Progress::Partial { again, .. })) => Some((due, begin.max(*again))),
                Some((_, Progress::Complete)) => None,
            }
        });
        let mut open: Vec<_> = open.collect();
        open.sort_by_key(|(due, _)| (due.place, due.dataset));
        open.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use kansoku_schemas::{RunEventKind, RunId};

    use super::*;
    use crate::schedule::Target;

    fn at(instant: &str) -> DateTime<Utc> {
        instant.parse().unwrap()
    }

    fn entry(cron: &str, pages: u32) -> Entry {
        let cron = cron.to_owned().try_into().unwrap();
        Entry { dataset: Target::One(Dataset::TopScore), cron, pages, jitter_s: 0 }
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
            started_at: None,
            pages_planned: Some(pages),
            pages_got: (1..=pages).collect(),
            pages_failed: Vec::new(),
            replays_got: Vec::new(),
            bodies_got: BTreeMap::new(),
            bodies_dead: Vec::new(),
            released: false,
            taken_over: false,
            retries: 0,
            waited_ms: 0,
            rows,
            census: None,
            warnings: Vec::new(),
            error: None,
        }
    }

    #[test]
    fn a_whole_run_within_the_slot_is_enough_whoever_made_it() {
        let due = Scheduler::new(&[entry("0 */12 * * *", 4)]).due(at("2026-11-23T14:00:00Z"))[0];
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
    fn a_slot_is_due_until_it_is_complete() {
        let mut scheduler = Scheduler::new(&[entry("0 */12 * * *", 4), entry("0 0 * * *", 4)]);
        let now = at("2026-11-23T14:00:00Z");
        assert_eq!(scheduler.next(now), Some(at("2026-11-24T00:00:00Z")));
        let due = scheduler.due(now);
        scheduler.complete(&due[1]);
        assert_eq!(scheduler.due(now), due[..1]);
        scheduler.complete(&due[0]);
        assert_eq!(scheduler.due(at("2026-11-23T23:59:59Z")), []);
        assert_eq!(scheduler.due(at("2026-11-24T00:00:00Z")).len(), 1, "one for both");
        assert_eq!(scheduler.due(at("2026-11-23T02:00:00Z")).len(), 1, "the clock was set back");
        assert_eq!(scheduler.due(at("2027-02-01T02:00:00Z")).len(), 1, "a long downtime makes no storm");
        assert_eq!(Scheduler::new(&[]).next(now), None);
    }

    #[test]
    fn a_slot_whose_capture_missed_pages_is_due_again_until_it_ends() {
        let mut scheduler = Scheduler::new(&[entry("0 0 * * *", 4)]);
        let mut now = at("2026-11-23T00:00:00Z");
        for minutes in [15, 30, 60, 120] {
            let due = scheduler.due(now);
            assert_eq!(due.len(), 1, "{now}");
            scheduler.partial(&due[0], now);
            let again = now + TimeDelta::minutes(minutes);
            assert_eq!(
                (scheduler.due(again - TimeDelta::seconds(1)), scheduler.next(now)),
                (vec![], Some(again))
            );
            now = again;
        }
        scheduler.complete(&scheduler.due(now)[0]);
        assert_eq!(scheduler.due(at("2026-11-23T23:59:59Z")), []);
        let tomorrow = at("2026-11-24T00:00:00Z");
        let due = scheduler.due(tomorrow);
        scheduler.partial(&due[0], tomorrow);
        assert_eq!(scheduler.next(tomorrow), Some(tomorrow + TimeDelta::minutes(15)), "it begins anew");
        assert_eq!(
            scheduler.due(tomorrow + TimeDelta::days(1)).len(),
            1,
            "the slot is over, whatever it missed"
        );
    }

    #[test]
    fn of_the_entries_of_one_instant_the_deepest_is_captured_for_all() {
        let (daily, weekly) = (entry("0 16 * * *", 1), entry("0 16 * * 3", 20));
        let wednesday = at("2026-11-25T16:00:00Z");
        for entries in [[daily.clone(), weekly.clone()], [weekly.clone(), daily.clone()]] {
            let mut scheduler = Scheduler::new(&entries);
            let due = scheduler.due(wednesday);
            assert_eq!(due.iter().map(|due| due.pages).collect::<Vec<_>>(), [20]);
            scheduler.complete(&due[0]);
            assert_eq!(scheduler.due(wednesday), []);
            let thursday = scheduler.due(wednesday + TimeDelta::days(1));
            assert_eq!(thursday.iter().map(|due| due.pages).collect::<Vec<_>>(), [1]);
        }
        let mut deep_is_daily = Scheduler::new(&[entry("0 16 * * *", 20), entry("0 16 * * 3", 1)]);
        let due = deep_is_daily.due(wednesday);
        deep_is_daily.complete(&due[0]);
        let thursday = deep_is_daily.due(wednesday + TimeDelta::days(1));
        assert_eq!(thursday.len(), 1, "Wednesday's is done for both");
        assert_eq!(Scheduler::new(&[daily.clone(), daily]).due(wednesday).len(), 1);
    }

    #[test]
    fn a_capture_waits_for_its_jitter() {
        let scheduler = Scheduler::new(&[Entry { jitter_s: 3_600, ..entry("0 0 * * *", 1) }]);
        let slot = at("2026-11-23T00:00:00Z");
        let begin = slot + jitter(&Dataset::TopScore, slot, TimeDelta::hours(1));
        assert!(begin > slot, "another day has to be chosen for this test");
        assert_eq!(scheduler.due(begin - TimeDelta::seconds(1)), []);
        assert_eq!(scheduler.next(slot), Some(begin));
        assert_eq!(scheduler.due(begin).len(), 1);
    }

    #[test]
    fn each_of_the_last_seasons_is_done_by_itself() {
        let mut scheduler = Scheduler::new(&[Entry { dataset: Target::Seasons, ..entry("0 6 * * 1", 20) }]);
        let now = at("2026-11-25T00:00:00Z");
        let due = scheduler.due(now);
        assert_eq!(due.len(), 8);
        scheduler.complete(&due[3]);
        assert!(scheduler.due(now).iter().all(|open| open.dataset != due[3].dataset));
        assert_eq!(scheduler.due(now).len(), 7);
    }
}
