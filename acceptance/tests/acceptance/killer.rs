//! A message kills whichever process takes it, while others keep coming: it alone becomes a dead letter.

#![cfg(feature = "failpoints")]
#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{path::Path, time::Duration};

use kansoku_acceptance::ledger_balances;
use kansoku_stack::{pipeline::Pipeline, process::Running, until};
use serde_json::Value;

/// The dataset of the page that kills; no other page has it.
const KILLER: &str = "season.1999.fall";
const LIMIT: Duration = Duration::from_secs(120);

fn replica(pipeline: &Pipeline) -> Running {
    let deadly = format!("consume::handle=return({KILLER})");
    pipeline.service("validator").unwrap().env("FAILPOINTS", deadly).spawn().unwrap()
}

/// Archives of different days; the killer is imported after the first.
fn feed(folder: &Path) -> Vec<std::path::PathBuf> {
    let one = |number: u32| {
        let file = folder.join(format!("{number}.jsonl"));
        let until = format!("2026-10-{:02}T12:00:00Z", 1 + 4 * number);
        Pipeline::archive(&["--days", "4", "--until", &until, "--seed", "7"], &file).unwrap();
        file
    };
    (0..3).map(one).collect()
}

/// Imports one page of the killer's dataset.
fn import_killer(pipeline: &Pipeline, folder: &Path, archive: &Path) {
    let text = std::fs::read_to_string(archive).unwrap();
    let list = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let page = list.into_iter().find(|capture| capture["dataset"] == "season.now").unwrap();
    let file = folder.join("killer.json");
    std::fs::write(&file, page["body"].as_str().unwrap()).unwrap();
    let arguments = ["import", "--dataset", KILLER, "--captured-at", "2026-10-02T00:00:00Z"];
    let rest = ["--source", "jikan-sim", "--catalogue", "sample", file.to_str().unwrap()];
    let output = pipeline.archiver(arguments.into_iter().chain(rest)).unwrap();
    assert!(output.status.success(), "{output:?}");
}

async fn with_replicas(count: usize) {
    let pipeline = Pipeline::with(&["--ack-wait", "1"]).await.unwrap();
    let loader = pipeline.ready("loader").await.unwrap();
    let mut replicas: Vec<Running> = (0..count).map(|_| replica(&pipeline)).collect();
    let folder = tempfile::tempdir().unwrap();
    let archives = feed(folder.path());
    pipeline.import(&archives[0]).unwrap();
    import_killer(&pipeline, folder.path(), &archives[0]);
    let mut rest = archives[1..].iter();
    let mut deaths = 0;
    // What a supervisor does; and after each death there is more to eat for those that live.
    until("the killer to be put aside", LIMIT, || {
        for slot in &mut replicas {
            if slot.ended().is_some() {
                deaths += 1;
                *slot = replica(&pipeline);
                if let Some(archive) = rest.next() {
                    pipeline.import(archive).unwrap();
                }
            }
        }
        async { pipeline.messages("DLQ").await.is_ok_and(|count| count > 0) }
    })
    .await
    .unwrap();
    assert!(rest.next().is_none(), "the feed was not used up");
    pipeline.at_rest().await.unwrap();

    assert_eq!(deaths, 5, "it kills at each of the five deliveries that it may have");
    assert_eq!(pipeline.messages("DLQ").await.unwrap(), 1);
    let letter = pipeline.nats_cli(&["stream", "get", "DLQ", "1", "--json"]).unwrap();
    let letter: Value = serde_json::from_slice(&letter).unwrap();
    assert_eq!(letter["subject"], format!("dlq.validate.max_deliveries.{KILLER}"), "{letter}");
    let raw = pipeline.messages("RAW").await.unwrap();
    assert_eq!(pipeline.messages("VALID").await.unwrap(), raw - 1, "every neighbour was judged, and once");
    assert_eq!(pipeline.number("select count(*) from page").await.unwrap(), i64::try_from(raw - 1).unwrap());
    ledger_balances(&pipeline).await.unwrap();
    drop(loader);
}

#[tokio::test]
async fn one_replica() {
    with_replicas(1).await;
}

#[tokio::test]
async fn two_replicas() {
    with_replicas(2).await;
}

#[tokio::test]
async fn three_replicas() {
    with_replicas(3).await;
}
