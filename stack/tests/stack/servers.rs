//! The servers start, answer, stop, start again, and die with their parent.

use std::{path::PathBuf, process::Command, time::Duration};

use kansoku_stack::{
    child::{Child, Signal, Start, alive},
    postgres::Database,
    redis, until,
};
use sqlx::{Connection, PgConnection};

#[tokio::test]
async fn a_database_is_fresh_and_survives_a_restart_of_its_server() {
    let database = Database::alone().await.unwrap();
    let mut session = PgConnection::connect(database.url()).await.unwrap();
    sqlx::query("create table seen (day date)").execute(&mut session).await.unwrap();
    database.server().stop().await.unwrap();
    assert!(PgConnection::connect(database.url()).await.is_err());
    database.server().start_again().await.unwrap();
    let mut session = PgConnection::connect(database.url()).await.unwrap();
    let rows: i64 = sqlx::query_scalar("select count(*) from seen").fetch_one(&mut session).await.unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn two_databases_of_one_server_do_not_meet() {
    let (one, two) = (Database::fresh().await.unwrap(), Database::fresh().await.unwrap());
    assert_ne!(one.url(), two.url());
    let mut session = PgConnection::connect(two.url()).await.unwrap();
    let version: String =
        sqlx::query_scalar("show server_version_num").fetch_one(&mut session).await.unwrap();
    assert!(version.parse::<u32>().unwrap() >= 150_000, "{version}");
}

#[tokio::test]
async fn redis_answers_and_comes_back_empty() {
    let server = redis::Server::temporary().await.unwrap();
    server.stop().await.unwrap();
    assert!(!server.runs().await);
    server.start_again().await.unwrap();
    assert!(server.runs().await);
}

#[tokio::test]
async fn a_start_that_fails_shows_the_end_of_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "echo the disk is full >&2; exit 3"]);
    let log: PathBuf = folder.path().join("log");
    let mut child = Child::start(Start { name: "sh", command, log, user: None, end: Signal::TERM }).unwrap();
    let error = child.ready(Duration::from_secs(10), || async { false }).await.unwrap_err();
    assert!(format!("{error:#}").contains("the disk is full"), "{error:#}");
}

#[tokio::test]
async fn a_dropped_child_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sleep");
    command.arg("600");
    let log: PathBuf = folder.path().join("log");
    let child = Child::start(Start { name: "sleep", command, log, user: None, end: Signal::TERM }).unwrap();
    let pid = child.pid();
    assert!(alive(pid));
    drop(child);
    until("the end of the child", Duration::from_secs(5), || async { !alive(pid) }).await.unwrap();
}

#[tokio::test]
async fn a_nats_server_keeps_its_keys_and_its_port() {
    let server = kansoku_stack::nats::Server::temporary().await.unwrap();
    let key = std::fs::read_to_string(server.key_file("loader")).unwrap();
    server.stop().await.unwrap();
    server.start_again().await.unwrap();
    assert_eq!(std::fs::read_to_string(server.key_file("loader")).unwrap(), key);
    let (status, _) = kansoku_stack::process::get(server.monitor(), "/healthz").await.unwrap();
    assert_eq!(status, 200);
}
