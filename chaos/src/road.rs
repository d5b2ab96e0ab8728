//! The road of an alert behind Prometheus: the real Alertmanager with the project's own routes, and a receiver in the place of Slack.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use kansoku_stack::{
    child::{Child, Signal, Start},
    observe::{programs::Found, slack},
    port, process, tools,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;

const LIMIT: Duration = Duration::from_secs(20);

/// A running Alertmanager and who hears of it; both end with this value.
#[derive(Debug)]
pub struct Road {
    port: u16,
    heard: PathBuf,
    sink: JoinHandle<Result<()>>,
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
        std::fs::write(at("alertmanager.yaml"), quick(&routes, receiver)).context("write the routes")?;
        std::fs::copy(own.join("slack.tmpl"), at("slack.tmpl")).context("copy the messages' form")?;
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
        Ok(Self { port, heard, sink, _child: child, _folder: folder })
    }

    /// Where alerts are sent to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The titles of all messages that arrived.
    pub fn heard(&self) -> Vec<String> {
        let kept = std::fs::read_to_string(&self.heard).unwrap_or_default();
        let messages = kept.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        messages
            .filter_map(|kept| Some(kept["message"]["attachments"][0]["title"].as_str()?.to_owned()))
            .collect()
    }
}

impl Drop for Road {
    fn drop(&mut self) {
        self.sink.abort();
    }
}

/// The routes with seconds for a minute, and this receiver of the Watchdog. How long a group is waited for stays: an alert may come
/// a moment before the one that silences it, and end a moment after it.
fn quick(routes: &str, receiver: u16) -> String {
    let quick = routes.replace("group_interval: 1m", "group_interval: 10s");
    quick.replace("127.0.0.1:7499", &format!("127.0.0.1:{receiver}"))
}
