//! What is known of a run; every event holds all of it.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, Utc};
use kansoku_schemas::{
    Catalogue, Dataset, FailedPage, PageMeta, Reason, RunEvent, RunEventKind, RunId, has_all,
};

use crate::RequestCost;

/// Hexadecimal digits of a page's digest that are recorded.
const DIGEST: usize = 16;

/// What a run is, from its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunMeta {
    /// Its id.
    pub run: RunId,
    /// What it captures.
    pub dataset: Dataset,
    /// Where from.
    pub source: String,
    /// Which family of titles.
    pub catalogue: Catalogue,
    /// The instant of the capture.
    pub captured_at: DateTime<Utc>,
}

impl RunMeta {
    /// What an event says that its run is.
    pub fn of(event: &RunEvent) -> Self {
        let RunEvent { run, dataset, source, catalogue, captured_at, .. } = event.clone();
        Self { run, dataset, source, catalogue, captured_at }
    }

    /// The metadata of one of its pages.
    pub fn page(&self, page: u32, pages: Option<u32>, url: Option<String>, status: Option<u16>) -> PageMeta {
        let Self { run, dataset, source, catalogue, captured_at } = self.clone();
        PageMeta { catalogue, source, dataset, run, page, pages, captured_at, url, status }
    }
}

/// What became of a run so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunState {
    /// What it is.
    pub meta: RunMeta,
    /// How many pages there are to get.
    pub planned: Option<u32>,
    /// All else, as the next event will hold it; its lists are sorted.
    next: RunEvent,
}

impl fmt::Display for RunMeta {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dataset, source, catalogue, captured_at, .. } = self;
        write!(out, "{dataset} of {source} ({catalogue}) at {captured_at}")
    }
}

impl RunState {
    /// A run without an event.
    pub fn new(meta: RunMeta) -> Self {
        let RunMeta { run, dataset, source, catalogue, captured_at } = meta.clone();
        let next = RunEvent {
            run,
            dataset,
            source,
            catalogue,
            captured_at,
            event: RunEventKind::Started,
            n: 0,
            instance: String::new(),
            at: captured_at,
            started_at: None,
            pages_planned: None,
            pages_got: Vec::new(),
            pages_failed: Vec::new(),
            replays_got: Vec::new(),
            bodies_got: BTreeMap::new(),
            bodies_dead: Vec::new(),
            rows: 0,
            census: None,
            retries: 0,
            waited_ms: 0,
            warnings: Vec::new(),
            released: false,
            taken_over: false,
            error: None,
        };
        Self { meta, planned: None, next }
    }

    /// Goes on from the last event, whoever appended it. The run keeps what it began with, its instant too, unless whoever
    /// let go of it had no page, and nobody before may have left one unrecorded: then what comes is as of now.
    pub fn from_event(meta: RunMeta, last: &RunEvent) -> Self {
        let is_anew = (last.released || last.has_ended()) && last.pages_got.is_empty() && !last.taken_over;
        let captured_at = if is_anew { meta.captured_at } else { last.captured_at };
        let meta = RunMeta { captured_at, source: last.source.clone(), catalogue: last.catalogue, ..meta };
        let next = RunEvent { n: last.n + 1, released: false, ..last.clone() };
        Self { meta, planned: last.pages_planned, next }
    }

    /// Whether the page is in RAW.
    pub fn has(&self, page: u32) -> bool {
        self.next.pages_got.binary_search(&page).is_ok()
    }

    /// Whether an import has brought this replay.
    pub fn has_replay(&self, id: &str) -> bool {
        self.next.replays_got.binary_search_by(|known| known.as_str().cmp(id)).is_ok()
    }

    /// An import has brought a replay.
    pub fn got_replay(&mut self, id: &str) {
        insert(&mut self.next.replays_got, id.to_owned());
    }

    /// Whether the page was given up for this reason.
    pub fn gave_up(&self, page: u32, reason: Reason) -> bool {
        self.next.pages_failed.contains(&FailedPage { page, reason })
    }

