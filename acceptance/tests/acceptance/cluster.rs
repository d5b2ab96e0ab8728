//! Three nats-servers that each keep every stream. Whichever of them dies, hangs or is cut off while pages come, nothing is lost and
//! nothing is there twice, in streams and tables.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use kansoku_acceptance::{assert_same, ledger_balances, parts, tables, undisturbed};
use kansoku_stack::{
    child::{self, Signal},
    nats::{LINKS, Server},
    pipeline::Pipeline,
    process,
    toxiproxy::Toxiproxy,
    until,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;

const LIMIT: Duration = Duration::from_secs(60);
const STREAMS: [&str; 5] = ["RAW", "VALID", "DLQ", "RUN", "AUDIT"];
const CONSUMERS: [(&str, &str); 5] =
    [("RAW", "validator"), ("VALID", "loader"), ("RUN", "loader"), ("DLQ", "loader"), ("AUDIT", "loader")];
const BAD_ROWS: u64 = 6;

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// kill -9, and started again when the others have taken over.
    Killed,
    /// Its process stands still: its connections are open, and nothing comes.
    Hung,
}

fn said(pipeline: &Pipeline, arguments: &[&str]) -> Option<Value> {
    serde_json::from_slice(&pipeline.nats_cli(arguments).ok()?).ok()
}

fn leader(pipeline: &Pipeline, stream: &str) -> Option<String> {
    Some(said(pipeline, &["stream", "info", stream, "--json"])?["cluster"]["leader"].as_str()?.to_owned())
}

fn messages(pipeline: &Pipeline, stream: &str) -> u64 {
    said(pipeline, &["stream", "info", stream, "--json"]).unwrap()["state"]["messages"].as_u64().unwrap()
}

fn server<'a>(pipeline: &'a Pipeline, name: &str) -> &'a Server {
    let mut all = std::iter::once(&pipeline.nats).chain(&pipeline.peers);
    all.find(|server| server.name() == Some(name)).unwrap()
}

/// Breaks the leader of a stream, and lets it come back when every stream has another.
async fn break_leader(pipeline: &Pipeline, stream: &str, fault: Fault) {
    let name = leader(pipeline, stream).unwrap();
    let broken = server(pipeline, &name);
    let pid = broken.pid().await;
    match fault {
        Fault::Killed => broken.kill().await.unwrap(),
        Fault::Hung => child::kill(pid, Signal::STOP).unwrap(),
    }
    others_lead(pipeline, &name).await;
    match fault {
        Fault::Killed => broken.start_again().await.unwrap(),
        Fault::Hung => child::kill(pid, Signal::CONT).unwrap(),
    }
    whole(pipeline).await;
}

async fn others_lead(pipeline: &Pipeline, name: &str) {
    until("every stream to have another leader", LIMIT, || async {
        STREAMS.iter().all(|stream| leader(pipeline, stream).is_some_and(|leader| leader != name))
    })
    .await
    .unwrap();
}

async fn whole(pipeline: &Pipeline) {
    until("all copies to be whole again", LIMIT, || async {
        STREAMS.iter().all(|stream| is_whole(pipeline, stream))
    })
    .await
    .unwrap();
}

fn is_whole(pipeline: &Pipeline, stream: &str) -> bool {
    let Some(info) = said(pipeline, &["stream", "info", stream, "--json"]) else { return false };
    let replicas = info["cluster"]["replicas"].as_array().map(Vec::as_slice).unwrap_or_default();
    replicas.len() == 2 && replicas.iter().all(|replica| replica["current"] == true)
}

async fn at_rest(pipeline: &Pipeline) {
    let is_done = |(stream, durable): &(&str, &str)| {
        let info = said(pipeline, &["consumer", "info", stream, durable, "--json"]);
        info.is_some_and(|info| info["num_pending"] == 0 && info["num_ack_pending"] == 0)
    };
    until("every message to be settled", LIMIT, || async { CONSUMERS.iter().all(is_done) }).await.unwrap();
}

/// An archive with bad rows, and the tables that come of it.
async fn sample(folder: &TempDir) -> (PathBuf, Vec<String>) {
    let (file, bad) = (folder.path().join("sample.jsonl"), BAD_ROWS.to_string());
    let options = ["--days", "10", "--until", "2026-11-01T12:00:00Z", "--seed", "7", "--bad-rows", &bad];
    Pipeline::archive(&options, &file).unwrap();
    let expected = undisturbed(&file).await.unwrap();
    (file, expected)
}

/// Nothing of the archive is missing and nothing is there twice, in streams and tables.
async fn assert_all_once(pipeline: &Pipeline, file: &Path, expected: &[String]) {
    at_rest(pipeline).await;
    let pages = fs::read_to_string(file).unwrap().lines().count() as u64;
    assert_eq!((messages(pipeline, "RAW"), messages(pipeline, "VALID")), (pages, pages));
    assert_eq!(messages(pipeline, "DLQ"), BAD_ROWS);
    assert_same(expected, &tables(pipeline).await.unwrap());
    ledger_balances(pipeline).await.unwrap();
}

