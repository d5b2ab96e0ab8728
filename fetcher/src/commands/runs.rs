//! `fetcher runs`.

use std::{cmp::Reverse, collections::HashSet, fmt::Write, ops::ControlFlow, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use chrono::{DateTime, SecondsFormat};
use kansoku_runs::Ledger;
use kansoku_schemas::{RunEvent, RunEventKind};
use kansoku_service::Context;
use unicode_width::UnicodeWidthStr;

use super::connect_soon;
use crate::{about::about, cli::Runs, settings::Settings};

/// Prints the last runs, how complete they are, and what was odd about them.
pub async fn runs(context: Context<Settings>, what: Runs) -> Result<()> {
    let streams = connect_soon(&context).await?;
    let ledger = Ledger::new(streams, Arc::clone(&context.clock), context.instance.clone());
    let most = usize::try_from(what.limit).unwrap_or(usize::MAX);
    let mut known = HashSet::new();
    let mut runs: Vec<RunEvent> = Vec::new();
    let visit = |event: &RunEvent| {
        // The newest event of a run comes first, and tells the whole run.
        if known.insert(event.run) {
            runs.push(event.clone());
        }
        if runs.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let looked = match what.dataset {
        Some(dataset) => ledger.look_back(dataset, DateTime::UNIX_EPOCH, visit).await,
        None => ledger.look_back_over_all(visit).await,
    };
    looked.context("read the events on RUN")?;
    newest_first(&mut runs);
    let text = if what.json { lines(&runs)? } else { table(&runs) };
    Ok(kansoku_service::print(&text)?)
}

/// Events tell what was written last, which an import of old captures is.
fn newest_first(runs: &mut [RunEvent]) {
    runs.sort_by_key(|run| Reverse(run.captured_at));
}

fn lines(runs: &[RunEvent]) -> Result<String> {
    let lines: Result<Vec<String>, _> = runs.iter().map(serde_json::to_string).collect();
    Ok(lines?.into_iter().map(|line| line + "\n").collect())
}

fn table(runs: &[RunEvent]) -> String {
    if runs.is_empty() {
        return "No run yet; `fetcher once top.score` makes one.\n".to_owned();
    }
    let widest =
        |of: fn(&RunEvent) -> String| runs.iter().map(|run| of(run).width()).max().unwrap_or_default();
    let (dataset, source) = (widest(|run| run.dataset.to_string()), widest(|run| run.source.clone()));
    // Two columns are one character of a Japanese name.
    let padded = |name: &str| format!("{name}{:1$}", "", source.saturating_sub(name.width()));
    let mut text = format!(
        "{:20}  {:dataset$}  {}  {:10}  {:>9}  {:>7}\n",
        "captured",
        "dataset",
        padded("source"),
        "state",
        "pages",
        "rows"
    );
    for run in runs {
        let at = run.captured_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let planned = run.pages_planned.map_or_else(|| "?".to_owned(), |planned| planned.to_string());
        let pages = format!("{} of {planned}", run.pages_got.len());
        let (token, state) = (run.dataset.to_string(), state(run));
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "{at:20}  {token:dataset$}  {}  {state:10}  {pages:>9}  {:>7}",
            padded(&run.source),
            run.rows
        );
        if run.retries > 0 {
            let waited = about(Duration::from_millis(run.waited_ms));
            let _ = writeln!(text, "    retries: {}, waited {waited} in all", run.retries);
        }
        for failed in &run.pages_failed {
            let _ = writeln!(text, "    page {} is missing: {}", failed.page, failed.reason);
        }
        for note in run.warnings.iter().chain(&run.error) {
            let _ = writeln!(text, "    {note}");
        }
    }
    text
}

fn state(run: &RunEvent) -> &'static str {
    match run.event {
        RunEventKind::Finished if run.is_complete() => "complete",
        RunEventKind::Finished => "incomplete",
        RunEventKind::Failed => "failed",
        RunEventKind::Started | RunEventKind::Progress | RunEventKind::Resumed => "under way",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(source: &str, captured_at: &str) -> RunEvent {
        let text = serde_json::json!({
            "run": "0198d2b6-0000-7000-8000-000000000000", "dataset": "history", "source": source,
            "catalogue": "mal", "captured_at": captured_at, "event": "finished", "n": 1,
            "instance": "i", "at": "2026-11-23T12:00:00Z", "pages_planned": 1, "pages_got": [1],
            "pages_failed": [], "rows": 7, "warnings": [], "error": null,
        });
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn the_newest_capture_comes_first_whenever_it_was_written_down() {
        let mut runs =
            ["2026-11-21", "2026-11-23", "2026-11-22"].map(|day| run(day, &format!("{day}T12:00:00Z")));
        newest_first(&mut runs);
        assert_eq!(runs.map(|run| run.source), ["2026-11-23", "2026-11-22", "2026-11-21"]);
    }

    #[test]
    fn columns_stand_under_one_another_whatever_a_source_is_called() {
        let run = |source| run(source, "2026-11-23T12:00:00Z");
        let shown = table(&[run("csv:観測の記録"), run("csv:notes")]);
        let ends: Vec<usize> = shown.lines().map(UnicodeWidthStr::width).collect();
        assert_eq!(ends, [ends[0]; 3], "{shown}");
        assert!(shown.contains("  csv:観測の記録  complete"), "{shown}");
    }
}
