//! What the steps of a plan make of its members.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{BYTES, ROW, post, read, row, service};
use crate::support::execute;

#[tokio::test]
async fn a_member_shows_what_the_steps_make_of_its_text() {
    let (database, service) = service().await;
    let steps = json!([{"op": "replace", "path": "/title", "pattern": "^Row (1?\\d)$", "with": "Line $1"}]);
    let made = post(&service, "plans", json!({"roots": [row(3), ROW, BYTES], "steps": steps})).await;
    assert_eq!(made.status, StatusCode::ACCEPTED, "{}", made.text());
    let made = made.json();
    let plan = made["plan"].as_str().expect("an id");
    let members = || async {
        let page = read(&service, &format!("plans/{plan}/members?texts=true")).await;
        page["members"].as_array().expect("members").clone()
    };
    let texts = |members: &[Value], root: &str| {
        members.iter().find(|one| one["root"] == root).expect("a member")["texts"].clone()
    };
    let mended = json!({"before": r#"{"mal_id": 903, "title": "Row 3"}"#, "after": r#"{"mal_id": 903, "title": "Line 3"}"#});
    let all = members().await;
    assert_eq!(texts(&all, &row(3)), mended);
    let refused = texts(&all, ROW);
    assert_eq!(refused["after"], Value::Null, "a step does not apply");
    assert!(refused["before"].as_str().expect("a text").contains("123456789012345678"));
    assert_eq!(texts(&all, BYTES), Value::Null, "no text");
    let plain = read(&service, &format!("plans/{plan}/members")).await;
    assert_eq!(plain["members"][0]["texts"], Value::Null, "nobody asked");

    // As the replayer does before it publishes: its own edit is not what there was before.
    let edit = "insert into dead_letter_action (at, actor, action, root, version, plan, detail)
        select now(), 'replayer', 'edit', root, 1, plan, '{\"text\": \"{}\"}' from dlq_plan_member where root like '%:3:validate'";
    execute(&database, edit).await;
    assert_eq!(texts(&members().await, &row(3)), mended);
}
