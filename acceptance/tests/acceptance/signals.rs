//! SIGTERM and kill -9 in the middle of the work of real processes: each ends in time, and nothing is lost.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::time::Duration;

use kansoku_acceptance::{assert_same, ledger_balances, tables, undisturbed};
use kansoku_stack::{pipeline::Pipeline, process::Running, until};

use crate::listed::exposes_what_is_listed;

const LIMIT: Duration = Duration::from_secs(60);
/// What the services promise.
const PROMISE: Duration = Duration::from_secs(10);

async fn past(pipeline: &Pipeline, pages: i64) {
    until("some pages", LIMIT, || async {
        pipeline.number("select count(*) from page").await.is_ok_and(|stored| stored >= pages)
    })
    .await
    .unwrap();
}

async fn terminated(service: &mut Running) {
    let status = tokio::time::timeout(PROMISE, service.terminate()).await.unwrap().unwrap();
    assert!(status.success(), "{status}: {}", service.logs());
}

#[tokio::test]
async fn services_that_stop_or_die_in_the_middle_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sample.jsonl");
    Pipeline::archive(&["--days", "20", "--until", "2026-11-01T12:00:00Z", "--seed", "7"], &file).unwrap();
    let expected = undisturbed(&file).await.unwrap();

    let pipeline = Pipeline::with(&["--ack-wait", "1"]).await.unwrap();
    pipeline.import(&file).unwrap();
    // The whole backlog waits; each pair gets a little further and is stopped, or killed.
    for (round, kill) in [false, true, false, true].into_iter().enumerate() {
        let mut validator = pipeline.ready("validator").await.unwrap();
        let mut loader = pipeline.ready("loader").await.unwrap();
        past(&pipeline, i64::try_from(round).unwrap() * 20 + 1).await;
        if kill {
            validator.kill().await.unwrap();
            loader.kill().await.unwrap();
        } else {
            terminated(&mut validator).await;
            terminated(&mut loader).await;
        }
    }
    let _services = [pipeline.ready("validator").await.unwrap(), pipeline.ready("loader").await.unwrap()];
    pipeline.at_rest().await.unwrap();
    assert_eq!(pipeline.messages("DLQ").await.unwrap(), 0);
    assert_same(&expected, &tables(&pipeline).await.unwrap());
    ledger_balances(&pipeline).await.unwrap();
}

#[tokio::test]
async fn the_fetcher_and_the_api_end_well_too() {
    let pipeline = Pipeline::start().await.unwrap();
    let mut loader = pipeline.ready("loader").await.unwrap();
    let mut api = pipeline.ready("query-api").await.unwrap();
    let mut fetcher = pipeline.service("fetcher").unwrap().arg("run").spawn().unwrap();
    until("the fetcher to live", LIMIT, || async {
        fetcher.get("/livez").await.is_ok_and(|(status, _)| status == 200)
    })
    .await
    .unwrap();
    exposes_what_is_listed("fetcher", &fetcher).await;
    for service in [&mut fetcher, &mut api, &mut loader] {
        terminated(service).await;
    }
}
