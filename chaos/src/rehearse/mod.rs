//! One incident from its trigger to its end, really run: the sample's upstream changes a field, the alert arrives in the place
//! of Slack, the runbook's commands are typed, the rows come back. Everything is written down with its time.

mod installation;
mod recording;

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use kansoku_observability::Recording as Recorded;
use kansoku_service::{Clock, SystemClock};
use kansoku_stack::{tools, until};

use self::{
    installation::{Installation, copy},
    recording::{Budget, Recording},
};
use crate::{probe::Probe, prometheus::Prometheus};

/// Five minutes are 25 seconds.
const WINDOWS_CUT: u64 = 12;
/// Days of history, so that the ledger has something to say.
const DAYS: u32 = 5;
/// What is expected to fire, and for what.
const ALERT: &str = "DeadLettersArrive";
const FILTER: &str = "path:/aired/from";
const SCHEMA: &str = "anime.v1.json";
/// How long it may take to fire, and to resolve.
const LIMIT: Duration = Duration::from_secs(120);
/// How long readers ask before anything happens: longer than the first windows need.
const QUIET: TimeDelta = TimeDelta::seconds(30);

/// Runs it, and writes what was recorded into `file`. Returns the timeline for a person.
///
/// # Errors
/// A step of it does not come to its end: the rehearsal failed.
pub async fn run(file: &Path) -> Result<String> {
    println!("starting an installation of its own, and what watches it …");
    let here = Installation::start(DAYS, WINDOWS_CUT).await?;
    let mut recording = Recording::new(
        "A rehearsal, written by `make rehearse`: an installation of its own with the sample's upstream. Nobody was hit.",
        WINDOWS_CUT,
    );
    let probe = Probe::start(here.ports.query_api);
    let before = here.kansoku(&mut recording, &["ledger"])?;
    recording.ledgers.push(last_lines(&before));
    quiet(&here).await?;

    let began = SystemClock.now();
    let answered = probe.answers();
    println!("the upstream changes a field …");
    here.stack(&["incident"])?;
    recording.note(
        began,
        "upstream",
        "trigger: /aired/from is a plain date in one row of five; top.members is captured",
        "",
    );
    recording.note(SystemClock.now(), "rehearsal", "100 rows are dead letters in DLQ", "");
    told(&here, "TICKET").await?;
    let (since, summary) = here.alerted(ALERT).await.context("Alertmanager does not know the alert")?;
    recording.note(since, "prometheus", format!("detected: {ALERT} fires: {summary}"), "");

    println!("it is told; the runbook's commands are typed …");
    mend(&here, &mut recording).await?;
    println!("waiting until the alert resolves …");
    told(&here, "RESOLVED").await?;
    let after = here.kansoku(&mut recording, &["ledger"])?;
    recording.ledgers.push(last_lines(&after));
    here.kansoku(&mut recording, &["doctor"])?;
    let ended = SystemClock.now();

    recording.count(probe.answers().since(answered));
    let prometheus = here.prometheus();
    states(prometheus, began, ended, &mut recording).await?;
    recording.budgets = budgets(prometheus, began, ended).await?;
    for message in here.messages()? {
        let what = format!("told in {}: {}", message.channel, message.title);
        recording.note(message.at, "slack", what, &message.text);
    }
    recording.events.sort_by_key(|event| event.at);
    let text = serde_json::to_string_pretty(&recording).context("write the recording as JSON")?;
    std::fs::write(file, text + "\n").with_context(|| format!("write {}", file.display()))?;
    Ok(recording.table())
}

/// Waits until nothing has fired for a while but what says nothing here.
async fn quiet(here: &Installation) -> Result<()> {
    let from = SystemClock.now();
    let is_quiet = || async {
        let now = SystemClock.now();
        let firing = "count(ALERTS{alertstate=\"firing\", alertname!~\"Watchdog|DiskNearlyFull\"})";
        now - from > QUIET && matches!(here.prometheus().number(firing, now).await, Ok(None))
    };
    until("a quiet start", LIMIT, is_quiet).await
}

/// Waits until a message about the alert came.
async fn told(here: &Installation, state: &str) -> Result<()> {
    let title = format!("{state} {ALERT}");
    let came = || async {
        here.messages().is_ok_and(|messages| messages.iter().any(|message| message.title.starts_with(&title)))
    };
    until(&format!("the message {title}"), LIMIT, came).await
}

