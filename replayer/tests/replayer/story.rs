//! A night: a dry run by a schema that nobody deployed, then by the deployed one, and a job with all that may stop it.

use serde_json::{Value, json};

use crate::world::{JOB, World, genre};

/// Genres that the strict schema refuses, and as many that it takes.
fn rows(dead: u32) -> Vec<String> {
    (1..=dead).map(|id| genre(id, 5)).chain((dead + 1..=2 * dead).map(|id| genre(id, 50))).collect()
}

#[tokio::test]
async fn dead_letters_are_judged_by_a_candidate_and_replayed_when_it_is_deployed() {
    let mut world = World::start(10).await;
    world.deploy("replayer", 10);
    world.page(&rows(12), 12).await;
    let mut replayer = world.replayer().spawn().unwrap();
    replayer.ready().await.unwrap();
    world.plan(None, None).await;
    let verdicts =
        "select verdict, count(*), min(faults::text) as faults from dlq_plan_member group by verdict";
    let faults = json!([{"instance_path": "/count", "keyword": "minimum", "message": "5 is less than the minimum of 10"}]);
    let told = world.json(verdicts).await;
    assert_eq!((&told[0]["verdict"], &told[0]["count"]), (&json!("fail"), &json!(12)), "{told}");
    assert_eq!(serde_json::from_str::<Value>(told[0]["faults"].as_str().unwrap()).unwrap(), faults);

    world.plan(Some(60), None).await;
    let plan = "select state, deployed, accepted_checked as checked, accepted_failing as failing, error from dlq_plan";
    let worse = json!([{"state": "ready", "deployed": false, "checked": 12, "failing": 12, "error": null}]);
    assert_eq!(world.json(plan).await, worse, "it would refuse what passes today");
    world.plan(Some(3), None).await;
    let better = json!([{"state": "ready", "deployed": false, "checked": 12, "failing": 0, "error": null}]);
    assert_eq!(world.json(plan).await, better);
    let passes = "select count(*) from dlq_plan_member where verdict = 'pass' and faults is null";
    assert_eq!(world.pipeline.number(passes).await.unwrap(), 12);

    world.deploy("validator", 3);
    world.deploy("replayer", 3);
    world.validate().await;
    world.until("the plan to be by the deployed schemas", "select (select deployed from dlq_plan)").await;
    // One is held back with its group, one is changed by somebody else.
    let changed = "with d as (select item, root from dead_letter order by item limit 1)
         insert into dead_letter_action (at, actor, action, root, reason) select now(), 'other', 'discard', root, 'no' from d;
         select settle_dead_letters(array(select item from dead_letter order by item limit 1));";
    world.pipeline.execute(changed).await.unwrap();
    world.job(1000, 4).await;
    world.job_is("done").await;
    let outcomes =
        "select outcome, skipped, count(*) from dlq_plan_member group by outcome, skipped order by outcome";
    let expected = json!([
        {"outcome": "published", "skipped": null, "count": 11}, {"outcome": "skipped", "skipped": "discarded", "count": 1},
    ]);
    assert_eq!(world.json(outcomes).await, expected, "{}", replayer.logs());
    let states = "select state, count(*) from dead_letter group by state order by state";
    assert_eq!(
        world.json(states).await,
        json!([{"state": "discarded", "count": 1}, {"state": "resolved", "count": 11}])
    );
    assert_eq!(world.replays().await.len(), 11);
    let told =
        "select detail ->> 'state' as state, reason from dead_letter_action where action = 'job' order by id";
    let told = world.json(told).await;
    let told: Vec<_> =
        told.as_array().unwrap().iter().map(|action| action["state"].as_str().unwrap()).collect();
    assert_eq!(told, ["canary", "running", "done"]);
    let raw = world.all("RAW").await;
    let bodies: Vec<&[u8]> = raw.iter().skip(1).map(|stored| &stored.body[..]).collect();
    let untouched = |id| format!("{{\"data\":[{}]}}", genre(id, 5));
    assert!((2..=12).all(|id| bodies.contains(&untouched(id).as_bytes())), "the bytes that came: {bodies:?}");
    let (_, metrics) = replayer.get("/metrics").await.unwrap();
    for line in [
        "kansoku_replayer_replays_total{outcome=\"resolved\"} 11",
        "kansoku_replayer_plans{state=\"ready\"} 1",
        "kansoku_replayer_replays_total{outcome=\"published\"} 11",
        "kansoku_replayer_replays_total{outcome=\"skipped\"} 1",
        "kansoku_replayer_jobs{state=\"done\"} 1",
        "kansoku_replayer_plan_rows_total{verdict=\"fail\"}",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }

    let verdict = "select distinct verdict from dlq_plan_member";
    for (least, expected) in [(60, "fail"), (2, "pass"), (60, "fail")] {
        world.deploy("replayer", least);
        world.plan(None, None).await;
        let told = world.json(verdict).await;
        assert_eq!(told, json!([{"verdict": expected}]), "what was deployed just before judges the plan");
    }
}

