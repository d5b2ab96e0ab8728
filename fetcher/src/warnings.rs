//! What is odd about a capture, compared with the ones before it.
//!
//! Every HTTP answer can be a 200 while the data are wrong: a list stuck at 75 rows for weeks, an upcoming list without a
//! title, genres cut off after twelve. None of that stops a run; all of it is noted.

use std::{cmp::Reverse, ops::ControlFlow};

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_runs::{Ledger, LedgerError, RunMeta};
use kansoku_schemas::{Dataset, RunEvent, RunEventKind};

/// How many captures before are compared with, and how old they may be.
const LOOKED_BACK: usize = 7;
const COMPARED: TimeDelta = TimeDelta::days(60);
/// Below this share of the usual number of rows a capture has few.
const FEW: f64 = 0.6;
/// MyAnimeList has had more genres, themes and demographics than this for years (78 in 2026-05).
const LEAST_GENRES: u64 = 40;

/// The oddities of a run that is about to end. `earlier` are the last ended captures of the same list from the same
/// source, the newest first.
pub(crate) fn warnings(run: &RunEvent, earlier: &[RunEvent]) -> Vec<String> {
    let mut found = Vec::new();
    let all_came = run.pages_failed.is_empty();
    if let Some(usual) = median(earlier)
        && all_came
        && (run.rows as f64) < FEW * usual
    {
        found.push(format!(
            "few rows: {}, where {usual:.0} is the median of the last {} captures",
            run.rows,
            earlier.len()
        ));
    }
    let announces = matches!(run.dataset, Dataset::TopUpcoming | Dataset::SeasonUpcoming);
    if announces && run.rows == 0 && !run.pages_got.is_empty() {
        found.push("empty list: an upstream without any announced title has lost them".to_owned());
    }
    if run.dataset == Dataset::Genres && all_came && run.rows < LEAST_GENRES {
        found.push(format!("few genres: {}, where {LEAST_GENRES} are the least", run.rows));
    }
    if let Some(before) = earlier.first()
        && let (Some(now), Some(same)) = (&run.census, &before.census)
        && !now.digests.is_empty()
        && now.digests == same.digests
    {
        found.push(format!("same bytes: every page is the one captured at {}", before.captured_at));
    }
    found
}

/// The last ended captures of the same list from the same source, the newest first.
pub(crate) async fn earlier(
    ledger: &Ledger,
    meta: &RunMeta,
    now: DateTime<Utc>,
) -> Result<Vec<RunEvent>, LedgerError> {
    let mut found: Vec<RunEvent> = Vec::new();
    let visit = |event: &RunEvent| {
        let same = event.catalogue == meta.catalogue && event.source == meta.source && event.run != meta.run;
        let is_finished = event.event == RunEventKind::Finished;
        if same && is_finished && found.iter().all(|known| known.run != event.run) {
            found.push(event.clone());
        }
        if found.len() < LOOKED_BACK { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    ledger.look_back(meta.dataset, now - COMPARED, visit).await?;
    found.sort_by_key(|run| Reverse(run.captured_at));
    Ok(found)
}

fn median(earlier: &[RunEvent]) -> Option<f64> {
    let mut rows: Vec<u64> = earlier.iter().map(|run| run.rows).collect();
    rows.sort_unstable();
    let middle = rows.len() / 2;
    match rows.len() {
        0 => None,
        even if even % 2 == 0 => Some((rows[middle - 1] + rows[middle]) as f64 / 2.0),
        _ => Some(rows[middle] as f64),
    }
}

#[cfg(test)]
mod tests {
    use kansoku_runs::RunState;
    use kansoku_schemas::{Catalogue, Census, FailedPage, Reason, RunId};

    use super::*;

    fn run(dataset: Dataset, rows: u64, digest: Option<&str>) -> RunEvent {
        let captured_at = DateTime::UNIX_EPOCH;
        let (run, source) = (RunId::scheduled("s", &dataset, captured_at), "s".to_owned());
        let mut state =
            RunState::new(RunMeta { run, dataset, source, catalogue: Catalogue::Mal, captured_at });
        state.got(1, 0);
        let census = digest.map(|digest| Census { digests: [(1, digest.to_owned())].into() });
        RunEvent { rows, census, ..state.event(RunEventKind::Finished, "i", captured_at, None) }
    }

    /// What stands before the colon of each warning.
    fn codes(run: &RunEvent, earlier: &[RunEvent]) -> Vec<String> {
        let found = warnings(run, earlier).into_iter();
        found.map(|words| words.split(':').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_list_that_shrank_is_seen_by_the_median() {
        let usual: Vec<_> = [500, 500, 75, 490, 510].map(|rows| run(Dataset::TopScore, rows, None)).into();
        assert_eq!(codes(&run(Dataset::TopScore, 299, None), &usual), ["few rows"]);
        assert!(codes(&run(Dataset::TopScore, 300, None), &usual).is_empty());
        assert!(codes(&run(Dataset::TopScore, 1, None), &[]).is_empty(), "the first one has no measure");
        let failed = vec![FailedPage { page: 2, reason: Reason::UpstreamError }];
        let cut = RunEvent { pages_failed: failed, ..run(Dataset::TopScore, 25, None) };
        assert!(codes(&cut, &usual).is_empty(), "pages that failed say why themselves");
    }

    #[test]
    fn an_empty_upcoming_list_and_few_genres_need_no_history() {
        assert_eq!(codes(&run(Dataset::TopUpcoming, 0, None), &[]), ["empty list"]);
        assert!(codes(&run(Dataset::TopAiring, 0, None), &[]).is_empty());
        assert_eq!(codes(&run(Dataset::Genres, 12, None), &[]), ["few genres"]);
        assert!(codes(&run(Dataset::Genres, 40, None), &[]).is_empty());
    }

    #[test]
    fn the_same_bytes_as_before_are_noted() {
        let before = [run(Dataset::TopScore, 100, Some("aa"))];
        assert_eq!(codes(&run(Dataset::TopScore, 100, Some("aa")), &before), ["same bytes"]);
        assert!(codes(&run(Dataset::TopScore, 100, Some("bb")), &before).is_empty());
        assert!(codes(&run(Dataset::TopScore, 100, None), &before).is_empty());
    }
}
