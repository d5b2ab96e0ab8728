//! A Prometheus that watches what a test started, by our own rules.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    num::NonZeroU32,
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use kansoku_observability::{Alerts, Recording, alert_rules, recording_rules};
use kansoku_stack::{
    child::{Child, Signal, Start},
    port,
    process::get,
    tools,
};
use serde_json::Value;
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(30);
const CONFIG: &str = "prometheus.yaml";

/// A running one; it ends with this value.
#[derive(Debug)]
pub struct Prometheus {
    _child: Child,
    port: u16,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts one that scrapes these services, by name and address, every second; `None`, and a word of it, where the program is
    /// not installed.
    pub async fn start(services: &BTreeMap<&str, String>) -> Result<Option<Self>> {
        let Ok(program) = tools::find("prometheus") else {
            eprintln!("SKIPPED: prometheus is not installed (apt-get install prometheus)");
            return Ok(None);
        };
        let folder =
            tempfile::Builder::new().prefix("kansoku-prometheus-").tempdir().context("make a folder")?;
        let path = |name: &str| folder.path().join(name);
        for part in ["rules", "targets"] {
            fs::create_dir(path(part)).with_context(|| format!("make the folder {part}"))?;
        }
        for (name, text) in files(services)? {
            fs::write(path(&name), text).with_context(|| format!("write {name}"))?;
        }
        let port = port::free()?;
        let mut command = Command::new(program);
        command.arg("--config.file").arg(path(CONFIG)).arg("--storage.tsdb.path").arg(path("data"));
        command.args(["--enable-feature", "exemplar-storage", "--log.level", "warn"]);
        command.arg("--web.listen-address").arg(format!("127.0.0.1:{port}"));
        let start = Start { name: "prometheus", command, log: path("log"), user: None, end: Signal::TERM };
        let mut child = Child::start(start)?;
        child.ready(LIMIT, || async move { matches!(get(port, "/-/ready").await, Ok((200, _))) }).await?;
        Ok(Some(Self { _child: child, port, _folder: folder }))
    }

    /// The numbers that an instant query gives, one a series.
    pub async fn query(&self, promql: &str) -> Result<Vec<f64>> {
        let data = self.ask("query", promql).await?;
        let series = data["result"].as_array().into_iter().flatten();
        let numbers = series.filter_map(|series| series["value"][1].as_str()?.parse::<f64>().ok());
        Ok(numbers.filter(|number| !number.is_nan()).collect())
    }

    /// The traces of the exemplars that the series of a query have.
    pub async fn traces(&self, promql: &str) -> Result<BTreeSet<String>> {
        let data = self.ask("query_exemplars", promql).await?;
        let exemplars =
            data.as_array().into_iter().flatten().filter_map(|series| series["exemplars"].as_array());
        let traces = exemplars.flatten().filter_map(|exemplar| exemplar["labels"]["trace_id"].as_str());
        Ok(traces.map(str::to_owned).collect())
    }

    /// What it answers to `GET /api/v1/…`.
    pub async fn get(&self, path: &str) -> Result<String> {
        let (status, body) = get(self.port, &format!("/api/v1/{path}")).await?;
        ensure!(status == 200, "Prometheus refuses {path}: {body}");
        Ok(body)
    }

    async fn ask(&self, what: &str, promql: &str) -> Result<Value> {
        let mut path = format!("/api/v1/{what}?start=0&end=9999999999&query=");
        promql.bytes().try_for_each(|byte| write!(path, "%{byte:02X}")).context("write the address")?;
        let (status, body) = get(self.port, &path).await?;
        ensure!(status == 200, "Prometheus refuses {promql}: {body}");
        let mut answer: Value = serde_json::from_str(&body).context("read the answer of Prometheus")?;
        Ok(answer["data"].take())
    }
}

/// Our configuration and rules, each asked and evaluated every second, and where the services are.
fn files(services: &BTreeMap<&str, String>) -> Result<BTreeMap<String, String>> {
    let definitions = tools::root().join("observability");
    let (alerts, mut recording) = (Alerts::read(&definitions)?, Recording::read(&definitions)?);
    recording.groups.iter_mut().for_each(|group| group.interval = None);
    let mut rules = recording_rules(&recording, NonZeroU32::MIN);
    rules.insert("alerts.yaml".to_owned(), alert_rules(&alerts, NonZeroU32::MIN));
    let mut files: BTreeMap<_, _> =
        rules.into_iter().map(|(name, text)| (format!("rules/{name}"), text)).collect();
    let config =
        fs::read_to_string(definitions.join("prometheus").join(CONFIG)).context("read our configuration")?;
    files.insert(CONFIG.to_owned(), config.replace(": 5s", ": 1s").replace(": 4s", ": 1s"));
    let mut targets = String::new();
    for (name, url) in services {
        let address = url.trim_start_matches("http://");
        writeln!(targets, "- {{targets: ['{address}'], labels: {{job: {name}, instance: {name}}}}}")
            .context("write the targets")?;
    }
    files.insert("targets/here.yaml".to_owned(), targets);
    Ok(files)
}
