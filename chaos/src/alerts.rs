//! A Prometheus of its own that watches a stage by the repository's rules, with all windows cut.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use kansoku_service::{Clock, SystemClock};
use kansoku_stack::{
    child::{Child, Signal, Start},
    port, process, tools, until,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    collector::COLLECTOR,
    experiment::{Alert, Experiment},
    fault::SERVICES,
    prometheus::Prometheus,
    road::Road,
    stage::Stage,
};

/// None is shorter than it takes to see a change: some scrapes.
const SHORTEST: u64 = 4;
/// How long alerts may take to resolve when all is well.
const RESOLVE: Duration = Duration::from_secs(90);
const LIMIT: Duration = Duration::from_secs(20);
/// So many samples of the time before are seen in figures.
const WARM: u64 = 8;
/// What may fire whatever is done: the heartbeat, and what looks at the disk of this machine where servers have none of their own.
const ALWAYS: [&str; 2] = ["Watchdog", "DiskNearlyFull"];
/// `ALERTS{alertstate="firing"}`, as an address has it.
const FIRING: &str = "ALERTS%7Balertstate%3D%22firing%22%7D";

/// A running Prometheus; it ends with this value.
#[derive(Debug)]
pub struct Watch {
    port: u16,
    /// What says nothing here.
    ignored: Vec<&'static str>,
    /// Who is told of alerts, where that matters.
    pub road: Option<Road>,
    _child: Child,
    _folder: TempDir,
}

/// An alert that fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    /// Its name.
    pub name: String,
    /// How long after the first injection, in seconds.
    pub after: i64,
    /// For how long, in seconds.
    pub lasted: i64,
    /// Whether it fires no more.
    pub is_resolved: bool,
}

impl fmt::Display for Fired {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, after, lasted, is_resolved } = self;
        let end = if *is_resolved { "resolved" } else { "NOT RESOLVED" };
        write!(out, "{name} fired after {after} s for {lasted} s, {end}")
    }
}

impl Watch {
    /// Starts it on the services of a stage, with the windows that an experiment wants.
    ///
    /// # Errors
    /// Prometheus is not installed, or refuses the rules.
    pub async fn start(stage: &Stage, experiment: &Experiment) -> Result<Self> {
        let folder =
            tempfile::Builder::new().prefix("kansoku-prometheus-").tempdir().context("make a folder")?;
        let rules = folder.path().join("rules");
        std::fs::create_dir(&rules).context("make the folder of rules")?;
        for file in rule_files()? {
            let text = std::fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
            let name = file.file_name().unwrap_or_default();
            std::fs::write(rules.join(name), cut(&text, experiment.cut)).context("write a file of rules")?;
        }
        let config = folder.path().join("prometheus.json");
        let road = if experiment.is_told() { Some(Road::start().await?) } else { None };
        std::fs::write(&config, configuration(stage, road.as_ref()).to_string())
            .context("write the configuration")?;
        let port = port::free()?;
        let mut command = Command::new(tools::find("prometheus")?);
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let log = folder.path().join("log");
        let mut child =
            Child::start(Start { name: "prometheus", command, log, user: None, end: Signal::TERM })?;
        child
            .ready(LIMIT, || async move { matches!(process::get(port, "/-/ready").await, Ok((200, _))) })
            .await?;
        let is_expected = |name: &&str| experiment.alert.iter().any(|alert| alert.name == **name);
        let ignored = ALWAYS.into_iter().filter(|name| !is_expected(name)).collect();
        Ok(Self { port, ignored, road, _child: child, _folder: folder })
    }

    /// Waits until it has seen for some seconds what is usual.
    ///
    /// # Errors
    /// It does not in time.
    pub async fn warm(&self) -> Result<()> {
        let query = format!("min(count_over_time(up[{}s])) > {}", WARM + 2, WARM);
        let warm =
            || async { matches!(self.prometheus().number(&query, SystemClock.now()).await, Ok(Some(_))) };
        until("Prometheus to see what is usual", LIMIT, warm).await
    }

    /// What it recorded.
    pub fn prometheus(&self) -> Prometheus {
        Prometheus(self.port)
    }

    /// Waits for the alerts that are expected to have fired, then until nothing fires any more, each as long as that may
    /// take, and says all that fired since an instant.
    ///
    /// # Errors
    /// Prometheus does not answer.
    pub async fn fired(&self, since: DateTime<Utc>, expected: &[Alert]) -> Result<Vec<Fired>> {
        if let Some(longest) = expected.iter().map(|alert| alert.within).max() {
            let has_fired = |all: &[Fired], name: &str| all.iter().any(|one| one.name == name);
            let have_fired = || async {
                let fired = self.since(since).await.unwrap_or_default();
                expected.iter().all(|alert| has_fired(&fired, &alert.name))
            };
            // Which did not is said by who expected it.
            let _ = until("the alerts", longest, have_fired).await;
        }
        let is_calm = || async { self.names().await.is_ok_and(|names| names.is_empty()) };
        // What still fires then is said.
        let _ = until("the alerts to resolve", RESOLVE, is_calm).await;
        self.since(since).await
    }

