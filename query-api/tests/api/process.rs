//! The program itself: its command line, its start without anything there, its end.

use std::{net::TcpStream, process::Command};

use crate::support::{NO_REDIS, SOON};
use kansoku_stack::{
    port,
    postgres::Database,
    process::{Service, get},
    until,
};

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

#[test]
fn files_of_tls_are_read_at_a_start_and_by_a_check_alone() {
    let admin = format!("127.0.0.1:{}", port::free().expect("a port"));
    let variables = [
        ("QUERY_API_ADMIN__LISTEN", &*admin),
        ("QUERY_API_TLS_CERT", "/nowhere/own.crt"),
        ("QUERY_API_TLS_KEY", "/nowhere/own.key"),
    ];
    let checked = run(&["--check"], &variables);
    assert_eq!(checked.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&checked.stderr).contains("tls_cert: read /nowhere/own.crt"));
    assert!(run(&["--print-config"], &variables).status.success());
    let asked = run(&["--healthcheck"], &variables);
    let said = String::from_utf8_lossy(&asked.stderr).into_owned();
    assert!(asked.status.code() == Some(1) && said.contains("it is not ready: ask http"), "{said}");
}

#[test]
fn no_key_or_password_in_an_address_is_repeated() {
    for parameter in ["sslkey=-----BEGIN%20PRIVATE%20KEY-----%0AhUsH", "sslpassword=hUsH"] {
        let url = format!("postgres://kansoku@127.0.0.1/kansoku?{parameter}");
        for arguments in [&["--check"][..], &["--print-config"], &["--healthcheck"], &[]] {
            let ended = run(arguments, &[("QUERY_API_POSTGRES__URL", &url)]);
            let said = String::from_utf8_lossy(&[ended.stderr, ended.stdout].concat()).into_owned();
            assert!(!ended.status.success() && said.contains("postgres.url: "), "{arguments:?} {said}");
            assert!(!said.contains("hUsH"), "{arguments:?} {said}");
        }
    }
}

#[tokio::test]
async fn it_starts_with_nothing_there_recovers_and_ends_in_order() {
    let database = Database::migrated().await.expect("a database");
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

#[tokio::test]
async fn clients_that_take_all_connections_leave_health_its_own() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let admin = port::free().expect("a port");
    let mut service = Service::new("query-api")
        .expect("built")
        .env("QUERY_API_POSTGRES__URL", database.url())
        .env("QUERY_API_REDIS__URL", NO_REDIS)
        .env("QUERY_API_HTTP__MAX_CONNECTIONS", "4")
        .env("QUERY_API_HTTP__HEADER_TIMEOUT_MS", "60000")
        .env("QUERY_API_ADMIN__LISTEN", format!("127.0.0.1:{admin}"))
        .spawn()
        .expect("started");
    service.ready().await.expect("ready");
    let address = service.url();
    let address = address.trim_start_matches("http://");
    let silent: Vec<_> = (0..8).map(|_| TcpStream::connect(address).expect("a connection")).collect();
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(get(admin, path).await.expect("an answer").0, 200, "{path}");
    }
    assert_eq!(get(admin, "/api/v1/sources").await.expect("an answer").0, 404, "health and metrics alone");
    drop(silent);
    assert_eq!(service.get("/api/v1/sources").await.expect("an answer").0, 200);
}

#[tokio::test]
async fn a_name_that_no_file_can_have_writes_nothing_into_the_log() {
    let mut service = Service::new("query-api")
        .expect("built")
        .env("QUERY_API_POSTGRES__URL", "postgres://kansoku@127.0.0.1:1/none")
        .env("QUERY_API_REDIS__URL", NO_REDIS)
        .spawn()
        .expect("started");
    until("it to live", SOON, || async { matches!(service.get("/livez").await, Ok((200, _))) })
        .await
        .expect("alive");
    let path = format!("/assets/{}", "a".repeat(256));
    for _ in 0..20 {
        assert_eq!(service.get(&path).await.expect("an answer").0, 404);
    }
    assert!(service.terminate().await.expect("an end").success());
    assert!(!service.logs().contains("aaaa"), "{}", service.logs());
}