#[tokio::test]
async fn a_job_stops_by_itself_and_is_paused_and_cancelled_without_loss() {
    // The replayer believes that the built-in schema is deployed; the validator refuses all again.
    let world = World::start(10).await;
    world.page(&rows(12), 12).await;
    let mut replayer = world.replayer().spawn().unwrap();
    replayer.ready().await.unwrap();
    world.plan(None, None).await;
    world.job(1000, 3).await;
    world.job_is("stopped").await;
    let words = world.json("select words from dlq_job").await[0]["words"].as_str().unwrap().to_owned();
    assert!(words.starts_with("3 of 3 that the plan says pass are dead again: 100.0 %"), "{words}");
    let failed = "select count(*) from dead_letter where state = 'failed'";
    assert_eq!(world.pipeline.number(failed).await.unwrap(), 3, "only the canary went");

    world.plan(None, None).await;
    let held = "update dead_letter_group set hold = true";
    world.pipeline.execute(held).await.unwrap();
    world.job(1000, 0).await;
    world.job_is("done").await;
    let skipped = "select distinct skipped from dlq_plan_member";
    let on_hold = json!([{"skipped": "its group is on hold: schema /count minimum"}]);
    assert_eq!(world.json(skipped).await, on_hold);
    world.pipeline.execute("update dead_letter_group set hold = false").await.unwrap();

    world.plan(None, None).await;
    world.job(2, 0).await;
    world
        .until(
            "the first to go",
            "select (select count(*) from dlq_plan_member where outcome = 'published') > 0",
        )
        .await;
    world.ask("pause").await;
    world.job_is("paused").await;
    let gone = world.replays().await.len();
    world.ask("resume").await;
    world
        .until(
            "more to go",
            &format!(
                "select (select count(*) from dlq_plan_member where outcome = 'published') > {}",
                gone - 3
            ),
        )
        .await;
    world.ask("cancel").await;
    world.job_is("cancelled").await;
    let sums = "select count(*) filter (where outcome is null) > 0 as waiting, count(*) filter (where outcome = 'publishing') as lost,
         count(*) filter (where outcome = 'published') as published from dlq_plan_member";
    let sums = world.json(sums).await;
    assert_eq!((&sums[0]["waiting"], &sums[0]["lost"]), (&json!(true), &json!(0)), "{sums}");
    let replays = world.replays().await;
    assert_eq!(json!(replays.len() - 3), sums[0]["published"]);
    let written =
        format!("select count(*) from dead_letter_action where action = 'replay' and job = '{JOB}'");
    assert_eq!(world.pipeline.number(&written).await.unwrap(), i64::try_from(replays.len()).unwrap());

    let quarantine = "update dead_letter set state = 'quarantined' where item = (select max(item) from dead_letter where state = 'open')";
    world.pipeline.execute(quarantine).await.unwrap();
    let alone = "delete from dlq_plan_member where root <> (select root from dead_letter where state = 'quarantined')";
    for (force, end, expected) in [
        (false, "done", json!([{"skipped": "quarantined: three replays failed; replay it alone, by force"}])),
        (true, "stopped", json!([{"skipped": null}])),
    ] {
        world.plan(None, None).await;
        world.pipeline.execute(alone).await.unwrap();
        world.job_by(1000, 0, force).await;
        world.job_is(end).await;
        assert_eq!(world.json(skipped).await, expected, "force: {force}");
    }
}

#[tokio::test]
async fn steps_change_each_text_and_the_edit_is_kept() {
    let world = World::start(10).await;
    world.page(&rows(3), 3).await;
    world.deploy("replayer", 10);
    let mut replayer = world.replayer().spawn().unwrap();
    replayer.ready().await.unwrap();
    let set = |path: &str| json!([{"op": "set", "path": path, "value": 77}]);
    world.plan(None, Some(set("/nothing/here"))).await;
    let faults = "select distinct verdict, faults -> 0 ->> 'keyword' as keyword, faults -> 0 ->> 'message' as message from dlq_plan_member";
    let told =
        json!([{"verdict": "fail", "keyword": "step", "message": "step 1: nothing is at /nothing/here"}]);
    assert_eq!(world.json(faults).await, told);
    world.plan(None, Some(set("/count"))).await;
    world.job(1000, 1).await;
    world.job_is("done").await;
    let edits = "select version, detail ->> 'text' as text from dead_letter_action where action = 'edit' order by root";
    let expected: Vec<Value> = (1..=3).map(|id| json!({"version": 1, "text": genre(id, 77)})).collect();
    assert_eq!(world.json(edits).await, json!(expected), "nothing else has changed");
    let states = "select distinct state, edited from dead_letter";
    assert_eq!(world.json(states).await, json!([{"state": "resolved", "edited": true}]));
    let stored = "select count(*) from genre_observation where titles = 77";
    assert_eq!(world.pipeline.number(stored).await.unwrap(), 3);

    // One of them was wrong all the same.
    let correct = format!(
        "with d as (select root from dead_letter order by root limit 1)
         insert into dead_letter_action (at, actor, action, root, reason, detail)
         select now(), 'night-shift', 'edit', root, 'one more', jsonb_build_object('text', '{}') from d;
         select settle_dead_letters(array(select item from dead_letter order by root limit 1));",
        genre(1, 78)
    );
    world.pipeline.execute(&correct).await.unwrap();
    let corrections = "select correction, count(*) from dead_letter where state = 'resolved' group by correction order by correction";
    let waiting = json!([{"correction": "waiting", "count": 1}, {"correction": null, "count": 2}]);
    assert_eq!(world.json(corrections).await, waiting);
    world.plan(None, None).await;
    world.job(1000, 1).await;
    world.job_is("done").await;
    let outcomes =
        "select outcome, skipped, count(*) from dlq_plan_member group by outcome, skipped order by outcome";
    let expected = json!([
        {"outcome": "published", "skipped": null, "count": 1},
        {"outcome": "skipped", "skipped": "resolved already", "count": 2},
    ]);
    assert_eq!(world.json(outcomes).await, expected, "{}", replayer.logs());
    let stored =
        "select genre_id, titles from genre_observation where genre_id <= 3 and owner order by genre_id";
    let expected =
        json!([{"genre_id": 1, "titles": 78}, {"genre_id": 2, "titles": 77}, {"genre_id": 3, "titles": 77}]);
    assert_eq!(world.json(stored).await, expected);
    assert_eq!(world.json(corrections).await, json!([{"correction": null, "count": 3}]));
}