    async fn since(&self, since: DateTime<Utc>) -> Result<Vec<Fired>> {
        let still = self.names().await?;
        let (from, to) = (since.timestamp(), SystemClock.now().timestamp());
        let path = format!("/api/v1/query_range?query={FIRING}&start={from}&end={to}&step=1");
        let mut fired = Vec::<Fired>::new();
        for series in self.ask(&path).await? {
            let name = series["metric"]["alertname"].as_str().unwrap_or_default().to_owned();
            let times = series["values"].as_array().into_iter().flatten();
            let times: Vec<_> = times.filter_map(|value| value[0].as_f64()).map(|at| at as i64).collect();
            let (Some(first), Some(last)) = (times.first(), times.last()) else { continue };
            if self.ignored.contains(&name.as_str())
                || fired.iter().any(|one| one.name == name && one.after <= first - from)
            {
                continue;
            }
            fired.retain(|one| one.name != name);
            let is_resolved = !still.contains(&name);
            fired.push(Fired { name, after: first - from, lasted: last - first + 1, is_resolved });
        }
        fired.sort_by_key(|one| one.after);
        Ok(fired)
    }

    /// What fires now, but for what always does.
    async fn names(&self) -> Result<Vec<String>> {
        let firing = self.ask(&format!("/api/v1/query?query={FIRING}")).await?;
        let names = firing.iter().filter_map(|series| series["metric"]["alertname"].as_str());
        Ok(names.filter(|name| !self.ignored.contains(name)).map(str::to_owned).collect())
    }

    async fn ask(&self, path: &str) -> Result<Vec<Value>> {
        let (_, body) = process::get(self.port, path).await.context("ask Prometheus")?;
        let body: Value = serde_json::from_str(&body).context("read what Prometheus answers")?;
        Ok(body["data"]["result"].as_array().with_context(|| format!("find a result in {body}"))?.clone())
    }
}

fn rule_files() -> Result<Vec<PathBuf>> {
    let folder = tools::root().join("observability/prometheus/rules");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))?;
    let files = entries.filter_map(Result::ok).map(|entry| entry.path());
    Ok(files.filter(|path| path.extension() == Some(Path::new("yaml").as_os_str())).collect())
}

/// JSON is YAML.
fn configuration(stage: &Stage, road: Option<&Road>) -> Value {
    let services = SERVICES.into_iter().map(|service| (service, stage.listens(service)));
    let targets: Vec<_> = services
        .chain(stage.collector.as_ref().map(|collector| (COLLECTOR, collector.options.metrics())))
        .map(|(job, port)| {
            json!({ "targets": [format!("127.0.0.1:{port}")], "labels": { "job": job, "instance": job } })
        })
        .collect();
    let alertmanagers: Vec<_> = road
        .iter()
        .map(|road| json!({ "static_configs": [{ "targets": [format!("127.0.0.1:{}", road.port())] }] }))
        .collect();
    json!({
        "alerting": { "alertmanagers": alertmanagers },
        "global": { "scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s" },
        "rule_files": ["rules/*.yaml"],
        "scrape_configs": [{ "job_name": "kansoku", "static_configs": targets }],
    })
}

/// Cuts every window in brackets, every `for`, every age that something is compared with, and every interval of a group.
fn cut(rules: &str, by: u64) -> String {
    let mut out = String::new();
    for line in rules.lines() {
        let key = line.trim_start();
        let indent = &line[..line.len() - key.len()];
        if key.starts_with("interval:") {
            out += &format!("{indent}interval: 1s");
        } else if let Some(time) = key.strip_prefix("for: ") {
            out += &format!("{indent}for: {}", shorter(time, by, 0).unwrap_or_else(|| time.to_owned()));
        } else {
            let younger = younger(line, by);
            let mut parts = younger.as_deref().unwrap_or(line).split('[');
            out += parts.next().unwrap_or_default();
            for part in parts {
                let cut =
                    part.split_once(']').and_then(|(time, rest)| Some((shorter(time, by, SHORTEST)?, rest)));
                match cut {
                    Some((time, rest)) => out += &format!("[{time}]{rest}"),
                    None => out += &format!("[{part}"),
                }
            }
        }
        out.push('\n');
    }
    out
}

/// A line that compares an age with a number of seconds, that number cut; `None` for any other line.
fn younger(line: &str, by: u64) -> Option<String> {
    let (age, limit) = line.rsplit_once(" > ").filter(|(age, _)| age.contains("time() - "))?;
    let end = limit.find(|other: char| !other.is_ascii_digit()).unwrap_or(limit.len());
    let seconds: u64 = limit[..end].parse().ok()?;
    Some(format!("{age} > {}{}", (seconds / by).max(SHORTEST), &limit[end..]))
}

/// A time of one unit, cut; `None` for what is no time.
fn shorter(time: &str, by: u64, shortest: u64) -> Option<String> {
    let unit = time.chars().last()?;
    let number: u64 = time.strip_suffix(unit)?.parse().ok()?;
    let seconds =
        number * [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)].iter().find(|(name, _)| *name == unit)?.1;
    Some(format!("{}s", (seconds / by).max(shortest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_windows_are_cut_and_nothing_else() {
        let rules = "  - name: a\n    interval: 1m\n    - expr: 'rate(x{le=~\"[0-9]\"}[5m]) > y[30s] and slo:5m'\n      for: 2m\n";
        let shorter = "  - name: a\n    interval: 1s\n    - expr: 'rate(x{le=~\"[0-9]\"}[10s]) > y[4s] and slo:5m'\n      for: 4s\n";
        assert_eq!(cut(rules, 30), shorter);
    }

    #[test]
    fn ages_are_cut_as_windows_are() {
        let rules = "      expr: 'time() - (oldest > 0) > 259200'\n      or time() - max by (job) (last) > 93600\n      up > 600\n";
        let cut = cut(rules, 3_600);
        let younger = "      expr: 'time() - (oldest > 0) > 72'\n      or time() - max by (job) (last) > 26\n      up > 600\n";
        assert_eq!(cut, younger);
    }
}
