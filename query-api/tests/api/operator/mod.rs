//! What operators see and do, and who is not let in.

mod access;
mod changes;
mod commands;
mod corrections;
mod filters;
mod jobs;
mod ledger;
mod members;
mod reads;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use kansoku_stack::postgres::Database;
use serde_json::Value;

use crate::support::{Got, Instance, NO_REDIS, execute, seed};

/// The path of everything here.
pub(crate) const BASE: &str = "/api/v1/operator";
/// A row that never passed.
pub(crate) const ROW: &str = "00000000-0000-5000-8000-000000000003:1:4:validate";
/// A page that was no JSON.
pub(crate) const PAGE: &str = "00000000-0000-5000-8000-000000000004:2:page:validate";
/// Bytes that are no text.
pub(crate) const BYTES: &str = "00000000-0000-5000-8000-000000000004:3:page:fetch";

/// The small world with its dead letters and operators.
pub(crate) async fn service() -> (Database, Instance) {
    let database = Database::migrated().await.expect("a database");
    seed(&database).await;
    execute(&database, include_str!("seed.sql")).await;
    let service = Instance::over(&database, NO_REDIS).await;
    (database, service)
}

/// The root of one of the twelve rows.
pub(crate) fn row(n: u32) -> String {
    format!("00000000-0000-5000-8000-000000000005:2:{n}:validate")
}

/// A request with a token and, if there is one, a body of JSON.
pub(crate) fn request(method: Method, path: &str, token: &str, body: Option<&Value>) -> Request<Body> {
    let request = Request::builder().method(method).uri(format!("{BASE}/{path}"));
    let request = request.header("authorization", format!("Bearer {token}"));
    match body {
        Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    }
    .expect("a request")
}

/// What the operator `night-shift` gets.
pub(crate) async fn get(service: &Instance, path: &str) -> Got {
    service.ask(request(Method::GET, path, "night-shift", None)).await
}

/// The body of an answer that has to be good.
pub(crate) async fn read(service: &Instance, path: &str) -> Value {
    let got = get(service, path).await;
    assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.text());
    assert_eq!(got.header("cache-control"), "no-store");
    got.json()
}

/// What a command of the operator `night-shift` gets.
pub(crate) async fn post(service: &Instance, path: &str, body: Value) -> Got {
    service.ask(request(Method::POST, path, "night-shift", Some(&body))).await
}

/// A refusal's words, once its status is what it has to be.
pub(crate) fn refusal(got: &Got, status: StatusCode) -> String {
    assert_eq!(got.status, status, "{}", got.text());
    assert_eq!(got.header("content-type"), "application/problem+json");
    assert_eq!(got.header("cache-control"), "no-store");
    got.json()["detail"].as_str().expect("words").to_owned()
}
