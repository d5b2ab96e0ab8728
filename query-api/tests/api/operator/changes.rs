//! What operators do.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{BYTES, PAGE, ROW, get, post, read, refusal, request, row, service};
use crate::support::{Got, Instance, execute};

/// A row that passes.
pub(super) const GOOD: &str = r#"{"mal_id": 301, "url": "https://example.test/301", "title": "Kaze no Michi", "title_synonyms": [],
    "airing": true, "aired": {"from": null, "to": null}, "members": 5, "favorites": 1, "producers": [], "licensors": [],
    "studios": [], "genres": [], "explicit_genres": [], "themes": [], "demographics": []}"#;

pub(super) async fn done(service: &Instance, path: &str, body: Value) -> Value {
    let got = post(service, path, body).await;
    assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.text());
    got.json()
}

pub(super) async fn refused(service: &Instance, path: &str, body: Value, status: StatusCode) -> String {
    refusal(&post(service, path, body).await, status)
}

#[tokio::test]
async fn what_is_given_up_can_be_taken_back() {
    let (_database, service) = service().await;
    let path = |command: &str| format!("dead-letters/{}/{command}", row(0));
    let item = done(&service, &path("discard"), json!({"version": 1, "reason": "a test"})).await;
    assert_eq!((&item["item"]["state"], &item["item"]["version"]), (&json!("discarded"), &json!(2)));
    let counts = read(&service, "dead-letters/groups?filter=state:discarded").await;
    assert_eq!((&counts["groups"][0]["items"], &counts["groups"][0]["open"]), (&json!(1), &json!(0)));

    let conflict = StatusCode::CONFLICT;
    let second =
        refused(&service, &path("discard"), json!({"version": 1, "reason": "me too"}), conflict).await;
    assert!(
        second.contains("is at version 2, and you saw 1; since then: night-shift did discard at 2026-11-14"),
        "{second}"
    );
    assert!(second.contains("(a test)"), "{second}");
    let again = refused(&service, &path("discard"), json!({"version": 2, "reason": "again"}), conflict).await;
    assert!(again.contains("take it back first"), "{again}");
    let item = done(&service, &path("restore"), json!({"version": 2, "reason": "an error"})).await;
    assert_eq!((&item["item"]["state"], &item["item"]["version"]), (&json!("open"), &json!(3)));
    let nothing = refused(&service, &path("restore"), json!({"version": 3, "reason": "x"}), conflict).await;
    assert!(nothing.contains("nothing to take back"), "{nothing}");

    let detail = read(&service, &format!("dead-letters/{}", row(0))).await;
    let actions: Vec<_> =
        detail["actions"].as_array().expect("actions").iter().map(|one| &one["action"]).collect();
    assert_eq!(actions, ["discard", "restore"]);
    assert_eq!(detail["actions"][0]["actor"], "night-shift");
}

#[tokio::test]
async fn an_edit_that_is_reverted_gives_the_bytes_that_came() {
    let (_database, service) = service().await;
    let path = |command: &str| format!("dead-letters/{ROW}/{command}");
    let before = read(&service, &format!("dead-letters/{ROW}")).await;
    let bytes = get(&service, &path("body")).await.body;
    let bad = json!({"version": 1, "reason": "a try", "text": "{\"mal_id\": 7}"});
    let still = post(&service, &path("edit"), bad.clone()).await;
    assert!(refusal(&still, StatusCode::BAD_REQUEST).starts_with("the text still does not pass"));
    assert_eq!(still.json()["faults"][0]["line"], 1);

    let mut forced = bad;
    forced["force"] = json!(true);
    let item = done(&service, &path("edit"), forced).await;
    assert_eq!((&item["item"]["edited"], &item["item"]["version"]), (&json!(true), &json!(2)));
    let text = GOOD.replace("\"title\"", "\"\\u0074itle\"");
    done(&service, &path("edit"), json!({"version": 2, "reason": "it was a number", "text": text})).await;
    let edited = read(&service, &format!("dead-letters/{ROW}")).await;
    assert_eq!(edited["text"], json!(text), "every escape is kept");
    assert_eq!(edited["original"], before["text"]);
    assert_eq!(edited["now"]["passes"], true, "{}", edited["now"]);
    assert_eq!(get(&service, &path("body")).await.body, bytes, "what came is kept");

    let item = done(&service, &path("revert"), json!({"version": 3, "reason": "it was right"})).await;
    assert_eq!(item["item"]["edited"], false);
    let after = read(&service, &format!("dead-letters/{ROW}")).await;
    assert_eq!((&after["text"], &after["original"]), (&before["text"], &Value::Null));
    let nothing =
        refused(&service, &path("revert"), json!({"version": 4, "reason": "x"}), StatusCode::CONFLICT).await;
    assert!(nothing.contains("nothing to go back to"), "{nothing}");
}