/// What the runbook says: look, note who takes it, try the corrected schema, deploy it, plan, replay, verify.
async fn mend(here: &Installation, recording: &mut Recording) -> Result<()> {
    let groups = here.kansoku(recording, &["dlq", "groups"])?;
    let group = groups.lines().find(|line| line.contains("/aired/from"));
    let group = group.and_then(|line| line.split_whitespace().next()).context("no group of this fault")?;
    let during = here.kansoku(recording, &["ledger"])?;
    recording.ledgers.push(last_lines(&during));
    here.kansoku(
        recording,
        &["dlq", "group", group, "--note", "plain dates since this capture", "--owner", "hands"],
    )?;
    let (corrected, deployed) =
        (here.data(&format!("incident/{SCHEMA}")), here.data(&format!("schemas/{SCHEMA}")));
    let schema = corrected.display().to_string();
    here.kansoku(recording, &["dlq", "dry-run", FILTER, "--schema", &schema])?;
    let known = here.log("replayer").matches("the schemas have changed").count();
    copy(&corrected, &deployed)?;
    recording.note(SystemClock.now(), "hands", format!("`cp .data/incident/{SCHEMA} .data/schemas/`"), "");
    let is_taken = || async { here.log("replayer").matches("the schemas have changed").count() > known };
    until("the schema to be taken up", LIMIT, is_taken).await?;
    recording.note(SystemClock.now(), "replayer", "log: the schemas have changed", "");
    let plan = here.kansoku(recording, &["dlq", "plan", FILTER, "state:open"])?;
    let id = plan.split_once("dlq replay ").and_then(|(_, rest)| rest.split_whitespace().next());
    let id = id.context("the plan has nothing to replay")?.to_owned();
    let replayed =
        here.kansoku(recording, &["dlq", "replay", &id, "--reason", "upstream sends plain dates", "--yes"])?;
    ensure!(replayed.contains("97 resolved"), "the replay brought back something else: {replayed}");
    recording.note(SystemClock.now(), "rehearsal", "mitigated: 97 rows are in the charts again", "");
    here.kansoku(recording, &["dlq", "groups"])?;
    Ok(())
}

/// When each alert was pending and fired, as Prometheus recorded it.
async fn states(
    prometheus: Prometheus,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    recording: &mut Recording,
) -> Result<()> {
    // At whole seconds, as the samples are.
    let from = from.trunc_subsecs(0);
    for series in prometheus.range("ALERTS{alertname!~\"Watchdog|DiskNearlyFull\"}", from, to).await? {
        let label = |name: &str| series.labels.get(name).cloned().unwrap_or_default();
        let (name, state) = (label("alertname"), label("alertstate"));
        let at = |point: Option<&(f64, f64)>| {
            point.and_then(|(at, _)| DateTime::from_timestamp_millis((at * 1e3) as i64))
        };
        if let (Some(first), Some(last)) = (at(series.values.first()), at(series.values.last())) {
            let what = format!("ALERTS: {name} {state} until {}", last.format("%H:%M:%S"));
            recording.note(first, "prometheus", what, "");
        }
    }
    Ok(())
}

/// What each objective counted, by its own rules, over this time.
async fn budgets(prometheus: Prometheus, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Budget>> {
    let rules = Recorded::read(&tools::root().join("observability"))?;
    let seconds = (to - from).num_seconds().max(1);
    let over = |expr: &str| expr.replace("rate(", "increase(").replace("[5m]", &format!("[{seconds}s]"));
    let mut budgets = Vec::new();
    for slo in ["availability", "latency", "captures", "freshness"] {
        let rule = |record: &str| {
            let mut rules = rules.groups.iter().flat_map(|group| &group.rules);
            let is_it = |label: Option<&String>| label.is_some_and(|label| label == slo);
            rules
                .find(|rule| rule.record == record && is_it(rule.labels.get("slo")))
                .map(|rule| over(&rule.expr))
                .with_context(|| format!("find {record} of {slo}"))
        };
        let number = async |record: &str| -> Result<f64> {
            Ok(prometheus.number(&rule(record)?, to).await?.unwrap_or_default())
        };
        let objective = number("slo:objective").await?;
        let (requests, errors) = (number("slo:requests:rate5m").await?, number("slo:errors:rate5m").await?);
        budgets.push(Budget::new(slo, objective, requests.round(), errors.round(), seconds as f64));
    }
    Ok(budgets)
}

/// What a ledger says in the end.
fn last_lines(ledger: &str) -> String {
    let lines: Vec<_> = ledger.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(2)..].join("; ")
}
