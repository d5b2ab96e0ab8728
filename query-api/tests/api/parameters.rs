//! What is asked wrongly is refused, by name, and never costs more than the refusal.

use crate::support::{Got, Instance, NO_REDIS};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use kansoku_stack::postgres::Database;

/// Path, the parameter that is wrong, and how the detail begins.
const WRONG: [(&str, &str, &str); 26] = [
    ("/api/v1/sources?x=1", "x", "x: is not a parameter of this resource; it takes none"),
    ("/api/v1/sources?catalogue=mal", "catalogue", "catalogue: is not a parameter of this resource"),
    (
        "/api/v1/runs?catalog=mal",
        "catalog",
        "catalog: is not a parameter of this resource; it takes catalogue, source, as_of, dataset, limit, cursor",
    ),
    ("/api/v1/runs?catalogue=anilist", "catalogue", "catalogue: \"anilist\" is not one of mal, sample"),
    ("/api/v1/runs?limit=0", "limit", "limit: \"0\" is not a whole number from 1 to 200"),
    ("/api/v1/runs?limit=201", "limit", "limit: \"201\" is not a whole number from 1 to 200"),
    ("/api/v1/runs?limit=-1", "limit", "limit: \"-1\" is not"),
    ("/api/v1/runs?limit=1.5", "limit", "limit: \"1.5\" is not"),
    ("/api/v1/runs?limit=99999999999999999999", "limit", "limit: \"99999999999999999999\" is not"),
    ("/api/v1/runs?limit=5&limit=6", "limit", "limit: is there more than once"),
    ("/api/v1/runs?limit=", "limit", "limit: is empty"),
    ("/api/v1/runs?cursor=abc", "cursor", "cursor: is not a cursor of this list"),
    (
        "/api/v1/runs?dataset=top.best",
        "dataset",
        "dataset: \"top.best\" is not one of top.score, top.members",
    ),
    ("/api/v1/runs?dataset=season.2026.autumn", "dataset", "dataset: \"season.2026.autumn\" is not one of"),
    ("/api/v1/runs?format=csv", "format", "format: is not a parameter of this resource"),
    (
        "/api/v1/runs?source=station&catalogue=mal",
        "source",
        "source: \"station\" is not a source of the catalogue mal; its sources: import",
    ),
    ("/api/v1/runs/days?days=401", "days", "days: \"401\" is not a whole number from 1 to 400"),
    (
        "/api/v1/runs/days?as_of=14.11.2026",
        "as_of",
        "as_of: \"14.11.2026\" is neither a day (2026-11-23) nor an instant",
    ),
    ("/api/v1/runs/days?as_of=2026-02-30", "as_of", "as_of: \"2026-02-30\" is neither"),
    ("/api/v1/analytics/top-anime?limit=101", "limit", "limit: \"101\" is not a whole number from 1 to 100"),
    ("/api/v1/analytics/top-anime?days=3661", "days", "days: \"3661\" is not a whole number from 1 to 3660"),
    ("/api/v1/analytics/top-anime?format=xml", "format", "format: \"xml\" is not one of json, csv"),
    ("/api/v1/analytics/top-anime?since=month", "since", "since: \"month\" is not one of capture, day, week"),
    ("/api/v1/analytics/top-anime?adult=yes", "adult", "adult: \"yes\" is not one of hide, show"),
    (
        "/api/v1/analytics/genre-distribution?kind=mood",
        "kind",
        "kind: \"mood\" is not one of genre, theme, demographic, studio",
    ),
    (
        "/api/v1/analytics/seasonal-trend?source=%00",
        "source",
        "source: is longer than 200 characters or holds control characters",
    ),
];

async fn service() -> (Database, Instance) {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    (database, service)
}

fn assert_problem(got: &Got, status: StatusCode) {
    assert_eq!(got.status, status, "{}", got.text());
    assert_eq!(got.header("content-type"), "application/problem+json");
    let problem = got.json();
    assert_eq!(problem["status"], status.as_u16());
    assert_eq!(problem["title"], status.canonical_reason().expect("a known status"));
    assert_eq!(problem["type"], "about:blank");
    assert_eq!(problem["request_id"], got.header("x-request-id"));
    assert_eq!(got.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_wrong_parameter_is_named_with_what_is_allowed() {
    let (_database, service) = service().await;
    for (path, parameter, detail) in WRONG {
        let got = service.get(path).await;
        assert_problem(&got, StatusCode::BAD_REQUEST);
        let problem = got.json();
        assert_eq!(problem["parameter"], parameter, "{path}");
        let told = problem["detail"].as_str().expect("a detail");
        assert!(told.starts_with(detail), "{path}: {told}");
    }
    let kinds = service.get("/api/v1/analytics/genre-distribution?kind=mood").await.json();
    assert_eq!(kinds["allowed"], serde_json::json!(["genre", "theme", "demographic", "studio"]));
    let sources = service.get("/api/v1/runs?catalogue=sample&source=import").await.json();
    assert_eq!(sources["allowed"], serde_json::json!(["mirror", "station"]));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let (_database, service) = service().await;
    for path in ["/api", "/api/", "/api/v1", "/api/v2/runs", "/api/v1/runs/", "/api/v1/analytics"] {
        assert_problem(&service.get(path).await, StatusCode::NOT_FOUND);
    }
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let request =
            Request::builder().method(method).uri("/api/v1/runs").body(Body::empty()).expect("a request");
        let got = service.ask(request).await;
        assert_problem(&got, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(got.header("allow"), "GET,HEAD");
    }
    let request = Request::post("/some/page").body(Body::empty()).expect("a request");
    assert_problem(&service.ask(request).await, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let (_database, service) = service().await;
    let got = service.get("/api/v1/sources").await;
    let head = service.ask(Request::head("/api/v1/sources").body(Body::empty()).expect("a request")).await;
    assert_eq!(head.status, StatusCode::OK);
    assert!(head.body.is_empty());
    for name in ["etag", "content-type", "content-length", "cache-control"] {
        assert_eq!(head.header(name), got.header(name), "{name}");
    }
    let wrong = service.ask(Request::head("/api/v1/runs?x=1").body(Body::empty()).expect("a request")).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_request_keeps_its_id() {
    let (_database, service) = service().await;
    let own = service.get_with("/api/v1/runs?x=1", &[("x-request-id", "edge-42")]).await;
    assert_eq!(own.header("x-request-id"), "edge-42");
    assert_eq!(own.json()["request_id"], "edge-42");
    let bad = service.get_with("/api/v1/runs?x=1", &[("x-request-id", "<b>")]).await;
    assert_ne!(bad.header("x-request-id"), "<b>");
    assert_problem(&bad, StatusCode::BAD_REQUEST);
}
