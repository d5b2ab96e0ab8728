//! Dry runs, plans and replays: what is asked, waited for and said.

use serde_json::{Value, json};

use crate::{
    bodies::{HOSTILE, PLAN, groups, items, job, plan},
    ends,
    fake::Fake,
};

#[test]
fn a_dry_run_is_waited_for_and_its_code_says_whether_all_pass() {
    let asked = "POST /api/v1/operator/plans";
    let state = "GET /api/v1/operator/plans/";
    let fake = Fake::with(&[
        (asked, 202, plan("requested", 0, 0)),
        (state, 200, plan("running", 50, 0)),
        (state, 200, plan("ready", 97, 3)),
    ]);
    let schema = fake.file("anime.v1.json", "{}");
    let command = [
        "dlq",
        "dry-run",
        "path:/aired/from",
        "--schema",
        &schema,
        "--step",
        "set:/n=1234567890123456789.50",
        "--expect",
        "100",
    ];
    ends(
        &fake.run(&command),
        1,
        &["97 of 100", "of the last 5000 accepted rows, 0 would now fail", "1 × /score · type"],
    );
    // A number that no machine knows stays as it was typed.
    let requests = fake.requests();
    let body = &requests[0].body;
    assert!(requests[0].text.contains(r#"{"op":"set","path":"/n","value":1234567890123456789.50}"#));
    assert_eq!(body["schema"], json!({"name": "anime.v1", "text": "{}"}));
    assert_eq!((&body["expect"], &body["all"]), (&json!(100), &json!(false)));

    let fake = Fake::with(&[(asked, 202, plan("ready", 3, 0))]);
    ends(&fake.run(&["dlq", "dry-run", "--all"]), 0, &["3 of 3"]);
    ends(&fake.run(&["dlq", "dry-run"]), 2, &["--all"]);
    ends(&fake.run(&["dlq", "dry-run", "--all", "--schema", "schema.yaml"]), 2, &["anime.v1.json"]);
}

#[test]
fn a_replay_is_followed_to_its_end() {
    let (read, asked, state) =
        ("GET /api/v1/operator/plans/", "POST /api/v1/operator/jobs", "GET /api/v1/operator/jobs/");
    let fake = Fake::with(&[
        (read, 200, plan("ready", 97, 3)),
        (asked, 202, job("queued", 0, 0)),
        (state, 200, job("canary", 10, 0)),
        (state, 200, job("done", 97, 0)),
    ]);
    ends(&fake.run(&["dlq", "replay", PLAN, "--reason", "x"]), 2, &["Replay 97 dead letters?", "--yes"]);
    let said = fake.run(&["dlq", "replay", PLAN, "--reason", "x", "--yes", "--canary", "5"]);
    ends(&said, 0, &["10 of 97 canary", "97 resolved", "4 dead letters joined since"]);
    let asked_for = fake.requests().into_iter().find(|request| request.line == asked).unwrap();
    assert_eq!(asked_for.token.as_deref(), Some("secret-word"));
    let body = json!({
        "plan": PLAN, "members": "pass", "rate": 200, "canary": 5, "stop_share": 0.05, "force": false, "reason": "x"
    });
    assert_eq!(asked_for.body, body);

    let fake = Fake::with(&[(read, 200, plan("ready", 97, 3)), (asked, 202, job("stopped", 2, 8))]);
    ends(&fake.run(&["dlq", "replay", PLAN, "--reason", "x", "--yes"]), 1, &["8 failed again"]);
    ends(
        &fake.run(&["dlq", "replay", PLAN, "--reason", "x", "--yes", "--no-wait"]),
        0,
        &["; bin/kansoku dlq jobs"],
    );
}

#[test]
fn one_dead_letter_is_judged_and_replayed_by_force() {
    let (made, asked) = ("POST /api/v1/operator/plans", "POST /api/v1/operator/jobs");
    let fake = Fake::with(&[(made, 202, plan("ready", 1, 0)), (asked, 202, job("done", 1, 0))]);
    ends(
        &fake.run(&["dlq", "replay", "r:1:2:validate", "--force", "--reason", "x", "--yes"]),
        0,
        &["resolved"],
    );
    let body = |line: &str| fake.requests().into_iter().find(|request| request.line == line).unwrap().body;
    assert_eq!(body(made), json!({"roots": ["r:1:2:validate"]}));
    assert_eq!(body(asked)["force"], true);
}

#[test]
fn what_cannot_be_replayed_is_said_by_the_plan_and_by_the_job() {
    let (read, made) = ("GET /api/v1/operator/plans/", "POST /api/v1/operator/plans");
    let deployed = |replayable: i64| {
        let mut plan: Value = serde_json::from_str(&plan("ready", 97, 3)).unwrap();
        (plan["replayable"], plan["deployed"]) = (json!(replayable), json!(true));
        plan.to_string()
    };
    let fake = Fake::with(&[(made, 202, deployed(2)), (read, 200, deployed(2))]);
    ends(&fake.run(&["dlq", "plan", "path:/aired/from"]), 1, &["2 of the 97 that pass", "dlq replay"]);
    ends(&fake.run(&["dlq", "replay", PLAN, "--reason", "x"]), 2, &["Replay 2 dead letters?"]);
    let fake = Fake::with(&[(made, 202, deployed(0)), (read, 200, deployed(0))]);
    let said = fake.run(&["dlq", "plan", "path:/aired/from"]);
    ends(&said, 1, &["0 of the 97 that pass", "nothing that passes can be replayed now"]);
    ends(&fake.run(&["dlq", "replay", PLAN, "--reason", "x", "--yes"]), 2, &["0 of the 97 that pass"]);

    let mut skipped: Value = serde_json::from_str(&job("done", 0, 0)).unwrap();
    skipped["skips"] = json!([{"why": "resolved already", "members": 96}, {"why": HOSTILE, "members": 1}]);
    let fake = Fake::with(&[("GET /api/v1/operator/jobs/", 200, skipped.to_string())]);
    ends(
        &fake.run(&["dlq", "jobs", "0d000000-0000-4000-8000-000000000002"]),
        0,
        &["96 skipped: resolved already", "1 skipped: ␛[2J"],
    );
}

#[test]
fn a_dry_run_and_a_plan_of_one_verdict_end_alike() {
    let asked = "POST /api/v1/operator/plans";
    for (passes, fails, code) in [(3, 0, 0), (97, 3, 1), (0, 3, 1)] {
        let fake = Fake::with(&[(asked, 202, plan("ready", passes, fails))]);
        for command in ["dry-run", "plan"] {
            ends(&fake.run(&["dlq", command, "state:open"]), code, &[&format!("{passes} of ")]);
        }
    }
    let mut several: Value = serde_json::from_str(&plan("ready", 97, 3)).unwrap();
    several["failures"] = json!([{"path": "/score", "keyword": "type", "message": "it is text", "items": 2}]);
    let fake = Fake::with(&[(asked, 202, several.to_string())]);
    let said = fake.run(&["dlq", "plan", "state:open"]);
    ends(&said, 1, &["2 × /score · type, for instance: it is text"]);
}

#[test]
fn what_is_no_plan_is_not_asked_for() {
    let fake = Fake::with(&[]);
    for command in [&["dlq", "replay", "PLAN"][..], &["dlq", "plan", "--cancel", "0d000000-0000"]] {
        ends(&fake.run(command), 2, &["no id of a plan; `bin/kansoku dlq plan FILTER` makes a plan"]);
    }
    ends(
        &fake.run(&["dlq", "jobs", "1234"]),
        2,
        &["1234 is no id of a job; `bin/kansoku dlq jobs` lists them"],
    );
    assert!(fake.requests().is_empty());
}

#[test]
fn a_filter_whose_fault_nothing_has_leads_to_the_groups() {
    let fake = Fake::with(&[
        ("GET /api/v1/operator/dead-letters?", 200, items(0)),
        ("GET /api/v1/operator/dead-letters/groups", 200, groups()),
        ("POST /api/v1/operator/plans", 202, plan("ready", 0, 0)),
    ]);
    let hint = "no dead letter has such a fault; `bin/kansoku dlq groups` lists the faults there are";
    for filter in ["path:/aired/form", "keyword:type"] {
        ends(&fake.run(&["dlq", "ls", filter]), 0, &["0 dead letters match", hint]);
        ends(&fake.run(&["dlq", "plan", filter]), 1, &[hint]);
    }
    for filter in ["path:/aired/from", "state:open"] {
        let said = fake.run(&["dlq", "ls", filter]);
        assert!(said.code == Some(0) && !said.out.contains("such a fault"), "{said:?}");
    }
}

#[test]
fn the_folder_of_schemas_is_named_where_it_is_known() {
    let fake = Fake::with(&[("POST /api/v1/operator/plans", 202, plan("ready", 97, 3))]);
    let command = ["dlq", "dry-run", "state:open"];
    let then = "then: bin/kansoku dlq plan path:/aired/from";
    ends(&fake.run(&command), 1, &["copy it into the folder of schemas)", then]);
    let here = [("KANSOKU_TOKEN", "t"), ("KANSOKU_SCHEMAS_DIR", "/k/.data/schemas")];
    ends(&fake.run_with(&here, &command), 1, &["copy it into /k/.data/schemas)", then]);
}
