//! The program itself: its command line, its start without anything there, its end.

use std::process::Command;

use crate::support::{NO_REDIS, SOON};
use kansoku_stack::{postgres::Database, process::Service, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_query-api");

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> std::process::Output {
    Command::new(PROGRAM).args(arguments).envs(variables.iter().copied()).output().expect("it runs")
}

#[test]
fn the_document_is_printed_without_configuration() {
    let printed = run(&["openapi"], &[]);
    assert!(printed.status.success());
    let made = kansoku_query_api::openapi::rendered().expect("a document");
    assert_eq!(String::from_utf8(printed.stdout).expect("text"), made);
}

#[test]
fn a_bad_configuration_is_refused_by_its_key() {
    let unknown = run(&["--check"], &[("QUERY_API_LIMITS__BRUST", "3")]);
    assert_eq!(unknown.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("limits.brust"));
    let secret = ("QUERY_API_POSTGRES__URL", "postgres://kansoku:hush@127.0.0.1/kansoku");
    let shown = run(&["--print-config"], &[secret]);
    assert!(shown.status.success());
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("requests_per_minute = 6000") && !shown.contains("hush"), "{shown}");
}

#[tokio::test]
async fn it_starts_with_nothing_there_recovers_and_ends_in_order() {
    let database = Database::fresh().await.expect("a database");
    let mut service = Service::new("query-api")
        .expect("built")
        .env("QUERY_API_POSTGRES__URL", database.url())
        .env("QUERY_API_REDIS__URL", NO_REDIS)
        .spawn()
        .expect("started");
    until("it to live", SOON, || async { matches!(service.get("/livez").await, Ok((200, _))) })
        .await
        .expect("alive");
    let (status, body) = service.get("/readyz").await.expect("an answer");
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("\"postgres\""), "{body}");
    assert_eq!(service.get("/api/v1/sources").await.expect("an answer").0, 503);
    crate::support::seed(&database).await;
    service.ready().await.expect("ready");
    let (status, body) = service.get("/readyz").await.expect("an answer");
    assert!(status == 200 && body.contains("\"redis\""), "{body}");
    let (status, body) = service.get("/api/v1/sources").await.expect("an answer");
    assert!(status == 200 && body.contains("station"), "{body}");
    let (_, metrics) = service.get("/metrics").await.expect("an answer");
    assert!(metrics.contains("http_server_request_duration_seconds_bucket"), "{metrics}");
    let ended = service.terminate().await.expect("an end");
    assert!(ended.success(), "{ended}: {}", service.logs());
}
