//! The road of an alert, with the real Prometheus and Alertmanager, the project's own files, and minutes cut to seconds.

use std::{net::Ipv4Addr, path::Path, time::Duration};

use axum::{Router, routing::get};
use kansoku_stack::{
    child::Child,
    observe::{files, minutes, ports, programs},
    port,
    process::{self, send},
    tools, until,
    up::{folders::Folders, state},
};
use tokio::{net::TcpListener, task::JoinHandle};

const LIMIT: Duration = Duration::from_secs(40);
/// Stands in the address of the webhook, as Slack's own secret does.
const SECRET: &str = "s3cret-part-of-the-address";

/// What a service says of itself, as far as the rules need it here.
fn target(port: u16) -> JoinHandle<()> {
    let metrics = || async { "# TYPE kansoku_build_info gauge\nkansoku_build_info{service=\"loader\"} 1\n" };
    tokio::spawn(async move {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        axum::serve(listener, Router::new().route("/metrics", get(metrics))).await.unwrap();
    })
}

/// Prometheus, Alertmanager and the receiver over a target in the place of the loader.
struct Road {
    folders: Folders,
    ports: ports::Ports,
    running: Vec<(&'static str, Child)>,
}

impl Road {
    async fn start(folder: &Path, target: u16, found: &programs::Found) -> Self {
        let folders = Folders {
            root: tools::root().canonicalize().unwrap(),
            data: folder.to_path_buf(),
            programs: process::programs().unwrap(),
        };
        let free = || port::free().unwrap();
        let ports = ports::Ports {
            prometheus: free(),
            alertmanager: free(),
            slack: free(),
            ..ports::Ports::default()
        };
        let watched = state::Ports { loader: target, ..state::Ports::default() };
        std::fs::write(folder.join("ports.json"), serde_json::to_string(&watched).unwrap()).unwrap();
        files::write(&folders, &ports, found).unwrap();
        minutes::to_seconds(&folders.observe().data).unwrap();
        let at = |path: &str| folders.observe().data.join(path);
        let only =
            format!("- labels: {{ job: loader, instance: loader }}\n  targets: [\"127.0.0.1:{target}\"]\n");
        std::fs::write(at("prometheus/targets/here.yaml"), only).unwrap();
        let webhook = format!("http://127.0.0.1:{}/services/T0/B0/{SECRET}", ports.slack);
        std::fs::write(at("alertmanager/slack_url"), webhook).unwrap();
        let mut running = Vec::new();
        for program in programs::programs(&folders, &ports, found) {
            let (name, (port, path)) = (program.name, program.ready);
            if ["slack", "alertmanager", "prometheus"].contains(&name) {
                let mut child = program.start().unwrap();
                let answers = || async move { matches!(process::get(port, path).await, Ok((200, _))) };
                child.ready(LIMIT, answers).await.unwrap();
                running.push((name, child));
            }
        }
        Self { folders, ports, running }
    }

    /// The messages that arrived, as they did.
    fn messages(&self) -> Vec<String> {
        let kept =
            std::fs::read_to_string(self.folders.observe().data.join("slack.jsonl")).unwrap_or_default();
        kept.lines().map(str::to_owned).collect()
    }

    async fn message(&self, what: &str, is_it: impl Fn(&str) -> bool) -> String {
        self.until(what, || std::future::ready(self.messages().iter().any(|message| is_it(message)))).await;
        self.messages().into_iter().find(|message| is_it(message)).unwrap()
    }

    async fn until<F: Future<Output = bool>>(&self, what: &str, condition: impl FnMut() -> F) {
        if let Err(error) = until(what, LIMIT, condition).await {
            panic!("{error:#}; these came: {:#?}\n{}", self.messages(), self.logs());
        }
    }

    async fn slack(&self, method: &str, path: &str) -> u16 {
        send(self.ports.slack, method, path, "").await.unwrap().0
    }

    fn logs(&self) -> String {
        self.running.iter().map(|(name, child)| format!("{name}:\n{}\n", child.logs())).collect()
    }
}

#[tokio::test]
async fn an_alert_arrives_in_slack_and_resolves_even_after_slack_was_down() {
    let found = match programs::Found::here() {
        Ok(found) => found,
        Err(error) => return eprintln!("SKIPPED: {error:#}"),
    };
    let folder = tempfile::Builder::new().prefix("kansoku's alerts ").tempdir().unwrap();
    let port = port::free().unwrap();
    let loader = target(port);
    let road = Road::start(folder.path(), port, &found).await;
    let heard = || async { road.slack("GET", "/watchdog").await == 200 };
    road.until("the Watchdog", heard).await;
    assert_eq!(road.messages(), Vec::<String>::new(), "nothing is wrong yet");

    road.slack("PUT", "/fail").await;
    loader.abort();
    let refused = || std::future::ready(road.logs().contains("retry"));
    road.until("Alertmanager to be refused", refused).await;
    assert_eq!(road.messages(), Vec::<String>::new());
    road.slack("DELETE", "/fail").await;
    let fired = road.message("the alert", |message| message.contains("ServiceDown")).await;
    for part in ["loader", "runbooks/ServiceDown.md"] {
        assert!(fired.contains(part), "{part} is not in {fired}");
    }

    let healed = target(port);
    let resolved =
        |message: &str| message.contains("ServiceDown") && message.to_lowercase().contains("resolved");
    road.message("its end", resolved).await;
    healed.abort();
    let said = road.logs() + &road.messages().concat();
    assert!(!said.contains(SECRET), "the address of the webhook is in a log or a message: {said}");
}
