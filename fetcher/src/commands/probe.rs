//! `fetcher probe`.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use anyhow::{Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use kansoku_schemas::{Dataset, Judge};
use kansoku_service::{Context, count};
use serde::Serialize;

use super::{common, streams};
use crate::{
    cli::Probe as Arguments,
    metrics::Metrics,
    settings::Settings,
    upstream::{
        Client, Store, Upstream,
        classes::Class,
        probe::{Probe, ProbeResult},
    },
};

/// How long NATS may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The page that is requested.
const DATASET: Dataset = Dataset::TopScore;

/// What is said of one base URL.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Report {
    url: String,
    source: String,
    /// Whether it gave a page that passes whole.
    fine: bool,
    status: Option<u16>,
    latency_ms: Option<u64>,
    /// Each limit: what is left of what there is.
    left: Vec<Left>,
    breaker: &'static str,
    failures: u32,
    /// Until when it is left alone, and why.
    cooling: Option<(DateTime<Utc>, String)>,
    page: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Left {
    per: &'static str,
    left: u64,
    of: u64,
}

/// Requests one page of every base URL and prints its state.
///
/// # Errors
/// When none of them gives a page that passes.
pub async fn probe(context: Context<Settings>, what: Arguments) -> Result<()> {
    for upstream in &context.config.upstream {
        upstream.check_contact(&context.config.client)?;
    }
    let judge = Judge::embedded();
    let metrics = Metrics::register(&context.metrics);
    // Before anything is started a person may want to know whether there is an upstream at all.
    let (nats, user) = (&context.config.nats, "fetcher");
    let client = kansoku_nats::Client::connect_soon(nats, user, &context, PATIENCE).await.ok();
    let is_alone = client.is_none();
    let streams = client.map(|client| streams(&context, client, PATIENCE));
    let store = || streams.clone().map_or_else(Store::local, Store::Shared);
    let mut reports = Vec::new();
    for upstream in &context.config.upstream {
        let common = common(&context, store(), Arc::clone(&context.clock), metrics.clone(), false);
        let client = Client::new(&context.config.client, &context.config.limits, upstream.clone(), common)?;
        let probing = report(&client, upstream, &judge);
        let Some(report) = context.stop.run_until(probing).await else { bail!("stopped") };
        reports.push(report?);
    }
    let text = if what.json { lines(&reports)? } else { words(&reports, is_alone) };
    kansoku_service::print(&text)?;
    if reports.iter().all(|report| !report.fine) {
        if reports.iter().all(|report| report.cooling.is_some()) {
            bail!("no base URL was requested: each is left alone, until when and why stands above");
        }
        bail!("no base URL gives a page that passes; what is wrong with each stands above");
    }
    Ok(())
}

async fn report(client: &Client, upstream: &Upstream, judge: &Judge) -> Result<Report> {
    // Its first page is there for every list.
    let path = DATASET.path(1).unwrap_or_default();
    let Probe { before, after, at, result } = client.probe(&path).await?;
    let limits = client.limits();
    let windows = limits.windows.iter().map(|window| {
        let per = if window.length.as_secs() == 60 { "minute" } else { "second" };
        let of = window.count.into();
        Left { per, left: u64::from(window.count).saturating_sub(after.used(window.length, at)), of }
    });
    let day = limits.day.map(|of| Left { per: "day", left: of.saturating_sub(after.day(at)), of });
    let (mut status, mut latency_ms, mut fine) = (None, None, false);
    let page = match result {
        ProbeResult::NotSent => "not requested: it is left alone".to_owned(),
        ProbeResult::Failed { class, why } => format!("none: {} ({why})", class.row().name),
        ProbeResult::Answer { status: code, took, class, mismatch, body } => {
            status = Some(code);
            latency_ms = u64::try_from(took.as_millis()).ok();
            let (passes, words) = verdict(judge, class, mismatch.as_deref(), upstream, &body);
            fine = passes;
            words
        }
    };
    Ok(Report {
        url: upstream.url.clone(),
        source: upstream.source.clone(),
        fine,
        status,
        latency_ms,
        left: windows.chain(day).collect(),
        breaker: before.breaker(at).1,
        failures: before.failures(),
        cooling: before.unavailable_until(at).map(|(until, cause)| (until, cause.to_string())),
        page,
    })
}

/// Whether a body passes whole, in words.
fn verdict(
    judge: &Judge,
    class: Class,
    mismatch: Option<&str>,
    upstream: &Upstream,
    body: &[u8],
) -> (bool, String) {
    if let Some(mismatch) = mismatch {
        return (false, format!("of {mismatch}, and the configuration calls it {}", upstream.source));
    }
    if class != Class::Page {
        return (false, format!("none: {}", class.row().name));
    }
    match judge.page(&DATASET, body) {
        Err(rejection) => (false, format!("refused: {} ({})", rejection.message, rejection.reason)),
        Ok(judged) => {
            let (all, passed) = (judged.received(), judged.rows.len());
            match judged.rejected.first().map(|row| &row.rejection) {
                None if all == 1 => (true, "its one row passes".to_owned()),
                None => (true, format!("all {all} rows pass")),
                Some(first) => {
                    let rows = count(all as u64, "row");
                    let pass = if all == 1 { "passes" } else { "pass" };
                    (false, format!("{passed} of {rows} {pass}; {}: {}", first.pointer, first.message))
                }
            }
        }
    }
}

fn lines(reports: &[Report]) -> Result<String> {
    let lines: Result<Vec<String>, _> = reports.iter().map(serde_json::to_string).collect();
    Ok(lines?.into_iter().map(|line| line + "\n").collect())
}

fn words(reports: &[Report], is_alone: bool) -> String {
    let mut text = String::new();
    for report in reports {
        let reached = match (report.status, report.latency_ms) {
            (Some(status), Some(latency)) => format!("reachable, status {status} after {latency} ms"),
            _ if report.cooling.is_some() => "not requested".to_owned(),
            _ => "not reachable".to_owned(),
        };
        let left: Vec<String> =
            report.left.iter().map(|Left { per, left, of }| format!("{left} of {of} a {per}")).collect();
        let failures = match report.failures {
            0 => String::new(),
            failures => format!(", {} in a row", count(failures.into(), "failure")),
        };
        let cooling = report.cooling.as_ref().map_or("no cool-down".to_owned(), |(until, why)| {
            format!("left alone until {} ({why})", until.to_rfc3339_opts(SecondsFormat::Secs, true))
        });
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "{}  (source {})\n    {reached}\n    left: {}\n    breaker {}{failures}; {cooling}\n    page: {}\n",
            report.url,
            report.source,
            if left.is_empty() { "no limit is set for it".to_owned() } else { left.join(", ") },
            report.breaker,
            report.page,
        );
    }
    if is_alone {
        text += "NATS does not answer: what other processes have requested is not counted here.\n";
    }
    text
}
