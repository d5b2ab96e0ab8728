//! The road of an alert behind Prometheus: the real Alertmanager with the project's own routes, and a receiver in the place of Slack.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use kansoku_stack::{
    child::{Child, Signal, Start},
    observe::{programs::Found, slack},
    port, process, tools,
};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;

const LIMIT: Duration = Duration::from_secs(20);
/// Who hears the Watchdog, in the routes.
const WATCHDOG: &str = "127.0.0.1:7499";
/// How long the routes wait for a group: what comes sooner after an instant, is of before.
const GROUP_WAIT: TimeDelta = TimeDelta::seconds(5);

type Names = Arc<Mutex<BTreeSet<String>>>;

/// A running Alertmanager and who hears of it; both end with this value.
#[derive(Debug)]
pub struct Road {
    port: u16,
    heard: PathBuf,
    sink: JoinHandle<Result<()>>,
    inhibited: Names,
    watching: JoinHandle<()>,
    _child: Child,
    _folder: TempDir,
}

impl Road {
    /// Starts both.
    ///
    /// # Errors
    /// Alertmanager is not installed, or refuses the routes.
    pub async fn start() -> Result<Self> {
        let folder =
            tempfile::Builder::new().prefix("kansoku-alertmanager-").tempdir().context("make a folder")?;
        let at = |name: &str| folder.path().join(name);
        let (port, receiver) = (port::free()?, port::free()?);
        let own = tools::root().join("observability/alertmanager");
        let routes = std::fs::read_to_string(own.join("alertmanager.yaml")).context("read the routes")?;
        std::fs::write(at("alertmanager.yaml"), routes.replace(WATCHDOG, &format!("127.0.0.1:{receiver}")))
            .context("write the routes")?;
        for name in ["slack.tmpl", "grafana.tmpl"] {
            std::fs::copy(own.join(name), at(name)).context("copy the messages' form")?;
        }
        std::fs::write(at("slack_url"), format!("http://127.0.0.1:{receiver}/services/chaos"))
            .context("write the address of the receiver")?;
        let heard = at("heard.jsonl");
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, receiver));
        let sink = tokio::spawn(slack::serve(listen, heard.clone(), false));
        let mut command = Command::new(Found::here()?.alertmanager);
        command
            .arg(format!("--config.file={}", at("alertmanager.yaml").display()))
            .arg(format!("--storage.path={}", at("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=")
            // The address of the webhook is looked for there.
            .current_dir(folder.path());
        let log = at("log");
        let mut child =
            Child::start(Start { name: "alertmanager", command, log, user: None, end: Signal::TERM })?;
        let answers = || async move { matches!(process::get(port, "/-/ready").await, Ok((200, _))) };
        child.ready(LIMIT, answers).await?;
        let inhibited = Names::default();
        let watching = tokio::spawn(watch(port, inhibited.clone()));
        Ok(Self { port, heard, sink, inhibited, watching, _child: child, _folder: folder })
    }

    /// Where alerts are sent to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The alerts that another one has silenced at some time.
    pub fn inhibited(&self) -> BTreeSet<String> {
        self.inhibited.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The titles of the messages about what fired after an instant.
    pub fn heard(&self, since: DateTime<Utc>) -> Vec<String> {
        let text = std::fs::read_to_string(&self.heard).unwrap_or_default();
        let messages = text.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
        let new = messages.filter(|message| message.received > since + GROUP_WAIT);
        new.filter_map(|new| Some(new.message["attachments"][0]["title"].as_str()?.to_owned())).collect()
    }
}

/// Asks Alertmanager for ever which alerts are inhibited, and notes their names.
async fn watch(port: u16, inhibited: Names) {
    let mut look = tokio::time::interval(Duration::from_millis(500));
    loop {
        look.tick().await;
        let Ok((200, body)) = process::get(port, "/api/v2/alerts").await else { continue };
        let alerts: Vec<Value> = serde_json::from_str(&body).unwrap_or_default();
        let silenced = alerts
            .iter()
            .filter(|alert| alert["status"]["inhibitedBy"].as_array().is_some_and(|by| !by.is_empty()));
        let names = silenced.filter_map(|alert| alert["labels"]["alertname"].as_str().map(str::to_owned));
        inhibited.lock().unwrap_or_else(PoisonError::into_inner).extend(names);
    }
}

/// As the receiver keeps one.
#[derive(Deserialize)]
struct Message {
    received: DateTime<Utc>,
    message: Value,
}

impl Drop for Road {
    fn drop(&mut self) {
        self.sink.abort();
        self.watching.abort();
    }
}
