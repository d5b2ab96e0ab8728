//! Three nats-servers that each keep every stream. Whichever of them dies or hangs while pages come, nothing is lost and nothing is
//! there twice, in streams and tables.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{fs, path::Path, sync::Arc, time::Duration};

use kansoku_acceptance::{assert_same, ledger_balances, tables, undisturbed};
use kansoku_stack::{
    child::{self, Signal},
    nats::Server,
    pipeline::Pipeline,
    until,
};
use serde_json::Value;

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
    until("every stream to have another leader", LIMIT, || async {
        STREAMS.iter().all(|stream| leader(pipeline, stream).is_some_and(|leader| leader != name))
    })
    .await
    .unwrap();
    match fault {
        Fault::Killed => broken.start_again().await.unwrap(),
        Fault::Hung => child::kill(pid, Signal::CONT).unwrap(),
    }
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

fn parts(file: &Path, count: usize) -> Vec<std::path::PathBuf> {
    let text = fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let part = |(number, lines): (usize, &[&str])| {
        let part = file.with_file_name(format!("{number}.jsonl"));
        fs::write(&part, lines.join("\n") + "\n").unwrap();
        part
    };
    lines.chunks(lines.len().div_ceil(count)).enumerate().map(part).collect()
}

#[tokio::test]
#[ignore = "takes a minute and elections: make scale-test"]
async fn whichever_server_dies_or_hangs_nothing_is_lost_and_nothing_doubled() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sample.jsonl");
    let bad = BAD_ROWS.to_string();
    Pipeline::archive(
        &["--days", "10", "--until", "2026-11-01T12:00:00Z", "--seed", "7", "--bad-rows", &bad],
        &file,
    )
    .unwrap();
    let expected = undisturbed(&file).await.unwrap();

    let pipeline = Arc::new(Pipeline::with_cluster().await.unwrap());
    let services = [pipeline.ready("validator").await.unwrap(), pipeline.ready("loader").await.unwrap()];
    let faults: Vec<_> = STREAMS
        .into_iter()
        .map(|stream| (stream, Fault::Killed))
        .chain(["RAW", "VALID"].map(|stream| (stream, Fault::Hung)))
        .collect();
    let parts = parts(&file, faults.len());
    assert_eq!(parts.len(), faults.len(), "each fault has pages that come meanwhile");
    for (part, (stream, fault)) in parts.into_iter().zip(faults) {
        let importing = {
            let pipeline = Arc::clone(&pipeline);
            tokio::task::spawn_blocking(move || pipeline.import(&part))
        };
        break_leader(&pipeline, stream, fault).await;
        let table = importing.await.unwrap().unwrap();
        assert_eq!(table["failed"], 0, "{fault:?} of the leader of {stream}: {table}");
    }
    at_rest(&pipeline).await;

    let pages = fs::read_to_string(&file).unwrap().lines().count() as u64;
    assert_eq!((messages(&pipeline, "RAW"), messages(&pipeline, "VALID")), (pages, pages));
    assert_eq!(messages(&pipeline, "DLQ"), BAD_ROWS);
    assert_same(&expected, &tables(&pipeline).await.unwrap());
    ledger_balances(&pipeline).await.unwrap();
    for mut service in services {
        assert!(service.ended().is_none(), "{}", service.logs());
    }
}
