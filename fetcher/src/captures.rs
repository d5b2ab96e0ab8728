//! How the captures of a list went, as RUN tells it, whoever made them: every fetcher shows the same.

use std::{
    collections::{BTreeMap, HashMap},
    ops::ControlFlow,
};

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_runs::{Ledger, LedgerError};
use kansoku_schemas::{Catalogue, Dataset, RunEvent, RunId};

use crate::upstream::Upstream;

/// How far back runs are looked for: three weekly ones are in it.
const BACK: TimeDelta = TimeDelta::days(22);

/// How the captures of a list went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Captures {
    /// When the last complete one ended, where there is any.
    pub complete_at: Option<DateTime<Utc>>,
    /// How many since missed pages; of several base URLs the one that missed most often counts.
    pub missed: u32,
}

impl Captures {
    /// Reads how the captures of a list went until `now`, from these base URLs and by anybody else.
    pub(crate) async fn read(
        ledger: &Ledger,
        dataset: Dataset,
        upstreams: &[Upstream],
        now: DateTime<Utc>,
    ) -> Result<Self, LedgerError> {
        let configured = upstreams.iter().map(|upstream| (upstream.source.as_str(), upstream.catalogue));
        let mut runs = Runs { configured: configured.collect(), since: now - BACK, ..Runs::default() };
        let looking = ledger.look_back(dataset, runs.since, |event| {
            runs.note(event);
            ControlFlow::Continue(())
        });
        looking.await?;
        Ok(runs.captures())
    }
}

/// What was seen of runs.
#[derive(Debug, Default)]
struct Runs<'a> {
    configured: HashMap<&'a str, Catalogue>,
    /// Captures before this say nothing, however late their event is written: an import brings old ones.
    since: DateTime<Utc>,
    /// When each that is complete was captured, and when it was so first.
    complete: HashMap<RunId, (DateTime<Utc>, DateTime<Utc>)>,
    missed: HashMap<RunId, (String, DateTime<Utc>)>,
}

impl Runs<'_> {
    /// Takes events, the newest first.
    fn note(&mut self, event: &RunEvent) {
        let RunEvent { run, source, catalogue, captured_at, at, .. } = event;
        let is_ours = self.configured.contains_key(source.as_str());
        if *captured_at < self.since {
        } else if event.is_complete() && self.configured.values().any(|ours| ours == catalogue) {
            // What others bring is as old as its capture: an import tells of it later. One that brings a run of ours again
            // is not when it was complete first.
            let complete_at = if is_ours { *at } else { *captured_at };
            self.complete.insert(*run, (*captured_at, complete_at));
        } else if event.has_ended() && is_ours {
            self.missed.insert(*run, (source.clone(), *captured_at));
        }
    }

    fn captures(&self) -> Captures {
        let last_complete = self.complete.values().map(|(captured_at, _)| *captured_at).max();
        let complete_at = self.complete.values().map(|(_, complete_at)| *complete_at).max();
        let mut missed = BTreeMap::<&str, u32>::new();
        for (source, captured_at) in self.missed.values() {
            if Some(*captured_at) > last_complete {
                *missed.entry(source).or_default() += 1;
            }
        }
        Captures { complete_at, missed: missed.into_values().max().unwrap_or(0) }
    }
}

#[cfg(test)]
mod tests {
    use kansoku_runs::{RunMeta, RunState};
    use kansoku_schemas::RunEventKind;

    use super::*;

    fn at(day: u32, hour: u32) -> DateTime<Utc> {
        format!("2026-11-{day:02}T{hour:02}:00:00Z").parse().unwrap()
    }

    /// A run of two pages, which ended two hours after its capture began.
    fn run(source: &str, day: u32, pages: &[u32]) -> RunEvent {
        let (dataset, captured_at) = (Dataset::TopScore, at(day, 0));
        let run = RunId::scheduled(source, &dataset, captured_at);
        let source = source.to_owned();
        let meta = RunMeta { run, dataset, source, catalogue: Catalogue::Mal, captured_at };
        let mut state = RunState::new(meta);
        state.planned = Some(2);
        pages.iter().for_each(|page| state.got(*page, 25));
        state.event(RunEventKind::Finished, "any", at(day, 2), None)
    }

    fn captures(events: impl IntoIterator<Item = RunEvent>) -> (Option<DateTime<Utc>>, u32) {
        let configured = [("a", Catalogue::Mal), ("b", Catalogue::Mal)].into();
        let mut runs = Runs { configured, since: at(2, 0), ..Runs::default() };
        events.into_iter().for_each(|event| runs.note(&event));
        let Captures { complete_at, missed } = runs.captures();
        (complete_at, missed)
    }

    #[test]
    fn what_missed_pages_counts_since_the_last_complete_capture() {
        let (whole, half) = (&[1, 2][..], &[1][..]);
        assert_eq!(captures([]), (None, 0));
        assert_eq!(captures([run("a", 5, half), run("a", 4, half), run("a", 3, whole)]), (Some(at(3, 2)), 2));
        assert_eq!(captures([run("a", 5, whole), run("a", 4, half)]), (Some(at(5, 2)), 0));
        let again = RunEvent { at: at(5, 9), ..run("a", 5, whole) };
        assert_eq!(captures([again, run("a", 5, half), run("a", 4, half)]), (Some(at(5, 9)), 0), "mended");
        let resumed = RunEvent { event: RunEventKind::Resumed, ..run("a", 5, half) };
        assert_eq!(captures([resumed, run("a", 5, half), run("a", 4, half)]), (None, 2), "a third try");
    }

    #[test]
    fn a_slot_that_no_base_url_could_fill_counts_once() {
        let missed = ["a", "b"].map(|source| run(source, 4, &[]));
        assert_eq!(captures(missed.clone()), (None, 1));
        assert_eq!(captures(missed.into_iter().chain([run("b", 5, &[1])])), (None, 2));
    }

    #[test]
    fn what_others_capture_mends_and_never_misses() {
        let missed = run("a", 4, &[1]);
        assert_eq!(captures([run("other", 5, &[1, 2]), missed.clone()]), (Some(at(5, 0)), 0));
        assert_eq!(captures([run("other", 5, &[1]), missed.clone()]), (None, 1));
        assert_eq!(captures([run("other", 3, &[1, 2]), missed.clone()]), (Some(at(3, 0)), 1), "an older one");
        assert_eq!(captures([run("other", 1, &[1, 2]), missed.clone()]), (None, 1), "one of long ago");
        let again = RunEvent { at: at(9, 0), ..run("a", 3, &[1, 2]) };
        assert_eq!(captures([again, run("a", 3, &[1, 2])]), (Some(at(3, 2)), 0), "an import with --again");
        let sample = RunEvent { catalogue: Catalogue::Sample, ..run("other", 5, &[1, 2]) };
        assert_eq!(captures([sample, missed]), (None, 1), "other titles");
    }
}
