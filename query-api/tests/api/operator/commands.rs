//! `query-api operator …`, as whoever runs the installation types it.

use std::process::Command;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use kansoku_stack::postgres::Database;
use serde_json::json;

use super::{BASE, request};
use crate::support::{Instance, NO_REDIS, seed};

/// Exit code, standard output and standard error of a command about a database.
fn run(url: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_query-api"));
    command.arg("operator").args(arguments).env("QUERY_API_POSTGRES__URL", url);
    let ended = command.output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (ended.status.code(), text(&ended.stdout), text(&ended.stderr))
}

/// What a command printed that has to end well.
fn done(url: &str, arguments: &[&str]) -> (String, String) {
    let (code, out, words) = run(url, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {out}{words}");
    (out, words)
}

/// The words of a command that has to be refused.
fn refused(url: &str, arguments: &[&str]) -> String {
    let (code, out, words) = run(url, arguments);
    assert!(code != Some(0) && out.is_empty(), "{arguments:?}: {out}{words}");
    words
}

async fn status(service: &Instance, token: &str) -> StatusCode {
    service.ask(request(Method::GET, "session", token, None)).await.status
}

async fn sign_in(service: &Instance, code: &str) -> StatusCode {
    let sent = Request::post(format!("{BASE}/session")).header("content-type", "application/json");
    service.ask(sent.body(Body::from(json!({ "code": code }).to_string())).expect("a request")).await.status
}

#[tokio::test]
async fn an_operator_is_added_listed_linked_and_removed() {
    let database = Database::fresh().await.expect("a database");
    let url = database.url();
    assert!(refused(url, &["list"]).contains("start the loader first"), "there are no tables yet");
    seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let (out, words) = done(url, &["list"]);
    assert!(out.is_empty() && words.contains("no operator is set up"), "{out}{words}");

    // Who may edit has to see: reading is in every set of rights.
    let (token, words) = done(url, &["add", "ada", "--rights", "edit,act", "--days", "2"]);
    assert!(words.contains("ada may read, act, edit"), "{words}");
    let token = token.trim();
    assert!(!words.contains(token), "only standard output has the token");
    assert_eq!(status(&service, token).await, StatusCode::OK);
    assert!(refused(url, &["add", "ada"]).contains("is an operator already"));
    assert_eq!(status(&service, token).await, StatusCode::OK, "the token of before stays good");
    for (name, rights, why) in [
        ("bob", "rule", "\"rule\" is no right; rights: read, act, edit"),
        ("b ob", "read", "no name of an operator"),
        ("", "read", "no name of an operator"),
    ] {
        let words = refused(url, &["add", name, "--rights", rights]);
        assert!(words.contains(why), "{words}");
    }
    done(url, &["add", "bob"]);
    let (list, _) = done(url, &["list"]);
    let lines: Vec<_> = list.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("ada") && lines[1].starts_with("bob"), "{list}");
    assert!(lines[0].contains("read,act,edit") && lines[0].contains("until "), "{list}");
    assert!(lines[1].contains(" read ") && lines[1].contains("without end"), "{list}");
    assert!(!list.contains(token), "nobody is shown a token again");

    let (link, _) = done(url, &["link", "ada"]);
    let code = link.trim().strip_prefix("http://127.0.0.1:7400/sign-in#").expect("an address").to_owned();
    assert_eq!(sign_in(&service, &code).await, StatusCode::OK);
    assert_eq!(sign_in(&service, &code).await, StatusCode::UNAUTHORIZED, "it was good for once");
    assert!(refused(url, &["link", "eve"]).contains("there is no operator eve"));

    let (_, words) = done(url, &["remove", "ada"]);
    assert!(words.contains("ada is no operator any more"), "{words}");
    assert_eq!(status(&service, token).await, StatusCode::UNAUTHORIZED);
    assert!(refused(url, &["remove", "ada"]).contains("there is no operator ada"));
    let (list, _) = done(url, &["list"]);
    assert!(list.starts_with("bob"), "{list}");
}