fn importing(pipeline: &Arc<Pipeline>, part: PathBuf) -> JoinHandle<Value> {
    let pipeline = Arc::clone(pipeline);
    tokio::task::spawn_blocking(move || pipeline.import(&part).unwrap())
}

#[tokio::test]
#[ignore = "takes a minute and elections: make scale-test"]
async fn whichever_server_dies_or_hangs_nothing_is_lost_and_nothing_doubled() {
    let folder = tempfile::tempdir().unwrap();
    let (file, expected) = sample(&folder).await;
    let pipeline = Arc::new(Pipeline::with_cluster().await.unwrap());
    let services = [pipeline.ready("validator").await.unwrap(), pipeline.ready("loader").await.unwrap()];
    let faults: Vec<_> = STREAMS
        .into_iter()
        .map(|stream| (stream, Fault::Killed))
        .chain(["RAW", "VALID"].map(|stream| (stream, Fault::Hung)))
        .collect();
    let parts = parts(&file, faults.len()).unwrap();
    assert_eq!(parts.len(), faults.len(), "each fault has pages that come meanwhile");
    for (part, (stream, fault)) in parts.into_iter().zip(faults) {
        let importing = importing(&pipeline, part);
        break_leader(&pipeline, stream, fault).await;
        let table = importing.await.unwrap();
        assert_eq!(table["failed"], 0, "{fault:?} of the leader of {stream}: {table}");
    }
    assert_all_once(&pipeline, &file, &expected).await;
    for mut service in services {
        assert!(service.ended().is_none(), "{}", service.logs());
    }
}

/// How the network loses a server.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// Connections stay open, and nothing comes through any more.
    Silent,
    /// Connections are closed and refused.
    Closed,
}

async fn cut(toxiproxy: &Toxiproxy, cut: Cut) {
    for link in LINKS {
        match cut {
            Cut::Silent => toxiproxy.add(link, "timeout", &json!({ "timeout": 0 })).await.unwrap(),
            Cut::Closed => toxiproxy.open(link, false).await.unwrap(),
        }
    }
}

/// What was swallowed is missing on a connection, so none goes on.
async fn mend(toxiproxy: &Toxiproxy, cut: Cut) {
    for link in LINKS {
        if matches!(cut, Cut::Silent) {
            toxiproxy.open(link, false).await.unwrap();
            toxiproxy.remove(link, "timeout").await.unwrap();
        }
        toxiproxy.open(link, true).await.unwrap();
    }
}

/// Whether validator and loader are connected to one of these servers.
async fn are_clients(servers: &[&Server]) -> bool {
    let mut pages = String::new();
    for server in servers {
        pages += &process::get(server.monitor(), "/connz").await.map(|(_, page)| page).unwrap_or_default();
    }
    ["kansoku-validator", "kansoku-loader"].iter().all(|client| pages.contains(client))
}

#[tokio::test]
#[ignore = "takes a minute and elections: make scale-test"]
async fn a_server_that_the_network_cuts_off_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, expected) = sample(&folder).await;
    let toxiproxy = Toxiproxy::start().await.unwrap();
    let pipeline = Arc::new(Pipeline::with_cluster_behind(&toxiproxy).await.unwrap());
    let far = pipeline.peers.last().unwrap();
    let near = [&pipeline.nats, &pipeline.peers[0]];
    let cuts = [Cut::Silent, Cut::Closed];
    for (part, how) in parts(&file, cuts.len()).unwrap().into_iter().zip(cuts) {
        // All that matters is on the server that will be cut off: who leads, and who is connected.
        for stream in ["RAW", "VALID"] {
            until(&format!("{stream} to be led by the server to be cut off"), LIMIT, || async {
                let name = far.name().unwrap();
                let is_led = leader(&pipeline, stream).as_deref() == Some(name);
                if !is_led {
                    let _ =
                        pipeline.nats_cli(&["stream", "cluster", "step-down", stream, "--preferred", name]);
                }
                is_led
            })
            .await
            .unwrap();
        }
        let mut services = Vec::new();
        for name in ["validator", "loader"] {
            let variable = format!("{}_NATS__URL", name.to_uppercase());
            services.push(pipeline.service(name).unwrap().env(&variable, far.url()).spawn().unwrap());
        }
        for service in &mut services {
            service.ready().await.unwrap();
        }
        assert!(are_clients(&[far]).await);

        let importing = importing(&pipeline, part);
        cut(&toxiproxy, how).await;
        others_lead(&pipeline, far.name().unwrap()).await;
        until("the services to find another server", LIMIT, || are_clients(&near)).await.unwrap();
        mend(&toxiproxy, how).await;
        whole(&pipeline).await;
        let table = importing.await.unwrap();
        assert_eq!(table["failed"], 0, "{how:?}: {table}");
        at_rest(&pipeline).await;
        for mut service in services {
            assert!(service.terminate().await.unwrap().success(), "{}", service.logs());
        }
    }
    assert_all_once(&pipeline, &file, &expected).await;
}