#[tokio::test]
async fn commands_that_make_no_sense_are_refused_in_words() {
    let (database, service) = service().await;
    execute(&database, "update dead_letter set state = 'published' where title = 'Row 1'").await;
    execute(&database, "update dead_letter set state = 'resolved' where title = 'Row 2'").await;
    let (bad, conflict) = (StatusCode::BAD_REQUEST, StatusCode::CONFLICT);
    let edit = |text: &str| json!({"version": 1, "reason": "x", "text": text, "force": true});
    for (path, body, status, words) in [
        (
            "no:such/discard".into(),
            json!({"version": 1, "reason": "x"}),
            StatusCode::NOT_FOUND,
            "no dead letter \"no:such\"",
        ),
        (format!("{ROW}/discard"), json!({"version": 1, "reason": "  "}), bad, "reason: must not be empty"),
        (
            format!("{ROW}/discard"),
            json!({"version": 1, "reason": "x".repeat(1_001)}),
            bad,
            "reason: 1001 characters",
        ),
        (format!("{ROW}/discard"), json!({"version": 1}), bad, "the body: missing field `reason`"),
        (
            format!("{ROW}/discard"),
            json!({"version": 1, "reason": "x", "y": 1}),
            bad,
            "the body: unknown field `y`",
        ),
        (
            format!("{}/discard", row(1)),
            json!({"version": 1, "reason": "x"}),
            conflict,
            &format!("{} is on its way", row(1)),
        ),
        (format!("{}/edit", row(2)), edit("{}"), conflict, &format!("{} is resolved", row(2))),
        (format!("{BYTES}/edit"), edit("{}"), bad, &format!("the bytes of {BYTES} are not UTF-8")),
        (format!("{PAGE}/edit"), edit("a\u{0}b"), bad, "text: holds the character U+0000"),
        (format!("{PAGE}/edit"), edit(&"x".repeat(1_000_001)), bad, "text: 1000001 bytes"),
        (format!("{PAGE}/edit"), edit(&"\"".repeat(600_000)), bad, "text: 1200002 bytes as a JSON string"),
        (
            format!("{}/edit", row(3)),
            edit("{\"mal_id\": 903, \"title\": \"Row 3\"}"),
            bad,
            "this is the text",
        ),
        ("check".into(), json!({"dataset": "nothing", "text": "{}"}), bad, "dataset: "),
        (
            "discard".into(),
            json!({"filter": "", "expect": 15, "reason": "x"}),
            bad,
            "filter: an empty filter",
        ),
        (
            "discard".into(),
            json!({"filter": "page:77", "expect": 0, "reason": "x"}),
            bad,
            "filter: no dead letter",
        ),
        (
            "discard".into(),
            json!({"filter": "page:2 state:opn", "expect": 1, "reason": "x"}),
            bad,
            "filter: column 14",
        ),
        (
            "discard".into(),
            json!({"filter": "page:2", "expect": 12, "reason": "x"}),
            conflict,
            "11 dead letters match now",
        ),
    ] {
        let detail = refused(&service, &format!("dead-letters/{path}"), body, status).await;
        assert!(detail.starts_with(words), "{path}: {detail}");
    }
    let huge = json!({"version": 1, "reason": "x".repeat(2 << 20)});
    refused(&service, &format!("dead-letters/{ROW}/discard"), huge, StatusCode::PAYLOAD_TOO_LARGE).await;
    let mut form =
        request(Method::POST, &format!("dead-letters/{ROW}/discard"), "night-shift", Some(&json!({})));
    form.headers_mut().insert("content-type", "text/plain".parse().expect("a header"));
    refusal(&service.ask(form).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let put = service.ask(request(Method::PUT, "dead-letters", "night-shift", None)).await;
    refusal(&put, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn what_a_filter_finds_is_given_up_at_once() {
    let (_database, service) = service().await;
    let all = json!({"filter": "path:/aired/from", "expect": 12, "reason": "upstream says never"});
    let count = json!({"filter": "", "all": true});
    let nothing = json!({"matching": 15, "discarded": 0, "actions": 0});
    assert_eq!(
        done(&service, "dead-letters/discard", count).await,
        nothing,
        "what is resolved is not counted"
    );
    let twelve = json!({"matching": 12, "discarded": 12, "actions": 12});
    assert_eq!(done(&service, "dead-letters/discard", all).await, twelve);
    let list = read(&service, "dead-letters?filter=state:discarded").await;
    assert_eq!((&list["total"], &list["items"][0]["version"]), (&json!(12), &json!(2)));
    // The kept counts and the items agree.
    let by_items = read(&service, "dead-letters?filter=state:discarded%20page:2").await;
    assert_eq!(by_items["total"], 12);
    let rest = json!({"filter": "", "expect": 3, "reason": "all of it", "all": true});
    assert_eq!(done(&service, "dead-letters/discard", rest).await["discarded"], 3);
}

#[tokio::test]
async fn a_text_is_checked_while_it_is_typed() {
    let (_database, service) = service().await;
    let check = |text: &str| json!({"dataset": "top.score", "text": text});
    let good = done(&service, "dead-letters/check", check(GOOD)).await;
    assert_eq!((&good["passes"], &good["faults"]), (&json!(true), &json!([])));
    let bad = done(&service, "dead-letters/check", check("{\n \"mal_id\": tru}")).await;
    assert_eq!((&bad["faults"][0]["keyword"], &bad["faults"][0]["line"]), (&json!("json"), &json!(2)));
}

async fn patch(service: &Instance, group: &Value, body: Value) -> Got {
    let path = format!("dead-letters/groups/{group}");
    service.ask(request(Method::PATCH, &path, "night-shift", Some(&body))).await
}

#[tokio::test]
async fn people_say_what_they_know_of_a_group() {
    let (_database, service) = service().await;
    let groups = read(&service, "dead-letters/groups?filter=path:/aired/from").await;
    let group = &groups["groups"][0]["group"];
    let said = json!({"version": 0, "acknowledged": true, "hold": true, "note": " day is missing ", "owner": "night-shift",
        "link": "https://example.test/1"});
    let got = patch(&service, group, said).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.text());
    let body = got.json();
    assert_eq!(
        (&body["state"], &body["hold"], &body["version"]),
        (&json!("acknowledged"), &json!(true), &json!(1))
    );
    assert_eq!((&body["note"], &body["items"]), (&json!("day is missing"), &json!(12)));

    let (bad, conflict) = (StatusCode::BAD_REQUEST, StatusCode::CONFLICT);
    for (body, status, words) in [
        (json!({"version": 0, "muted": true}), conflict, "is at version 1, and you saw 0"),
        (json!({"version": 1}), bad, "nothing is given to change"),
        (json!({"version": 1, "link": "javascript:alert(1)"}), bad, "link: must be an address"),
        (json!({"version": 1, "note": "x".repeat(2_001)}), bad, "note: 2000 characters"),
    ] {
        let detail = refusal(&patch(&service, group, body).await, status);
        assert!(detail.contains(words), "{detail}");
    }
    refusal(&patch(&service, &json!(999), json!({"version": 0, "muted": true})).await, StatusCode::NOT_FOUND);
    let cleared = patch(&service, group, json!({"version": 1, "note": null, "muted": true})).await.json();
    assert_eq!((&cleared["note"], &cleared["owner"]), (&Value::Null, &json!("night-shift")));
    assert_eq!(cleared["state"], "muted");
}

#[tokio::test]
async fn nothing_is_done_while_dead_letters_are_made_again() {
    let (database, service) = service().await;
    execute(&database, "insert into dead_letter_rebuilding (since) values (now())").await;
    let plan = json!({"filter": "state:open"});
    let discard = json!({"version": 1, "reason": "a test"});
    for (path, body) in [("plans".to_owned(), plan), (format!("dead-letters/{}/discard", row(0)), discard)] {
        let why = refused(&service, &path, body, StatusCode::SERVICE_UNAVAILABLE).await;
        assert!(why.contains("are being made again") && why.contains("run it again"), "{why}");
    }
    read(&service, "dead-letters").await;
}
