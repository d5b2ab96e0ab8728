//! Several validators and loaders on the same consumers: who takes which page, and in which order pages are stored, shows nowhere.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use kansoku_acceptance::{assert_same, ledger_balances, tables};
use kansoku_stack::{pipeline::Pipeline, process::Running};

const EACH: usize = 4;
/// The newest observation of each title.
const NEWEST: &str = "select catalogue, mal_id, captured_at, score, scored_by, rank, popularity, members, favorites from title_latest";

/// How many batches of VALID a loader has committed.
async fn batches(loader: &Running) -> f64 {
    let (_, page) = loader.get("/metrics").await.unwrap();
    let of_valid = |line: &&str| {
        line.starts_with("messaging_client_operation_duration_seconds_count")
            && line.contains("valid.{dataset}")
            && line.contains("_name=\"process\"")
    };
    let value = |line: &str| line.split(" # ").next()?.rsplit_once(' ')?.1.parse::<f64>().ok();
    page.lines().filter(of_valid).filter_map(value).sum()
}

async fn all(pipeline: &Pipeline) -> Vec<String> {
    let mut newest = pipeline.rows(NEWEST).await.unwrap();
    newest.sort();
    assert!(!newest.is_empty());
    tables(pipeline).await.unwrap().into_iter().chain(newest).collect()
}

#[tokio::test]
#[ignore = "a minute of processor time: make scale-test"]
async fn four_of_each_leave_the_tables_that_one_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sample.jsonl");
    let options = ["--days", "10", "--until", "2026-11-01T12:00:00Z", "--seed", "7", "--bad-rows", "6"];
    Pipeline::archive(&options, &file).unwrap();
    let one = Pipeline::start().await.unwrap();
    let _services = [one.ready("validator").await.unwrap(), one.ready("loader").await.unwrap()];
    one.import(&file).unwrap();
    one.at_rest().await.unwrap();
    let expected = all(&one).await;

    // All pages are there before anybody works, and a loader takes them one by one: those of a title's days go to whoever is free.
    let pipeline = Pipeline::start().await.unwrap();
    pipeline.import(&file).unwrap();
    let (mut validators, mut loaders) = (Vec::new(), Vec::new());
    for _ in 0..EACH {
        validators.push(pipeline.ready("validator").await.unwrap());
        loaders.push(pipeline.service("loader").unwrap().env("LOADER_BATCH__PAGES", "1").spawn().unwrap());
    }
    for loader in &mut loaders {
        loader.ready().await.unwrap();
    }
    pipeline.at_rest().await.unwrap();
    for loader in &loaders {
        assert!(batches(loader).await > 1.0, "each has had a part");
    }
    assert_same(&expected, &all(&pipeline).await);
    ledger_balances(&pipeline).await.unwrap();
}
