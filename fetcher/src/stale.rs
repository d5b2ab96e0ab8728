//! Runs that nobody works on any more, and whose slot is over or whose source is not requested any more: they end as what they
//! are, so that none stays under way for ever.

use std::{collections::HashSet, ops::ControlFlow, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_runs::{Ledger, LedgerError, RunMeta};
use kansoku_schemas::{Dataset, RunEvent, RunEventKind};

/// How far back they are looked for.
const BACK: TimeDelta = TimeDelta::days(9);
/// So many heartbeats of silence, by the calendar: more than a lease needs, since calendars differ. A holder that is alive
/// all the same finds its run taken and leaves it.
const SILENT: u32 = 10;

/// Why nobody will go on with a run, by its newest event; `is_requested` says whether its source still is.
fn stale(
    event: &RunEvent,
    slot: DateTime<Utc>,
    silent_since: DateTime<Utc>,
    is_requested: bool,
) -> Option<&'static str> {
    let why = if !is_requested {
        "its source is not asked any more"
    } else if event.captured_at < slot {
        "its slot was over before its pages came"
    } else {
        return None;
    };
    (!event.has_ended() && (event.released || event.at < silent_since)).then_some(why)
}

/// Ends the runs of a list that were left before this slot, or by a source that is none of these. Returns how many missed their
/// slot: they are captures that failed, though nobody saw their end.
pub(crate) async fn end_stale(
    ledger: &Ledger,
    now: DateTime<Utc>,
    dataset: Dataset,
    slot: DateTime<Utc>,
    heartbeat: Duration,
    sources: &[&str],
) -> Result<usize, LedgerError> {
    let silence = TimeDelta::from_std(heartbeat * SILENT).unwrap_or(TimeDelta::MAX);
    let silent_since = now - silence;
    let (mut known, mut left) = (HashSet::new(), Vec::new());
    let looking = ledger.look_back(dataset, slot - BACK, |event| {
        // The newest event of a run comes first.
        let newest = known.insert(event.run);
        let is_requested = sources.contains(&event.source.as_str());
        if let Some(why) = stale(event, slot, silent_since, is_requested).filter(|_| newest) {
            left.push((event.clone(), why));
        }
        ControlFlow::Continue(())
    });
    looking.await?;
    let mut missed = 0;
    for (event, why) in left {
        let RunEvent { run, dataset, captured_at, .. } = event;
        let mut open = ledger.open(RunMeta::of(&event)).await?;
        let kind = if open.state.has_any() { RunEventKind::Finished } else { RunEventKind::Failed };
        tracing::warn!(%dataset, %run, "ending the capture of {dataset} from {captured_at}: {why}");
        match ledger.append(&mut open, kind, Some(why.to_owned())).await {
            Ok(()) => missed += usize::from(captured_at < slot),
            // Another process has just appended an event.
            Err(LedgerError::Taken { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(missed)
}

#[cfg(test)]
mod tests {
    use kansoku_runs::RunState;

    use super::*;

    #[test]
    fn only_what_was_left_before_the_slot_or_by_a_source_that_is_gone_is_stale() {
        let at = |hour: u32| format!("2026-11-23T{hour:02}:00:00Z").parse::<DateTime<Utc>>().unwrap();
        let event = |kind, captured: u32, appended: u32| {
            let run = kansoku_schemas::RunId::scheduled("s", &Dataset::TopScore, at(captured));
            let catalogue = kansoku_schemas::Catalogue::Sample;
            let (source, captured_at) = ("s".to_owned(), at(captured));
            let meta = RunMeta { run, dataset: Dataset::TopScore, source, catalogue, captured_at };
            RunState::new(meta).event(kind, "a", at(appended), None)
        };
        let left = |event: &RunEvent, is_requested| super::stale(event, at(12), at(14), is_requested);
        let stale = |event: &RunEvent| left(event, true).is_some();
        assert!(stale(&event(RunEventKind::Progress, 3, 5)));
        assert!(!stale(&event(RunEventKind::Progress, 3, 14)), "another process has just appended it");
        assert!(stale(&RunEvent { released: true, ..event(RunEventKind::Progress, 3, 14) }));
        assert!(!stale(&event(RunEventKind::Progress, 12, 13)), "of this slot");
        assert!(!stale(&event(RunEventKind::Finished, 3, 5)));
        let gone = |kind, appended| left(&event(kind, 12, appended), false);
        assert_eq!(gone(RunEventKind::Progress, 13), Some("its source is not asked any more"));
        assert_eq!(gone(RunEventKind::Progress, 14), None, "another process has just appended it");
        assert_eq!(gone(RunEventKind::Finished, 13), None);
    }
}
