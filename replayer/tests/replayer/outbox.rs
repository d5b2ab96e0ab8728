//! Actions come to AUDIT in their order and once, whoever is killed; one replayer works, and another takes over.

use std::os::unix::process::ExitStatusExt as _;

use kansoku_stack::until;
use serde_json::{Value, json};

use crate::world::{LIMIT, World};

const ACTIONS: i64 = 700;

#[tokio::test]
async fn every_action_is_in_audit_once_and_in_order_and_a_second_replayer_takes_over() {
    let world = World::start(1).await;
    let act = |from: i64, to: i64| {
        format!(
            "insert into dead_letter_action (at, actor, action, reason, detail)
             select now(), 'night-shift', 'plan', 'number ' || n, '{{}}' from generate_series({from}, {to}) n"
        )
    };
    world.pipeline.execute(&act(1, ACTIONS)).await.unwrap();
    let mut dying = world.replayer().env("FAILPOINTS", "replayer::after_audit=return").spawn().unwrap();
    assert_eq!(dying.wait(LIMIT).await.unwrap().signal(), Some(9), "killed nobody: {}", dying.logs());
    let mut first = world.replayer().spawn().unwrap();
    first.ready().await.unwrap();
    let sent = "select (select count(*) from dead_letter_action where audit_seq is null) = 0";
    world.until("the outbox to be empty", sent).await;
    let mut second = world.replayer().spawn().unwrap();
    second.ready().await.unwrap();
    let stands_by = async || {
        let (status, page) = second.get("/readyz").await.unwrap();
        status == 200 && page.contains("another replayer works")
    };
    until("the second to stand by", LIMIT, stands_by).await.unwrap();
    first.kill().await.unwrap();
    world.pipeline.execute(&act(ACTIONS + 1, ACTIONS + 1)).await.unwrap();
    world.until("the second to take over", sent).await;
    let audit = world.all("AUDIT").await;
    let reasons: Vec<Value> = audit
        .iter()
        .map(|stored| serde_json::from_slice::<Value>(&stored.body).unwrap()["reason"].take())
        .collect();
    let expected: Vec<Value> = (1..=ACTIONS + 1).map(|n| json!(format!("number {n}"))).collect();
    assert_eq!(reasons, expected);
    let places = "select count(distinct audit_seq) = count(*) and min(audit_epoch) > 0 as once from dead_letter_action";
    assert_eq!(world.json(places).await, json!([{"once": true}]));
    let (_, metrics) = second.get("/metrics").await.unwrap();
    for line in ["kansoku_replayer_outbox_unsent 0", "kansoku_replayer_leader 1"] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn a_full_audit_is_waited_for_and_nothing_is_lost() {
    let world = World::start(1).await;
    world.pipeline.topology(&["--max-bytes", "AUDIT=2000"]).unwrap();
    let act = "insert into dead_letter_action (at, actor, action, reason, detail)
         select now(), 'night-shift', 'plan', repeat('x', 500), '{}' from generate_series(1, 20) n";
    world.pipeline.execute(act).await.unwrap();
    let mut replayer = world.replayer().spawn().unwrap();
    let waits = async || {
        let page = replayer.get("/readyz").await;
        page.is_ok_and(|(status, page)| {
            status == 503 && page.contains("\"audit\"") && page.contains("raise max_bytes")
        })
    };
    until("readiness to name the cure", LIMIT, waits).await.unwrap();
    world.pipeline.topology(&[]).unwrap();
    replayer.ready().await.unwrap();
    world
        .until("the outbox", "select (select count(*) from dead_letter_action where audit_seq is null) = 0")
        .await;
    assert_eq!(world.all("AUDIT").await.len(), 20);
}
