//! `fetcher probe`.

use std::{fmt::Write as _, sync::Arc};

use anyhow::{Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use kansoku_schemas::{Dataset, Judge, PageVerdict};
use kansoku_service::{Context, count};
use serde::Serialize;

use super::common;
use crate::{
    cli::Probe as What,
    metrics::Metrics,
    settings::{Settings, Upstream},
    upstream::{self, Client, breaker::Gate, classes::Class, path, probe::Asked},
};

/// The page that is asked for.
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

/// Asks every base URL for one page and says how it stands.
///
/// # Errors
/// When none of them gives a page that passes the schemas.
pub async fn probe(context: Context<Settings>, what: What) -> Result<()> {
    for upstream in &context.config.upstream {
        upstream.check_contact(&context.config.client)?;
    }
    let judge = Judge::embedded();
    let metrics = Metrics::register(&context.metrics);
    let shared = upstream::Shared::new(
        context.config.redis.url.expose(),
        Arc::clone(&context.clock),
        context.health.optional("redis"),
    )?;
    let shared = Arc::new(shared);
    let mut reports = Vec::new();
    let mut alone = false;
    for upstream in &context.config.upstream {
        let common = common(&context, Arc::clone(&shared), metrics.clone(), false);
        let client = Client::new(&context.config.client, &context.config.limits, upstream.clone(), common)?;
        let asking = report(&client, upstream, &judge, context.clock.now());
        let Some(report) = context.stop.run_until(asking).await else { bail!("stopped") };
        alone |= client.is_alone();
        reports.push(report);
    }
    let text = if what.json { lines(&reports)? } else { words(&reports, alone) };
    kansoku_service::print(&text)?;
    if reports.iter().all(|report| !report.fine) {
        bail!("no base URL gives a page that passes the schemas");
    }
    Ok(())
}

async fn report(client: &Client, upstream: &Upstream, judge: &Judge, now: DateTime<Utc>) -> Report {
    // Its first page is there for every list.
    let path = path(DATASET, 1).unwrap_or_default();
    let probe = client.probe(&path).await;
    let limits = client.limits();
    // An upstream on this machine may have but a pause between two requests.
    let windows = limits.windows.iter().zip(&probe.used.windows).filter_map(|(window, used)| {
        let per = match window.length.as_secs() {
            60 => "minute",
            1 => "second",
            _ => return None,
        };
        let of = window.count.into();
        Some(Left { per, left: u64::from(window.count).saturating_sub(*used), of })
    });
    let day = limits.day.map(|most| Left { per: "day", left: most.saturating_sub(probe.used.day), of: most });
    let (mut status, mut latency_ms, mut fine) = (None, None, false);
    let page = match probe.asked {
        Asked::Not { .. } => "not asked: it is left alone".to_owned(),
        Asked::Failed { class, why } => format!("none: {} ({why})", class.row().name),
        Asked::Answer { status: code, took, class, stranger, body } => {
            status = Some(code);
            latency_ms = u64::try_from(took.as_millis()).ok();
            let (passes, words) = verdict(judge, class, stranger.as_deref(), upstream, &body);
            fine = passes;
            words
        }
    };
    Report {
        url: upstream.url.clone(),
        source: upstream.source.clone(),
        fine,
        status,
        latency_ms,
        left: windows.chain(day).collect(),
        breaker: match probe.standing.breaker.gate(now) {
            Gate::Open(_) => "open",
            gate => gate.name(),
        },
        failures: probe.standing.breaker.failures,
        cooling: match (probe.standing.breaker.gate(now), probe.standing.cooling) {
            (_, Some(cooling)) => Some((cooling.until, cooling.why)),
            (Gate::Open(until), None) => Some((until, "failures in a row".to_owned())),
            _ => None,
        },
        page,
    }
}

/// Whether a body passes whole, in words.
fn verdict(
    judge: &Judge,
    class: Class,
    stranger: Option<&str>,
    upstream: &Upstream,
    body: &[u8],
) -> (bool, String) {
    if let Some(stranger) = stranger {
        return (false, format!("of {stranger}, and the configuration calls it {}", upstream.source));
    }
    if class != Class::Page {
        return (false, format!("none: {}", class.row().name));
    }
    match judge.page(&DATASET, body) {
        PageVerdict::Dead(rejection) => {
            (false, format!("refused: {} ({})", rejection.message, rejection.reason))
        }
        PageVerdict::Judged(judged) => {
            let all = judged.rows.len();
            let bad: Vec<_> = judged.rows.iter().filter_map(|row| row.outcome.as_ref().err()).collect();
            match bad.first() {
                None if all == 1 => (true, "its one row passes".to_owned()),
                None => (true, format!("all {all} rows pass")),
                Some(first) => {
                    let (passed, rows) = (all - bad.len(), count(all as u64, "row"));
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

fn words(reports: &[Report], alone: bool) -> String {
    let mut text = String::new();
    for report in reports {
        let reached = match (report.status, report.latency_ms) {
            (Some(status), Some(latency)) => format!("reachable, status {status} after {latency} ms"),
            _ if report.cooling.is_some() => "not asked".to_owned(),
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
    if alone {
        text += "Redis does not answer: what other processes have asked for is not counted here.\n";
    }
    text
}
