//! An operator's text that is stored: its numbers say so, and another text can take its place.

use axum::http::StatusCode;
use kansoku_stack::postgres::Database;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use super::{
    changes::{GOOD, done, refused},
    read, row, service,
};
use crate::support::{Instance, execute};

/// The text of title 102, with so many members.
fn text(members: u32) -> String {
    GOOD.replace("\"mal_id\": 301", "\"mal_id\": 102")
        .replace("\"members\": 5", &format!("\"members\": {members}"))
}

/// Lets the `n`-th replay of row 0 be stored at a position of RAW.
async fn store(database: &Database, n: u32, seq: u32, members: u32) {
    let sql = include_str!("stored.sql").replace("{n}", &n.to_string()).replace("{seq}", &seq.to_string());
    let sql = sql.replace("{members}", &members.to_string());
    let mut session = PgConnection::connect(database.url()).await.expect("a database");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut session).await.expect("good statements");
}

/// Row 0 of run 5, edited and stored with seven members.
async fn edited() -> (Database, Instance) {
    let (database, service) = service().await;
    let edit = json!({"version": 1, "reason": "a day is missing", "text": text(7)});
    done(&service, &format!("dead-letters/{}/edit", row(0)), edit).await;
    store(&database, 1, 901, 7).await;
    (database, service)
}

fn correction(version: i64, seq: i64, text: &str) -> Value {
    json!({"version": version, "reason": "seven was wrong", "text": text, "stored": {"epoch": 1000, "seq": seq}})
}

async fn open_data(service: &Instance, path: &str) -> Value {
    let got = service.get(&format!("/api/v1/{path}")).await;
    assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.text());
    got.json()["data"].clone()
}

#[tokio::test]
async fn an_edited_number_says_so_at_its_origin_and_not_who_edited_it() {
    let (_database, service) = edited().await;
    let journey = open_data(&service, "journey/1000/901?mal_id=102").await;
    let detail = read(&service, &format!("dead-letters/{}", row(0))).await;
    let edit = &detail["actions"][0];
    assert_eq!(
        (&journey["replay_root"], &journey["edit"], &journey["edited_at"]),
        (&json!(row(0)), &edit["id"], &edit["at"])
    );
    assert!(!journey.to_string().contains("night-shift"), "{journey}");
    let days = open_data(&service, "analytics/titles/102/days?catalogue=sample").await;
    let edited: Vec<_> = days["days"].as_array().expect("days").iter().map(|day| &day["edited"]).collect();
    assert_eq!(edited, [false, false, false, false, true], "{days}");
    let other = open_data(&service, "journey/1000/5").await;
    assert_eq!((&other["edit"], &other["edited_at"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_stored_edit_is_corrected_once_its_replay_is_stored() {
    let (database, service) = edited().await;
    let path = |command: &str| format!("dead-letters/{}/{command}", row(0));
    let detail = read(&service, &format!("dead-letters/{}", row(0))).await;
    let stored = &detail["stored"];
    assert_eq!((&stored["seq"], &stored["n"], &stored["stands"]), (&json!(901), &json!(1), &json!(true)));

    let item = done(&service, &path("correct"), correction(4, 901, &text(8))).await;
    assert_eq!(
        (&item["item"]["state"], &item["item"]["correction"], &item["item"]["version"]),
        (&json!("resolved"), &json!("waiting"), &json!(5))
    );
    // Withdrawn, the text is again the one that is stored.
    let item = done(&service, &path("revert"), json!({"version": 5, "reason": "seven was right"})).await;
    assert_eq!(item["item"]["correction"], Value::Null);
    let detail = read(&service, &format!("dead-letters/{}", row(0))).await;
    assert_eq!(detail["text"], json!(text(7)));

    done(&service, &path("correct"), correction(6, 901, &text(8))).await;
    store(&database, 2, 902, 8).await;
    let detail = read(&service, &format!("dead-letters/{}", row(0))).await;
    assert_eq!((&detail["stored"]["seq"], &detail["item"]["correction"]), (&json!(902), &Value::Null));
    let before: Vec<_> =
        detail["actions"].as_array().expect("actions").iter().map(|action| &action["before"]).collect();
    let (seven, eight) = (json!(text(7)), json!(text(8)));
    assert_eq!(before[2..], [&seven, &eight, &seven, &Value::Null], "each edit says what it changed");
    // The second operator, who still looks at the first row, is told who was first.
    let words = refused(&service, &path("correct"), correction(8, 901, &text(9)), StatusCode::CONFLICT).await;
    assert!(words.contains("RAW 902 is stored of") && words.contains("you saw 901"), "{words}");
    assert!(words.contains("night-shift did replay at 2026-11-14 06:00:00 UTC (it is mended)"), "{words}");
}

#[tokio::test]
async fn what_cannot_be_corrected_is_refused_in_words() {
    let (database, service) = edited().await;
    let path = format!("dead-letters/{}/correct", row(0));
    let (bad, conflict) = (StatusCode::BAD_REQUEST, StatusCode::CONFLICT);
    for (body, status, words) in [
        (correction(3, 901, &text(8)), conflict, "is at version 4, and you saw 3"),
        (correction(4, 900, &text(8)), conflict, "RAW 901 is stored of"),
        (correction(4, 901, &text(7)), bad, "this is the text"),
        (correction(4, 901, &text(8).replace("102", "103")), bad, "a correction is of the same title"),
        (correction(4, 901, "{\"mal_id\": 102}"), bad, "the text still does not pass"),
    ] {
        let said = refused(&service, &path, body, status).await;
        assert!(said.contains(words), "{said}");
    }
    let open = format!("dead-letters/{}/correct", row(1));
    let said = refused(&service, &open, correction(1, 901, &text(8)), conflict).await;
    assert!(said.contains("is open: nothing of it is stored"), "{said}");

    execute(&database, "update dead_letter set correction = 'published' where row = 0").await;
    let said = refused(&service, &path, correction(4, 901, &text(8)), conflict).await;
    assert!(said.contains("is on its way"), "{said}");
    execute(&database, "update dead_letter set correction = null where row = 0").await;

    // Another message of the instant took the place.
    let other = "update observation set seq = 5 where seq = 901; update page set stored = 0 where seq = 901";
    execute(&database, other).await;
    let said = refused(&service, &path, correction(4, 901, &text(8)), conflict).await;
    assert!(said.contains("was overwritten since: RAW 5, page 1 of top.score"), "{said}");
    execute(&database, "update page set replay_n = 7 where seq = 901").await;
    let said = refused(&service, &path, correction(4, 901, &text(8)), conflict).await;
    assert!(said.contains("is not an operator's text"), "{said}");
}
