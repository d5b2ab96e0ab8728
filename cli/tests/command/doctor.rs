//! What `kansoku doctor` looks at, and what it calls wrong.

use serde_json::{Value, json};

use crate::{
    LIST,
    bodies::{self, group, groups, items},
    ends,
    fake::{self, Fake},
};

#[test]
fn the_doctor_says_what_to_do() {
    let runs = ("GET /api/v1/runs", 200, json!({"data": []}).to_string());
    let fake = Fake::with(std::slice::from_ref(&runs));
    ends(&fake.run_with(&[], &["doctor"]), 1, &["ok     API", "WRONG  token", "query-api operator add"]);

    let session =
        json!({"name": "ada", "rights": ["read", "act"], "csrf": null, "expires_at": null}).to_string();
    let unsent = |at: &str| {
        let mut action = bodies::action("discard");
        action["sent"] = json!(false);
        action["at"] = json!(at);
        json!({"actions": [action], "next_cursor": null, "unsent": 1}).to_string()
    };
    let schemas = |trouble: Value| json!({"judge": "abc", "trouble": trouble}).to_string();
    let fake = Fake::with(&[
        runs,
        ("GET /api/v1/operator/session", 200, session),
        ("GET /api/v1/operator/schemas", 200, schemas(json!("anime.v1: no JSON"))),
        ("GET /api/v1/operator/schemas", 200, schemas(json!(null))),
        ("GET /api/v1/operator/dead-letters/groups", 200, groups()),
        (LIST, 200, items(1)),
        ("GET /api/v1/operator/audit", 200, unsent("2026-10-03T02:00:00Z")),
        ("GET /api/v1/operator/audit", 200, unsent("2999-10-03T02:00:00Z")),
        ("GET /api/v1/operator/jobs", 200, json!({"jobs": [], "next_cursor": null}).to_string()),
    ]);
    let words = [
        "WRONG  schemas",
        "anime.v1: no JSON",
        "ada may read, act, not edit",
        "WRONG  projection",
        "98 of 100",
        "look   groups     dead letters wait: 100 for schema · /aired/from · pattern (group 7)",
        "`bin/kansoku dlq group 7` the first",
        "WRONG  replayer",
        "1 action wait",
    ];
    ends(&fake.run(&["doctor"]), 1, &words);
    let well = ["\"check\":\"replayer\",\"do\":null", "\"check\":\"schemas\",\"do\":null"];
    ends(&fake.run(&["doctor", "--json"]), 1, &well);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let said = fake::run(&format!("http://{nobody}"), std::path::Path::new("/none"), &[], &["doctor"]);
    ends(&said, 4, &["WRONG  API", "make up"]);
}

#[test]
fn the_doctor_names_what_waits_and_calls_a_regressed_group_wrong() {
    let of = |number: i64, state: &str, open: i64| {
        let mut group = group();
        (group["group"], group["state"], group["open"]) = (json!(number), json!(state), json!(open));
        group
    };
    let progress = json!({"epoch": 1, "seq": 1, "last_seq": 1, "at": "2026-10-03T02:00:01Z"});
    let projection = json!({"dlq": progress, "audit": progress});
    let look = |groups: &[Value]| {
        let mut list: Value = serde_json::from_str(&items(1)).unwrap();
        list["projection"] = projection.clone();
        let fake = Fake::with(&[
            ("GET /api/v1/runs", 200, json!({"data": []}).to_string()),
            (
                "GET /api/v1/operator/session",
                200,
                json!({"name": "ada", "rights": ["read"], "csrf": null, "expires_at": null}).to_string(),
            ),
            ("GET /api/v1/operator/schemas", 200, json!({"judge": "abc", "trouble": null}).to_string()),
            (
                "GET /api/v1/operator/dead-letters/groups",
                200,
                json!({"groups": groups, "projection": projection}).to_string(),
            ),
            ("GET /api/v1/operator/dead-letters?", 200, list.to_string()),
            (
                "GET /api/v1/operator/audit",
                200,
                json!({"actions": [], "next_cursor": null, "unsent": 0}).to_string(),
            ),
            ("GET /api/v1/operator/jobs", 200, json!({"jobs": [], "next_cursor": null}).to_string()),
        ]);
        (fake.run(&["doctor"]), fake.run(&["doctor", "--json"]))
    };
    let (said, json) = look(&[of(1, "fixed", 0), of(2, "muted", 9)]);
    ends(&said, 0, &["ok     groups     no dead letter waits"]);
    ends(&json, 0, &["\"check\":\"groups\",\"do\":null,\"level\":\"ok\",\"ok\":true"]);
    let (said, json) = look(&[of(1, "new", 1), of(2, "fixed", 3), of(3, "new", 2), of(4, "new", 1)]);
    ends(
        &said,
        0,
        &[
            "look   groups     dead letters wait: 3 for",
            "(group 2); 2 for",
            "(group 3); 1 for",
            ", and 1 more",
        ],
    );
    ends(&json, 0, &["\"level\":\"look\"", "\"ok\":true"]);
    let (said, json) = look(&[of(1, "new", 50), of(2, "regressed", 3)]);
    ends(&said, 1, &["WRONG  groups     dead letters wait: 3 for", "(group 2, regressed); 50 for"]);
    ends(&json, 1, &["\"level\":\"wrong\""]);
}
