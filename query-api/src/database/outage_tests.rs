//! A database that falls silent without closing a connection, and one that nobody can listen to.

use std::{sync::Arc, time::Duration};

use kansoku_service::{Health, Stop, SystemClock};
use kansoku_stack::{postgres::Database, until};
use sqlx::{Connection, PgConnection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::{PoolLimits, ReadError, Sessions, VersionListener};

const SOON: Duration = Duration::from_secs(20);
const LIMITS: PoolLimits = PoolLimits {
    max_sessions: 2,
    acquire_timeout: Duration::from_millis(500),
    statement_timeout: Duration::from_millis(100),
    poll_interval: Duration::from_millis(20),
};

/// A proxy before the database on which every connection there is can be made to hang, as one does whose other end is gone.
struct Proxy {
    url: String,
    hang: watch::Sender<()>,
}

impl Proxy {
    /// `refused` ends every connection on which the client sends it.
    async fn before(database: &Database, refused: Option<&'static [u8]>) -> Self {
        Self::slow(database, refused, Duration::ZERO).await
    }

    /// The same, and every round trip takes so much longer.
    async fn slow(database: &Database, refused: Option<&'static [u8]>, latency: Duration) -> Self {
        let (server, name) = database.url().rsplit_once('/').expect("a database");
        let (user, address) = server.rsplit_once('@').expect("a user");
        let entry = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("{user}@{}/{name}", entry.local_addr().expect("an address"));
        let (address, hang) = (address.to_owned(), watch::Sender::new(()));
        let hangs = hang.clone();
        tokio::spawn(async move {
            while let Ok((mut here, _)) = entry.accept().await {
                let mut there = TcpStream::connect(&address).await.expect("a server");
                let mut hang = hangs.subscribe();
                tokio::spawn(async move {
                    let (mut from_client, mut to_client) = here.split();
                    let (mut from_server, mut to_server) = there.split();
                    let requests = async {
                        let mut buffer = [0; 8192];
                        while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
                            let sent = &buffer[..length];
                            if refused.is_some_and(|word| sent.windows(word.len()).any(|part| part == word)) {
                                return;
                            }
                            tokio::time::sleep(latency).await;
                            if to_server.write_all(sent).await.is_err() {
                                return;
                            }
                        }
                    };
                    tokio::select! {
                        () = requests => {}
                        _ = copy(&mut from_server, &mut to_client) => {}
                        _ = hang.changed() => std::future::pending().await,
                    }
                });
            }
        });
        Self { url, hang }
    }
}

async fn database() -> Database {
    let database = Database::fresh().await.expect("a database");
    let mut session = PgConnection::connect(database.url()).await.expect("a session");
    let tables = "create table data_version (catalogue text, version bigint, captured_at timestamptz,
            token uuid default gen_random_uuid());
        create table data_facet (catalogue text, facet text, version bigint, token uuid);
        insert into data_version values ('mal', 1)";
    sqlx::raw_sql(tables).execute(&mut session).await.expect("a table");
    database
}

#[tokio::test]
async fn a_listening_connection_that_hangs_counts_as_unavailable_and_is_made_anew() {
    let database = database().await;
    let proxy = Proxy::before(&database, None).await;
    let (known, mut versions) = watch::channel(None);
    let (health, stop) = (Health::default(), Stop::new());
    let nowhere = Sessions::new("postgres://kansoku@127.0.0.1:1/none", LIMITS).expect("an address");
    let sessions =
        Sessions { reads: nowhere.reads, ..Sessions::new(&proxy.url, LIMITS).expect("an address") };
    let postgres = health.dependency("postgres");
    let clock = Arc::new(SystemClock);
    tokio::spawn(VersionListener::new(sessions, known, postgres, stop.clone(), clock).run());
    versions.wait_for(Option::is_some).await.expect("it listens");

    proxy.hang.send_replace(());
    let away = tokio::time::timeout(SOON, versions.wait_for(Option::is_none)).await;
    away.expect("the silence is seen").expect("it listens");
    until("not to be ready", SOON, || async { !health.is_ready() }).await.expect("not ready");
    let back = tokio::time::timeout(SOON, versions.wait_for(Option::is_some)).await;
    back.expect("a new connection").expect("it listens");
    until("to be ready", SOON, || async { health.is_ready() }).await.expect("ready again");
    stop.stop();
}

