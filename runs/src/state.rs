//! What is known of a run; every event tells it whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use chrono::{DateTime, Utc};
use kansoku_schemas::{
    Catalogue, Census, Dataset, FailedPage, PageMeta, Reason, RunEvent, RunEventKind, RunId, has_all,
};

use crate::RequestCost;

/// Hexadecimal digits of a page's digest that are told.
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
    got: BTreeSet<u32>,
    failed: BTreeMap<u32, Reason>,
    replays: BTreeSet<String>,
    brought: BTreeMap<u32, String>,
    dead: BTreeSet<String>,
    rows: u64,
    census: Option<Census>,
    cost: RequestCost,
    warnings: Vec<String>,
    error: Option<String>,
    taken_over: bool,
    started_at: Option<DateTime<Utc>>,
    ended: bool,
    n: u32,
}

impl fmt::Display for RunMeta {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dataset, source, catalogue, captured_at, .. } = self;
        write!(out, "{dataset} of {source} ({catalogue}) at {captured_at}")
    }
}

impl RunState {
    /// A run of which nobody has told anything.
    pub fn new(meta: RunMeta) -> Self {
        Self {
            meta,
            planned: None,
            got: BTreeSet::new(),
            failed: BTreeMap::new(),
            replays: BTreeSet::new(),
            brought: BTreeMap::new(),
            dead: BTreeSet::new(),
            rows: 0,
            census: None,
            cost: RequestCost::default(),
            warnings: Vec::new(),
            error: None,
            taken_over: false,
            started_at: None,
            ended: false,
            n: 0,
        }
    }

    /// Goes on from the last event, whoever told it. The run keeps what it began with, its instant too, unless whoever let
    /// go of it had no page, and nobody before may have left one untold: then what comes is as of now.
    pub fn from_event(meta: RunMeta, last: &RunEvent) -> Self {
        let is_anew = (last.released || last.has_ended()) && last.pages_got.is_empty() && !last.taken_over;
        let captured_at = if is_anew { meta.captured_at } else { last.captured_at };
        Self {
            meta: RunMeta { captured_at, source: last.source.clone(), catalogue: last.catalogue, ..meta },
            planned: last.pages_planned,
            got: last.pages_got.iter().copied().collect(),
            failed: last.pages_failed.iter().map(|failed| (failed.page, failed.reason)).collect(),
            replays: last.replays_got.iter().cloned().collect(),
            brought: last.bodies_got.clone(),
            dead: last.bodies_dead.iter().cloned().collect(),
            rows: last.rows,
            census: last.census.clone(),
            cost: RequestCost { retries: last.retries, waited: Duration::from_millis(last.waited_ms) },
            warnings: last.warnings.clone(),
            error: last.error.clone(),
            taken_over: last.taken_over,
            started_at: last.started_at,
            ended: last.has_ended(),
            n: last.n + 1,
        }
    }

    /// Whether the page is in RAW.
    pub fn has(&self, page: u32) -> bool {
        self.got.contains(&page)
    }

    /// Whether an import has brought this replay.
    pub fn has_replay(&self, id: &str) -> bool {
        self.replays.contains(id)
    }

    /// An import has brought a replay.
    pub fn got_replay(&mut self, id: &str) {
        self.replays.insert(id.to_owned());
    }

    /// Whether the page was given up for this reason.
    pub fn gave_up(&self, page: u32, reason: Reason) -> bool {
        self.failed.get(&page) == Some(&reason)
    }

    /// Whether every planned page is in RAW.
    pub fn is_complete(&self) -> bool {
        self.planned.is_some_and(|planned| has_all(&self.meta.dataset, planned, &self.got))
    }

    /// How many pages are in RAW.
    pub fn pages(&self) -> u64 {
        self.got.len() as u64
    }

    /// Whether any page is in RAW.
    pub fn has_any(&self) -> bool {
        !self.got.is_empty()
    }

    /// Whether it has ended, well or badly.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// A page is in RAW.
    pub fn got(&mut self, page: u32, rows: u32) {
        if self.got.insert(page) {
            self.rows += u64::from(rows);
        }
        self.failed.remove(&page);
    }

    /// RAW has a page whose body has this digest.
    pub fn note_body(&mut self, page: u32, digest: &str) {
        self.census.get_or_insert_default().digests.entry(page).or_insert_with(|| short(digest));
    }