    /// Whether every planned page is in RAW.
    pub fn is_complete(&self) -> bool {
        self.planned.is_some_and(|planned| has_all(&self.meta.dataset, planned, &self.next.pages_got))
    }

    /// How many pages are in RAW.
    pub fn pages(&self) -> u64 {
        self.next.pages_got.len() as u64
    }

    /// Whether any page is in RAW.
    pub fn has_any(&self) -> bool {
        !self.next.pages_got.is_empty()
    }

    /// Whether it has ended, well or badly.
    pub fn has_ended(&self) -> bool {
        self.next.has_ended()
    }

    /// A page is in RAW.
    pub fn got(&mut self, page: u32, rows: u32) {
        if insert(&mut self.next.pages_got, page) {
            self.next.rows += u64::from(rows);
        }
        self.next.pages_failed.retain(|failed| failed.page != page);
    }

    /// RAW has a page whose body has this digest.
    pub fn note_body(&mut self, page: u32, digest: &str) {
        self.next.census.get_or_insert_default().digests.entry(page).or_insert_with(|| short(digest));
    }

    /// An import has brought a page, the body of which has this digest.
    pub fn brought(&mut self, page: u32, digest: &str) {
        self.next.bodies_got.insert(page, short(digest));
    }

    /// Whether a page of which the body is known had another one than that with this digest, which is computed only then.
    pub fn differs(&self, page: u32, digest: impl FnOnce() -> String) -> bool {
        let known = self.next.bodies_got.get(&page).or_else(|| self.digests()?.get(&page));
        known.is_some_and(|known| !digest().starts_with(known.as_str()))
    }

    /// The digests of the pages in RAW, where they are known.
    pub fn digests(&self) -> Option<&BTreeMap<u32, String>> {
        self.next.census.as_ref().map(|census| &census.digests)
    }

    /// A page was given up.
    pub fn failed(&mut self, page: u32, reason: Reason) {
        if !self.has(page) {
            let failed = &mut self.next.pages_failed;
            failed.retain(|failed| failed.page != page);
            failed.insert(failed.partition_point(|failed| failed.page < page), FailedPage { page, reason });
        }
    }

    /// The body of a page with this digest was none and went to DLQ.
    pub fn put_aside(&mut self, page: u32, digest: &str) {
        insert(&mut self.next.bodies_dead, format!("{page}:{}", short(digest)));
    }

    /// Whether the body of a page with this digest is in DLQ.
    pub fn has_put_aside(&self, page: u32, digest: &str) -> bool {
        self.next.bodies_dead.binary_search(&format!("{page}:{}", short(digest))).is_ok()
    }

    /// It goes on after a process that fell silent.
    pub fn taken_over(&mut self) {
        self.next.taken_over = true;
    }

    /// Takes over how the run ended elsewhere: what its pages do not say of it. Whether that says anything new.
    pub fn learn(&mut self, end: &RunEvent) -> bool {
        if self.next.pages_got.iter().any(|page| !end.pages_got.contains(page)) {
            return false;
        }
        let before = self.clone();
        self.planned = self.planned.max(end.pages_planned);
        end.pages_failed.iter().for_each(|failed| self.failed(failed.page, failed.reason));
        end.warnings.iter().for_each(|warning| self.warn(warning));
        self.next.retries = self.next.retries.max(end.retries);
        self.next.waited_ms = self.next.waited_ms.max(end.waited_ms);
        self.next.census = self.next.census.take().or_else(|| end.census.clone());
        self.next.error.clone_from(&end.error);
        !self.has_ended() || *self != before
    }

    /// What requests have cost.
    pub fn paid(&mut self, cost: RequestCost) {
        self.next.retries += cost.retries;
        self.next.waited_ms += u64::try_from(cost.waited.as_millis()).unwrap_or(u64::MAX);
    }

    /// Something to notice, noted once.
    pub fn warn(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.next.warnings.contains(&what) {
            self.next.warnings.push(what);
        }
    }

