//! The road of an alert, with the real Prometheus and Alertmanager, the project's own files, and minutes cut to seconds.

use std::{net::Ipv4Addr, path::Path, time::Duration};

use axum::{Router, routing::get};
use kansoku_stack::{
    child::Child,
    observe::{files, minutes, ports, programs},
    port,
    process::{self, send},
    tools, until,
    up::{folders::Folders, progress::Progress, state},
};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::installation::Installation;

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
        minutes::to_seconds(&folders.observe().data, 60).unwrap();
        let at = |path: &str| folders.observe().data.join(path);
        // What is no loader is Prometheus itself: without a target it would be missed.
        let targets = ["fetcher", "archive", "validator", "loader", "replayer", "query-api"].map(|job| {
            let port = if job == "loader" { target } else { ports.prometheus };
            format!("- labels: {{ job: {job}, instance: {job} }}\n  targets: [\"127.0.0.1:{port}\"]\n")
        });
        let own = format!(
            "- labels: {{ job: alertmanager, instance: alertmanager }}\n  targets: [\"127.0.0.1:{}\"]\n",
            ports.alertmanager
        );
        std::fs::write(at("prometheus/targets/here.yaml"), targets.concat() + &own).unwrap();
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

    /// Whether Alertmanager has an alert.
    async fn fires(&self, name: &str) -> bool {
        let (_, alerts) = process::get(self.ports.alertmanager, "/api/v2/alerts").await.unwrap();
        alerts.contains(&format!("\"alertname\":\"{name}\""))
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
    let failing = || async { road.fires("NotificationsFail").await };
    road.until("the alert about messages that fail", failing).await;
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

/// Where an installation runs: all of it is up in Prometheus, a second time changes nothing, and `down` ends it as well.
pub(crate) async fn what_runs_is_watched(here: &Installation) {
    let found = match programs::Found::here() {
        Ok(found) => found,
        Err(error) => return eprintln!("SKIPPED: {error:#}"),
    };
    let refused = here.run_with(&[("KANSOKU_SLACK_URL_FILE", "/nowhere/slack")], &["observe"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("names /nowhere/slack, which cannot be read"),
        "{said}"
    );

    let usual = ports::Ports::default().prometheus;
    let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, usual));
    let said = here.says(&["observe"]);
    drop(taken); // or somebody else's
    let ports: ports::Ports =
        serde_json::from_str(&std::fs::read_to_string(here.folder().join("observe/ports.json")).unwrap())
            .unwrap();
    assert_ne!(ports.prometheus, usual);
    let address = format!("Kansoku is watched: http://127.0.0.1:{}", ports.prometheus);
    assert!(said.contains(&address), "{said}");
    let jobs = 8 + usize::from(found.collector.is_some());
    let up = || async {
        let (_, body) =
            process::get(ports.prometheus, "/api/v1/query?query=sum(up)").await.unwrap_or_default();
        body.contains(&format!(",\"{jobs}\"]"))
    };
    until("every job to be up", LIMIT, up).await.unwrap();
    let telemetry = std::fs::read_to_string(here.folder().join("config/telemetry.env")).unwrap();
    let endpoint = format!("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:{}", ports.otlp_http);
    assert_eq!(telemetry.contains(&endpoint), found.collector.is_some(), "{telemetry}");

    let (watching, watched) = (progress(here), here.pids());
    assert!(here.says(&["observe"]).contains(&address));
    assert_eq!((progress(here), here.pids()), (watching, watched), "nothing was started again");
    here.says(&["down"]);
    assert!(here.says(&["observe-down"]).contains("Nothing watches here"));
}

fn progress(here: &Installation) -> Progress {
    serde_json::from_str(&std::fs::read_to_string(here.folder().join("observe/progress.json")).unwrap())
        .unwrap()
}
