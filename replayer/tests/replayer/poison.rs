//! Plans that nobody should have made: none holds up other work, and each ends.

use serde_json::json;

use crate::world::{PLAN, World, genre};

/// Each definition is the one before, twice: as many parts as no one has time for.
fn endless() -> String {
    let mut definitions = vec![r#""d0":{"type":"object"}"#.to_owned()];
    definitions.extend((1..60).map(|n| {
        let before = format!("{{\"$ref\":\"#/$defs/d{}\"}}", n - 1);
        format!("\"d{n}\":{{\"allOf\":[{before},{before}]}}")
    }));
    format!("{{\"$defs\":{{{}}},\"$ref\":\"#/$defs/d59\"}}", definitions.join(","))
}

#[tokio::test]
async fn a_plan_that_cannot_be_judged_fails_and_stops_nothing() {
    let world = World::start(10).await;
    world.page(&[genre(1, 5)], 1).await;
    world.deploy("replayer", 10);
    let replayer = || world.replayer().env("REPLAYER_PLAN__JUDGING_TIMEOUT_MS", "3000").spawn().unwrap();
    let mut running = replayer();
    running.ready().await.unwrap();
    let state = "select state, error from dlq_plan";

    world.freeze(Some(&endless()), None).await;
    world.until("the plan to run", "select (select state from dlq_plan) = 'running'").await;
    let act =
        "insert into dead_letter_action (at, actor, action, reason) values (now(), 'chief', 'group', 'seen')";
    world.pipeline.execute(act).await.unwrap();
    let sent = "select (select count(*) from dead_letter_action where audit_seq is not null) = 1 and (select state from dlq_plan) = 'running'";
    world.until("the action in AUDIT beside the plan", sent).await;
    world.until("the end of the plan", "select (select state from dlq_plan) = 'failed'").await;
    let words = world.json(state).await[0]["error"].as_str().unwrap().to_owned();
    assert!(words.starts_with("judging took longer than the 3s that a plan has"), "{words}");

    world.freeze(None, None).await;
    world.until("the next plan", "select (select state from dlq_plan) = 'ready'").await;
    let verdicts = world.json("select verdict from dlq_plan_member").await;
    assert_eq!(verdicts, json!([{"verdict": "fail"}]), "{}", running.logs());

    // A replayer in the middle of such a plan ends when it is told to, and of three the third does not begin it.
    world.freeze(Some(&endless()), None).await;
    world.until("the plan to run", "select (select begun from dlq_plan) = 1").await;
    running.terminate().await.unwrap();
    for state in ["(select begun from dlq_plan) = 2", "(select state from dlq_plan) = 'failed'"] {
        let mut next = replayer();
        world.until("a plan that was begun again", &format!("select {state}")).await;
        next.kill().await.unwrap();
    }
    let failed = world.json(&format!("select error from dlq_plan where plan = '{PLAN}'")).await;
    let words = failed[0]["error"].as_str().unwrap();
    assert!(words.starts_with("begun 2 times and never ended"), "{words}");
}