    /// The next event. They are numbered through the run: the number is part of the message's id, and an id that comes
    /// again within the duplicate window is not stored.
    pub fn event(
        &mut self,
        kind: RunEventKind,
        instance: &str,
        at: DateTime<Utc>,
        error: Option<String>,
    ) -> RunEvent {
        let next = &mut self.next;
        // Of a run whose first event did not say it nobody knows any more.
        next.started_at = next.started_at.or_else(|| (next.n == 0).then_some(at));
        next.event = kind;
        next.error = error;
        let RunMeta { run, dataset, source, catalogue, captured_at } = self.meta.clone();
        let (instance, pages_planned) = (instance.to_owned(), self.planned);
        let event = RunEvent {
            run,
            dataset,
            source,
            catalogue,
            captured_at,
            instance,
            at,
            pages_planned,
            ..next.clone()
        };
        next.n += 1;
        event
    }
}

/// Inserts into a sorted list; whether it was not there.
fn insert<T: Ord>(sorted: &mut Vec<T>, item: T) -> bool {
    let place = sorted.binary_search(&item);
    place.map_err(|place| sorted.insert(place, item)).is_err()
}

fn short(digest: &str) -> String {
    digest.chars().take(DIGEST).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn meta() -> RunMeta {
        let captured_at = DateTime::UNIX_EPOCH;
        let run = RunId::scheduled("s", &Dataset::TopScore, captured_at);
        RunMeta {
            run,
            dataset: Dataset::TopScore,
            source: "s".to_owned(),
            catalogue: Catalogue::Sample,
            captured_at,
        }
    }

    #[test]
    fn what_is_known_of_an_end_is_learned_once_and_never_instead_of_more() {
        let mut there = RunState::new(meta());
        there.got(1, 25);
        there.failed(2, Reason::NotJson);
        there.warn("fewer rows");
        let end = there.event(RunEventKind::Finished, "a", DateTime::UNIX_EPOCH, Some("why".to_owned()));
        let mut here = RunState::new(meta());
        here.got(1, 25);
        assert!(here.learn(&end));
        let recorded = here.event(end.event, "b", DateTime::UNIX_EPOCH, end.error.clone());
        assert_eq!(RunEvent { instance: end.instance.clone(), ..recorded }, end);
        assert!(!here.learn(&end));
        here.got(2, 25);
        assert!(!here.learn(&RunEvent { warnings: vec!["more".to_owned()], ..end }), "this one has gone on");
    }

    #[test]
    fn a_run_begins_anew_only_where_nobody_may_have_left_a_page_of_it() {
        let mut state = RunState::new(meta());
        let later = DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(1);
        let now = RunMeta { captured_at: later, ..meta() };
        let mut released = || RunEvent {
            released: true,
            ..state.event(RunEventKind::Progress, "a", DateTime::UNIX_EPOCH, None)
        };
        assert_eq!(RunState::from_event(now.clone(), &released()).meta.captured_at, later);
        let last = RunEvent { taken_over: true, ..released() };
        assert_eq!(RunState::from_event(now, &last).meta.captured_at, DateTime::UNIX_EPOCH);
    }

    proptest! {
        #[test]
        fn the_last_event_holds_all_of_a_run(steps in proptest::collection::vec((1u32..6, any::<bool>()), 0..20), planned in 0u32..6) {
            let mut state = RunState::new(meta());
            state.planned = Some(planned);
            for (page, good) in steps {
                if good { state.got(page, 25) } else { state.failed(page, Reason::NotJson) }
            }
            let event = state.event(RunEventKind::Finished, "a", DateTime::UNIX_EPOCH, None);
            prop_assert_eq!(event.rows, 25 * event.pages_got.len() as u64);
            prop_assert!(event.pages_failed.iter().all(|failed| !event.pages_got.contains(&failed.page)));
            let mut again = RunState::from_event(meta(), &event);
            prop_assert_eq!(again.is_complete(), event.is_complete());
            let second = again.event(RunEventKind::Finished, "a", DateTime::UNIX_EPOCH, None);
            prop_assert_eq!(second.n, event.n + 1, "one process in several parts of a run never uses an id twice");
            prop_assert_eq!(RunEvent { n: event.n, ..second }, event);
        }
    }
}
