//! The loader is killed between its effects and the ack.

use std::{os::unix::process::ExitStatusExt, time::Duration};

use kansoku_nats::topology::Overrides;
use kansoku_schemas::RunEventKind;
use kansoku_stack::{postgres::Database, until};
use serde_json::json;

use crate::{
    common::titles,
    harness::{Harness, SOON, event, value},
};

#[tokio::test]
async fn a_loader_killed_between_commit_and_ack_stores_and_rejects_everything_once() {
    let mut injected = 0;
    for name in ["loader::after_commit", "loader::after_dead_letters", "loader::after_runs"] {
        let impatient = Overrides { ack_wait: Some(Duration::from_secs(1)), ..Default::default() };
        let pipeline = Harness::with(Database::migrated().await.unwrap(), impatient).await;
        pipeline.page(1, |page| titles(page)[1].anime.members = -5).await;
        pipeline.page(2, |_| ()).await;
        pipeline.event(0, &event(RunEventKind::Finished, vec![1, 2])).await;
        let mut dying = pipeline.loader_with(&[("FAILPOINTS", &format!("{name}=return"))]);
        let status = dying.wait(SOON).await.unwrap();
        assert_eq!(status.signal(), Some(9), "{name} killed nobody: {}", dying.logs());
        injected += 1;
        let _loader = pipeline.loader();
        pipeline.settled("VALID", 2).await;
        pipeline.settled("RUN", 1).await;
        let rows = "select page, stored, load_dead from page order by page";
        let expected = json!([
            {"page": 1, "stored": 2, "load_dead": 1},
            {"page": 2, "stored": 3, "load_dead": 0},
        ]);
        let pool = pipeline.pool().await;
        assert_eq!(value(&pool, rows).await, expected, "{name}");
        let balance = "select received, stored, duplicate, dead, balanced from balance";
        let expected = json!([{"received": 6, "stored": 5, "duplicate": 0, "dead": 1, "balanced": true}]);
        assert_eq!(value(&pool, balance).await, expected, "{name}");
        let version = "select version >= 2 as raised from data_version where catalogue = 'sample'";
        let raised = || async { value(&pool, version).await == json!([{"raised": true}]) };
        until("the version to be raised", SOON, raised).await.unwrap();
        let dead_letters = pipeline.dead_letters().await;
        assert_eq!(dead_letters.len(), 1, "{name}: one row is dead, once");
        assert_eq!(dead_letters[0].headers.get("Dlq-Pointer"), Some("/members"));
    }
    println!("killed the loader {injected} times");
    assert_eq!(injected, 3);
}

#[tokio::test]
async fn a_page_that_is_stored_is_not_given_up_however_often_its_loader_was_killed() {
    let impatient = Overrides { ack_wait: Some(Duration::from_secs(1)), ..Default::default() };
    let pipeline = Harness::with(Database::migrated().await.unwrap(), impatient).await;
    pipeline.page(1, |_| ()).await;
    for death in 1..=5 {
        let mut dying = pipeline.loader_with(&[("FAILPOINTS", "loader::after_commit=return")]);
        let status = dying.wait(SOON).await.unwrap();
        assert_eq!(status.signal(), Some(9), "{death}: {}", dying.logs());
    }
    let _loader = pipeline.loader();
    pipeline.settled("VALID", 1).await;
    assert_eq!(pipeline.dead_letters().await, []);
    let pool = pipeline.pool().await;
    assert_eq!(
        value(&pool, "select stored, load_dead from page").await,
        json!([{"stored": 3, "load_dead": 0}])
    );
}