#[tokio::test]
async fn a_database_that_nobody_can_listen_to_is_polled() {
    let database = database().await;
    let proxy = Proxy::before(&database, Some(b"LISTEN")).await;
    let (known, mut versions) = watch::channel(None);
    let (health, stop) = (Health::default(), Stop::new());
    let sessions = Sessions::new(&proxy.url, LIMITS).expect("an address");
    let postgres = health.dependency("postgres");
    let clock = Arc::new(SystemClock);
    tokio::spawn(VersionListener::new(sessions, known, postgres, stop.clone(), clock).run());
    let first = tokio::time::timeout(SOON, versions.wait_for(Option::is_some)).await;
    let first = first.expect("the version is polled").expect("it runs").clone().expect("a version");
    assert!(health.is_ready(), "the sessions that read work");

    let mut session = PgConnection::connect(database.url()).await.expect("a session");
    sqlx::raw_sql("update data_version set version = 2").execute(&mut session).await.expect("a new version");
    let is_new =
        |known: &Option<super::KnownVersions>| known.as_ref().is_some_and(|known| known.state != first.state);
    tokio::time::timeout(SOON, versions.wait_for(is_new))
        .await
        .expect("it is polled again")
        .expect("it runs");
    stop.stop();
}

#[tokio::test]
async fn tables_of_a_migration_before_ours_count_as_unavailable() {
    let database = Database::fresh().await.expect("a database");
    let mut session = PgConnection::connect(database.url()).await.expect("a session");
    for statement in [
        "select nothing from not_there",
        "select not_there from pg_class",
        "select not_there(relname) from pg_class",
    ] {
        let error = sqlx::raw_sql(statement).execute(&mut session).await.expect_err("it is not there");
        assert!(matches!(ReadError::from(error), ReadError::Unavailable(_)), "{statement}");
    }
}

#[tokio::test]
async fn a_reading_session_that_hangs_makes_room_for_another() {
    let proxy = Proxy::before(&database().await, None).await;
    let pool = Sessions::new(&proxy.url, LIMITS).expect("an address").reads;
    let begun = pool.begin().await.expect("a session");
    proxy.hang.send_replace(());
    drop(begun);
    let answers = || async { pool.begin().await.is_ok() };
    until("another session", SOON, answers).await.expect("the hanging one is given up");
}

/// A session is opened in two round trips, of which the first asks for TLS.
const SLOW: Duration = Duration::from_millis(150);
const LIMITS_BELOW_SLOW: PoolLimits = PoolLimits {
    acquire_timeout: Duration::from_millis(200),
    statement_timeout: Duration::from_secs(5),
    ..LIMITS
};

#[tokio::test]
async fn a_session_that_takes_longer_to_open_than_a_request_waits_is_there_for_the_next() {
    let proxy = Proxy::slow(&database().await, None, SLOW).await;
    let pool = Sessions::new(&proxy.url, LIMITS_BELOW_SLOW).expect("an address").reads;
    let first = pool.begin().await;
    assert!(matches!(first, Err(sqlx::Error::PoolTimedOut)), "nobody waits longer: {first:?}");
    assert_eq!(pool.driver().size(), 1, "it is still being opened");
    until("a session", SOON, || async { pool.begin().await.is_ok() }).await.expect("it is open");
}

#[tokio::test]
async fn a_database_far_away_is_listened_to() {
    let proxy = Proxy::slow(&database().await, None, SLOW).await;
    let (known, mut versions) = watch::channel(None);
    let (health, stop) = (Health::default(), Stop::new());
    let sessions = Sessions::new(&proxy.url, LIMITS_BELOW_SLOW).expect("an address");
    let postgres = health.dependency("postgres");
    tokio::spawn(VersionListener::new(sessions, known, postgres, stop.clone(), Arc::new(SystemClock)).run());
    let listens = tokio::time::timeout(SOON, versions.wait_for(Option::is_some)).await;
    listens.expect("a connection").expect("it runs");
    stop.stop();
}

#[tokio::test]
async fn of_several_servers_only_the_primary_is_believed() {
    let database = database().await;
    let (server, name) = database.url().rsplit_once('/').expect("a database");
    let host = server.rsplit_once('@').expect("a user").1;
    let (known, mut versions) = watch::channel(None);
    let (health, stop) = (Health::default(), Stop::new());
    let sessions = Sessions::new(&format!("{server},{host}/{name}"), LIMITS).expect("an address");
    let postgres = health.dependency("postgres");
    tokio::spawn(VersionListener::new(sessions, known, postgres, stop.clone(), Arc::new(SystemClock)).run());
    versions.wait_for(Option::is_some).await.expect("it listens");
    assert!(health.is_ready());

    // What it answers is right, but another one may have newer data.
    let mut session = PgConnection::connect(database.url()).await.expect("a session");
    let mut set = async |value| {
        let change = format!("alter database {name} set default_transaction_read_only = {value}");
        let all = format!("begin read write; {change}; commit;
            select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}' and pid <> pg_backend_pid()");
        sqlx::raw_sql(sqlx::AssertSqlSafe(all)).execute(&mut session).await.expect("a setting");
    };
    set("on").await;
    let away = tokio::time::timeout(SOON, versions.wait_for(Option::is_none)).await;
    away.expect("it takes no writes").expect("it listens");
    until("not to be ready", SOON, || async { !health.is_ready() }).await.expect("not ready");
    set("off").await;
    let back = tokio::time::timeout(SOON, versions.wait_for(Option::is_some)).await;
    back.expect("it takes writes again").expect("it listens");
    stop.stop();
}
