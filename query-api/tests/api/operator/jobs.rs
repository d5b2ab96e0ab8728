//! Plans and jobs, as far as this service goes: the replayer does the rest.

use axum::http::{Method, StatusCode};
use kansoku_stack::postgres::Database;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{ROW, get, post, read, refusal, request, row, service};
use crate::support::Instance;

const NOBODY: &str = "00000000-0000-0000-0000-000000000009";

async fn run(database: &Database, sql: String) {
    let mut session = PgConnection::connect(database.url()).await.expect("a database");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut session).await.expect("good statements");
}

async fn accepted(service: &Instance, path: &str, body: Value) -> Value {
    let got = post(service, path, body).await;
    assert_eq!(got.status, StatusCode::ACCEPTED, "{path}: {}", got.text());
    got.json()
}

/// What the replayer does with a plan: rows of even numbers pass.
async fn judge(database: &Database, plan: &str, deployed: bool) {
    let sql = format!(
        "update dlq_plan_member set verdict = case when split_part(root, ':', 3)::int % 2 = 0 then 'pass' else 'fail' end
             where plan = '{plan}';
         update dlq_plan_member set faults = '[{{\"instance_path\": \"/genres/1/name\", \"keyword\": \"type\", \"message\": \"no\"}},
             {{\"instance_path\": \"/genres/2/name\", \"keyword\": \"type\", \"message\": \"no\"}}]'
             where plan = '{plan}' and verdict = 'fail';
         update dlq_plan set state = 'ready', judge = 'judge-2', deployed = {deployed}, ready_at = '2026-11-14 12:00Z',
             accepted_checked = 5000, accepted_failing = 0 where plan = '{plan}'"
    );
    run(database, sql).await;
}

#[tokio::test]
async fn a_plan_is_carried_out_by_a_job() {
    let (database, service) = service().await;
    let made = accepted(&service, "plans", json!({"filter": "path:/aired/from", "expect": 12})).await;
    assert_eq!(
        (&made["state"], &made["items"], &made["filter"]),
        (&json!("requested"), &json!(12), &json!("path:/aired/from"))
    );
    let plan = made["plan"].as_str().expect("an id");
    let job = |members: &str| json!({"plan": plan, "members": members, "reason": "the schema is right now", "rate": 2});
    let conflict = StatusCode::CONFLICT;
    assert!(refusal(&post(&service, "jobs", job("pass")).await, conflict).contains("is requested"));
    judge(&database, plan, false).await;
    assert!(refusal(&post(&service, "jobs", job("pass")).await, conflict).contains("deploy them first"));
    judge(&database, plan, true).await;
    let mut forced = job("all");
    forced["force"] = json!(true);
    let words = refusal(&post(&service, "jobs", forced).await, StatusCode::BAD_REQUEST);
    assert!(words.starts_with("force: is for one quarantined dead letter"), "{words}");
    post(&service, &format!("dead-letters/{}/discard", row(4)), json!({"version": 1, "reason": "x"})).await;
    let ready = read(&service, &format!("plans/{plan}")).await;
    assert_eq!(ready["replayable"], 5, "one of those that pass is discarded");
    let held = "update dead_letter_group set hold = true where path = '/aired/from'";
    run(&database, held.to_owned()).await;
    assert_eq!(read(&service, &format!("plans/{plan}")).await["replayable"], 0);
    run(&database, held.replace("true", "false")).await;
    assert_eq!((&ready["passes"], &ready["fails"], &ready["invalid"]), (&json!(6), &json!(6), &json!(1)));
    let failures = json!([{"path": "/genres/*/name", "keyword": "type", "message": "no", "items": 6}]);
    assert_eq!(ready["failures"], failures);

    let mut members = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = read(&service, &format!("plans/{plan}/members?verdict=pass&limit=4{cursor}")).await;
        members.extend(page["members"].as_array().expect("members").clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(members.len(), 6);
    let changed: Vec<_> =
        members.iter().filter(|one| one["changed"] == true).map(|one| &one["root"]).collect();
    assert_eq!(changed, [&json!(row(4))]);
    let failing = read(&service, &format!("plans/{plan}/members?verdict=fail&limit=1")).await;
    assert_eq!(
        failing["members"][0]["faults"][0],
        json!({"path": "/genres/1/name", "keyword": "type", "message": "no"})
    );

    let started = accepted(&service, "jobs", job("pass")).await;
    assert_eq!((&started["state"], &started["eta_seconds"]), (&json!("queued"), &json!(3.0)));
    assert_eq!((&started["canary"], &started["counts"]["members"]), (&json!(10), &json!(6)));
    assert!((started["stop_share"].as_f64().expect("a number") - 0.05).abs() < 1e-6);
    assert!(
        refusal(&post(&service, "jobs", job("all")).await, conflict).contains("has a job that is not over")
    );
    let id = started["job"].as_str().expect("an id");
    assert_eq!(read(&service, &format!("plans/{plan}")).await["job"], id);

    // As the replayer and the loader would: one stored, one rejected again, one on its way, one left out.
    let outcome = |n: u32, outcome: &str| {
        format!(
            "update dlq_plan_member set outcome = '{outcome}', n = 1 where plan = '{plan}' and root = '{}';",
            row(n)
        )
    };
    let sql = [
        outcome(0, "published"),
        outcome(2, "published"),
        outcome(4, "skipped', skipped = 'discarded"),
        outcome(6, "publishing"),
        format!("update dead_letter set resolved_at = '2026-11-14 12:01Z', state = 'resolved' where root = '{}';", row(0)),
        format!("update dead_letter_letter set attempt = 1 where item = (select item from dead_letter where root = '{}');", row(2)),
        format!("update dlq_job set state = 'running' where job = '{id}'; update dead_letter set reason = 'schema', page = 1 where root = '{ROW}';"),
        "insert into dead_letter_fault (item, grp, sole) select d.item, f.grp, false from dead_letter d, dead_letter_fault f \
         join dead_letter_group g using (grp) where d.page = 1 and g.path = '/aired/from' limit 1".to_owned(),
    ];
    run(&database, sql.concat()).await;
    let job = read(&service, &format!("jobs/{id}")).await;
    let counts =
        json!({"members": 6, "waiting": 2, "published": 1, "resolved": 1, "failed": 1, "skipped": 1});
    assert_eq!(
        (&job["counts"], &job["eta_seconds"], &job["joined_since"]),
        (&counts, &json!(1.0), &json!(1))
    );
    assert_eq!(job["skips"], json!([{"why": "discarded", "members": 1}]));
    assert_eq!(read(&service, &format!("plans/{plan}")).await["replayable"], 2);
    let failed = read(&service, &format!("plans/{plan}/members?outcome=failed")).await;
    assert_eq!(
        (&failed["members"][0]["root"], failed["members"].as_array().map(Vec::len)),
        (&json!(row(2)), Some(1))
    );

    let paused = post(&service, &format!("jobs/{id}/pause"), json!({})).await.json();
    assert_eq!(paused["asked"], "pause");
    run(&database, format!("update dlq_job set state = 'paused', asked = null where job = '{id}'")).await;
    assert!(
        refusal(&post(&service, &format!("jobs/{id}/pause"), json!({})).await, conflict)
            .contains("paused already")
    );
    assert_eq!(
        service.ask(request(Method::POST, &format!("jobs/{id}/cancel"), "actor", None)).await.json()["asked"],
        "cancel"
    );
    run(&database, format!("update dlq_job set state = 'cancelled', asked = null where job = '{id}'")).await;
    assert!(
        refusal(&post(&service, &format!("jobs/{id}/resume"), json!({})).await, conflict)
            .contains("is over: it is cancelled")
    );
    assert_eq!(read(&service, "jobs?limit=1").await["jobs"][0]["job"], id);
    assert_eq!(read(&service, "plans").await["plans"][0]["plan"], plan);

    let audit = read(&service, &format!("audit?job={id}")).await;
    let told: Vec<_> = audit["actions"]
        .as_array()
        .expect("actions")
        .iter()
        .map(|one| (&one["actor"], &one["detail"]))
        .collect();
    assert_eq!(told[0], (&json!("actor"), &json!({"asked": "cancel"})));
    assert_eq!(told[2].1["state"], "queued");
    assert_eq!(audit["unsent"], 5);
    let mine = read(&service, "audit?actor=night-shift&limit=1").await;
    let next = mine["next_cursor"].as_str().expect("more");
    let rest = read(&service, &format!("audit?actor=night-shift&cursor={next}")).await;
    assert_eq!(rest["actions"].as_array().map(Vec::len), Some(3));
    assert_eq!(read(&service, &format!("audit?root={}", row(4))).await["actions"][0]["action"], "discard");
}

#[tokio::test]
async fn plans_and_jobs_that_make_no_sense_are_refused() {
    let (_database, service) = service().await;
    let (bad, conflict, missing) = (StatusCode::BAD_REQUEST, StatusCode::CONFLICT, StatusCode::NOT_FOUND);
    let schema = |name: &str, text: &str| json!({"filter": "page:2", "schema": {"name": name, "text": text}});
    let job = |key: &str, value: Value| {
        let mut job = json!({"plan": NOBODY, "members": "pass", "reason": "x"});
        job[key] = value;
        job
    };
    for (path, body, status, words) in [
        ("plans", json!({"filter": "page:77"}), bad, "filter: no dead letter matches"),
        ("plans", json!({"filter": "page:x"}), bad, "filter: column 6"),
        ("plans", json!({"filter": ""}), bad, "filter: an empty filter"),
        (
            "plans",
            json!({"filter": "page:2", "expect": 1}),
            conflict,
            "13 dead letters match now, and you expected 1",
        ),
        ("plans", json!({}), bad, "name the items either by"),
        ("plans", json!({"filter": "page:2", "roots": [ROW]}), bad, "name the items either by"),
        ("plans", json!({"roots": []}), bad, "roots: none is named"),
        ("plans", json!({"roots": [ROW, "x"]}), bad, "roots: 1 of the 2 dead letters"),
        ("plans", json!({"roots": [ROW], "expect": 2}), conflict, "1 dead letters match now"),
        ("plans", schema("anime.v9", "{}"), bad, "schema: there is no schema anime.v9"),
        ("plans", schema("anime.v1", "{"), bad, "schema: schema anime.v1"),
        ("plans", schema("anime.v1", "{\"type\": 7}"), bad, "schema: schema anime.v1"),
        ("plans", json!({"filter": "page:2", "steps": [{"op": "dance", "path": "/x"}]}), bad, "step 1"),
        ("plans", json!({"filter": "page:2", "steps": 7}), bad, "step 1"),
        ("jobs", job("rate", json!(0)), bad, "rate: 0 is not"),
        ("jobs", job("canary", json!(-1)), bad, "canary: -1 is not"),
        ("jobs", job("stop_share", json!(1.5)), bad, "stop_share: 1.5 is not"),
        ("jobs", job("reason", json!(" ")), bad, "reason: must not be empty"),
        ("jobs", job("members", json!("some")), bad, "the body: unknown variant `some`"),
        ("jobs", job("rate", json!(1)), missing, "no plan 00000000"),
        ("jobs/00000000-0000-0000-0000-000000000009/pause", json!({}), missing, "no job 00000000"),
    ] {
        let detail = refusal(&post(&service, path, body).await, status);
        assert!(detail.starts_with(words), "{path}: {detail}");
    }
    for path in [
        format!("plans/{NOBODY}"),
        format!("plans/{NOBODY}/members"),
        format!("jobs/{NOBODY}"),
        "plans/x".into(),
    ] {
        refusal(&get(&service, &path).await, missing);
    }
    for path in ["audit?job=x", "audit?limit=501", "audit?cursor=x", "plans?cursor=x", "ledger?run=x"] {
        refusal(&get(&service, path).await, bad);
    }
    let steps = json!({"filter": "page:2", "steps": [{"op": "remove", "path": "/x"}]});
    let denied = service.ask(request(Method::POST, "plans", "actor", Some(&steps))).await;
    assert!(refusal(&denied, StatusCode::FORBIDDEN).contains("lacks the right edit"));
    let plan = accepted(&service, "plans", steps).await;
    assert_eq!(plan["steps"][0]["op"], "remove");
    let one =
        accepted(&service, "plans", json!({"roots": [ROW], "schema": {"name": "anime.v1", "text": "{}"}}))
            .await;
    assert_eq!((&one["filter"], &one["schema"]), (&json!(format!("root:{ROW}")), &json!("anime.v1")));
    let cancel = format!("plans/{}/cancel", one["plan"].as_str().unwrap());
    let cancelled = post(&service, &cancel, json!({})).await;
    assert_eq!(cancelled.json()["state"], "failed");
    assert_eq!(cancelled.json()["error"], "cancelled by night-shift");
    assert!(refusal(&post(&service, &cancel, json!({})).await, conflict).contains("is over"));
}

#[tokio::test]
async fn a_job_that_is_to_end_takes_no_other_word() {
    let (database, service) = service().await;
    let made = accepted(&service, "plans", json!({"filter": "path:/aired/from", "expect": 12})).await;
    let plan = made["plan"].as_str().expect("an id");
    judge(&database, plan, true).await;
    let job = json!({"plan": plan, "members": "pass", "reason": "the schema is right now"});
    let job = accepted(&service, "jobs", job).await["job"].as_str().expect("an id").to_owned();
    assert_eq!(post(&service, &format!("jobs/{job}/cancel"), json!({})).await.status, StatusCode::OK);
    let resumed = post(&service, &format!("jobs/{job}/resume"), json!({})).await;
    assert!(refusal(&resumed, StatusCode::CONFLICT).contains("about to be cancelled"));
}

#[tokio::test]
async fn a_plan_that_changes_texts_is_carried_out_by_who_may_edit() {
    let (database, service) = service().await;
    let steps = json!([{"op": "set", "path": "/score", "value": 1}]);
    let made = accepted(&service, "plans", json!({"filter": "path:/aired/from", "steps": steps})).await;
    let plan = made["plan"].as_str().expect("an id");
    judge(&database, plan, true).await;
    let job = json!({"plan": plan, "members": "pass", "reason": "the schema is right now"});
    let actor = service.ask(request(Method::POST, "jobs", "actor", Some(&job))).await;
    assert!(refusal(&actor, StatusCode::FORBIDDEN).contains("lacks the right edit"));
    accepted(&service, "jobs", job).await;
}

#[tokio::test]
async fn one_quarantined_dead_letter_is_replayed_by_force() {
    let (database, service) = service().await;
    let made = accepted(&service, "plans", json!({"roots": [row(2)]})).await;
    let plan = made["plan"].as_str().expect("an id");
    judge(&database, plan, true).await;
    let job = json!({"plan": plan, "members": "pass", "reason": "the upstream has mended it", "force": true});
    let job = accepted(&service, "jobs", job).await;
    let audit = read(&service, &format!("audit?job={}", job["job"].as_str().expect("an id"))).await;
    assert_eq!(audit["actions"][0]["detail"]["force"], true, "the audit tells that it was by force");
}
