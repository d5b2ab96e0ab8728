//! Validators, compression, limits, time-outs, measurements: what stands around a body.

use std::{net::SocketAddr, time::Duration};

use crate::support::{Got, Instance, NO_REDIS};
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use kansoku_stack::postgres::Database;
use sqlx::{Connection, PgConnection};

const SOURCES: &str = "/api/v1/sources";

async fn service() -> (Database, Instance) {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    (database, service)
}

#[tokio::test]
async fn who_has_the_body_is_told_so_without_it() {
    let (_database, service) = service().await;
    let got = service.get(SOURCES).await;
    let etag = got.header("etag");
    assert!(etag.starts_with("W/\"") && etag.len() == 36, "a validator of the data: {etag}");
    assert_eq!(got.header("cache-control"), "public, no-cache");
    for known in
        [etag.to_owned(), etag.trim_start_matches("W/").to_owned(), format!("\"x\", {etag}"), "*".to_owned()]
    {
        let unchanged = service.get_with(SOURCES, &[("if-none-match", &known)]).await;
        assert_eq!((unchanged.status, unchanged.body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
        assert_eq!(unchanged.header("cache-control"), "public, no-cache");
    }
    let changed = service.get_with(SOURCES, &[("if-none-match", "\"x\"")]).await;
    assert_eq!((changed.status, &changed.body), (StatusCode::OK, &got.body));
    assert_eq!(service.get("/api/v1/runs").await.header("etag").len(), 36);
    assert_ne!(service.get("/api/v1/runs").await.header("etag"), etag);
}

#[tokio::test]
async fn a_body_is_sent_in_the_coding_that_a_client_prefers() {
    let (_database, service) = service().await;
    let path = "/api/v1/runs?catalogue=sample&limit=100";
    let plain = service.get(path).await;
    let length = |got: &Got| got.header("content-length").parse::<usize>().expect("a length");
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "accept-encoding"));
    for (accepted, coding) in [("gzip, deflate, br, zstd", "br"), ("gzip, zstd", "zstd"), ("gzip", "gzip")] {
        let small = service.get_with(path, &[("accept-encoding", accepted)]).await;
        assert_eq!((small.header("content-encoding"), small.header("vary")), (coding, "accept-encoding"));
        assert!(small.body.len() < plain.body.len() / 3, "{coding}");
        assert_eq!((small.from(), small.header("etag")), ("memory", plain.header("etag")));
        let head = Request::head(path).header("accept-encoding", accepted).body(Body::empty());
        let head = service.ask(head.expect("a request")).await;
        assert_eq!((head.body.len(), length(&head)), (0, small.body.len()), "{coding}");
        assert_eq!(head.header("content-encoding"), coding);
        let known = [("accept-encoding", accepted), ("if-none-match", small.header("etag"))];
        let unchanged = service.get_with(path, &known).await;
        assert_eq!((unchanged.status, unchanged.body.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(unchanged.header("vary"), "accept-encoding", "a cache keeps the codings apart");
    }
    let little = service.get_with("/api/v1/runs?limit=1", &[("accept-encoding", "br")]).await;
    assert_eq!(little.header("content-encoding"), "", "it fits into a packet as it is");
    let csv = service.get("/api/v1/analytics/top-anime?format=csv").await;
    assert_eq!(csv.header("vary"), "accept, accept-encoding");
    let document = service.get_with("/openapi.json", &[("accept-encoding", "br, gzip")]).await;
    assert_eq!(document.header("content-encoding"), "gzip", "what is not cached is encoded anew, cheaply");
}

async fn ask_from(service: &Instance, client: &str, path: &str) -> Got {
    let peer: SocketAddr = client.parse().expect("an address");
    let mut request = Request::get(path).body(Body::empty()).expect("a request");
    request.extensions_mut().insert(ConnectInfo(peer));
    service.ask(request).await
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_when_to_ask_again() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::start(database.url(), NO_REDIS, |settings| {
        settings.limits.requests_per_minute = 12;
        settings.limits.burst = 2;
    });
    service.ready().await;
    for _ in 0..2 {
        assert_eq!(ask_from(&service, "192.0.2.7:1", SOURCES).await.status, StatusCode::OK);
    }
    for path in [SOURCES, "/docs", "/assets/x.js"] {
        let refused = ask_from(&service, "192.0.2.7:2", path).await;
        assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "5"));
        assert_eq!(refused.header("content-type"), "application/problem+json");
    }
    assert_eq!(ask_from(&service, "192.0.2.8:1", SOURCES).await.status, StatusCode::OK);
    service.clock.advance(Duration::from_secs(5));
    assert_eq!(ask_from(&service, "192.0.2.7:3", SOURCES).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_given_up() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::start(database.url(), NO_REDIS, |settings| settings.limits.statement_ms = 50);
    service.ready().await;
    let mut other = PgConnection::connect(database.url()).await.expect("a session");
    let mut lock = other.begin().await.expect("a transaction");
    sqlx::raw_sql("lock table source in access exclusive mode").execute(&mut *lock).await.expect("a lock");
    let slow = service.get(SOURCES).await;
    assert_eq!((slow.status, slow.header("retry-after")), (StatusCode::GATEWAY_TIMEOUT, "5"));
    assert!(
        slow.json()["detail"].as_str().expect("a detail").starts_with("the database did not answer in time")
    );
    lock.rollback().await.expect("released");
    assert_eq!(service.get(SOURCES).await.status, StatusCode::OK);
}

#[tokio::test]
async fn requests_are_measured_by_route() {
    let (_database, service) = service().await;
    service.get(SOURCES).await;
    service.get("/api/v1/runs?limit=0").await;
    service.get("/any/page").await;
    let text = service.metrics.encode();
    let bucket = |le: &str| {
        format!(
            "http_server_request_duration_seconds_bucket{{le=\"{le}\",http_route=\"{SOURCES}\",\
             http_request_method=\"GET\",http_response_status_code=\"200\"}}"
        )
    };
    assert!(text.contains(&bucket("0.5")) && text.contains(&bucket("0.8")), "{text}");
    for pool in ["reads", "commands"] {
        let pool = format!("db_client_connection_max{{db_client_connection_pool_name=\"{pool}\"}} ");
        assert!(text.contains(&pool), "{text}");
    }
    assert!(text.contains(
        "http_route=\"/api/v1/runs\",http_request_method=\"GET\",http_response_status_code=\"400\""
    ));
    assert!(!text.contains("/any/page"), "an address that is not ours is no label");
}