    /// An import has brought a page, the body of which has this digest.
    pub fn brought(&mut self, page: u32, digest: &str) {
        self.brought.insert(page, short(digest));
    }

    /// Whether a page of which the body is known had another one than that with this digest, which is asked for only then.
    pub fn differs(&self, page: u32, digest: impl FnOnce() -> String) -> bool {
        let in_raw = || self.census.as_ref()?.digests.get(&page);
        let known = self.brought.get(&page).or_else(in_raw);
        known.is_some_and(|known| !digest().starts_with(known.as_str()))
    }

    /// The pages in RAW: each with its digest and, where that was told, its sequence in RAW.
    pub fn bodies(&self) -> impl Iterator<Item = (u32, &str, Option<u64>)> {
        self.census.iter().flat_map(|census| {
            let seq = |page| census.seqs.get(page).copied();
            census.digests.iter().map(move |(page, digest)| (*page, digest.as_str(), seq(page)))
        })
    }

    /// A page was given up.
    pub fn failed(&mut self, page: u32, reason: Reason) {
        if !self.has(page) {
            self.failed.insert(page, reason);
        }
    }

    /// The body of a page with this digest was none and went to DLQ.
    pub fn put_aside(&mut self, page: u32, digest: &str) {
        self.dead.insert(format!("{page}:{}", short(digest)));
    }

    /// Whether the body of a page with this digest is in DLQ.
    pub fn has_put_aside(&self, page: u32, digest: &str) -> bool {
        self.dead.contains(&format!("{page}:{}", short(digest)))
    }

    /// It goes on after a process that fell silent.
    pub fn taken_over(&mut self) {
        self.taken_over = true;
    }

    /// Takes over how the run ended elsewhere: what its pages do not say of it. Whether that says anything new.
    pub fn learn(&mut self, end: &RunEvent) -> bool {
        if self.got.iter().any(|page| !end.pages_got.contains(page)) {
            return false;
        }
        let before = self.clone();
        self.planned = self.planned.max(end.pages_planned);
        end.pages_failed.iter().for_each(|failed| self.failed(failed.page, failed.reason));
        end.warnings.iter().for_each(|warning| self.warn(warning));
        self.cost.retries = self.cost.retries.max(end.retries);
        self.cost.waited = self.cost.waited.max(Duration::from_millis(end.waited_ms));
        // Where its pages are in that RAW says nothing here.
        let census = || end.census.clone().map(|census| Census { seqs: BTreeMap::new(), ..census });
        self.census = self.census.take().or_else(census);
        self.error.clone_from(&end.error);
        !self.ended || *self != before
    }

    /// What asking has cost.
    pub fn paid(&mut self, cost: RequestCost) {
        self.cost += cost;
    }

    /// Something to notice, said once.
    pub fn warn(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.warnings.contains(&what) {
            self.warnings.push(what);
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
        let n = self.n;
        self.n += 1;
        // Of a run whose first event did not say it nobody knows any more.
        self.started_at = self.started_at.or_else(|| (n == 0).then_some(at));
        self.ended = matches!(kind, RunEventKind::Finished | RunEventKind::Failed);
        self.error.clone_from(&error);
        let RunMeta { run, dataset, source, catalogue, captured_at } = self.meta.clone();
        RunEvent {
            run,
            dataset,
            source,
            catalogue,
            captured_at,
            event: kind,
            n,
            instance: instance.to_owned(),
            at,
            started_at: self.started_at,
            pages_planned: self.planned,
            pages_got: self.got.iter().copied().collect(),
            pages_failed: self
                .failed
                .iter()
                .map(|(page, reason)| FailedPage { page: *page, reason: *reason })
                .collect(),
            replays_got: self.replays.iter().cloned().collect(),
            bodies_got: self.brought.clone(),
            bodies_dead: self.dead.iter().cloned().collect(),
            rows: self.rows,
            census: self.census.clone(),
            retries: self.cost.retries,
            waited_ms: u64::try_from(self.cost.waited.as_millis()).unwrap_or(u64::MAX),
            warnings: self.warnings.clone(),
            released: false,
            taken_over: self.taken_over,
            error,
        }
    }
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
        let told = here.event(end.event, "b", DateTime::UNIX_EPOCH, end.error.clone());
        assert_eq!(RunEvent { instance: end.instance.clone(), ..told }, end);
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
        fn the_last_event_tells_the_whole_story(steps in proptest::collection::vec((1u32..6, any::<bool>()), 0..20), planned in 0u32..6) {
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
