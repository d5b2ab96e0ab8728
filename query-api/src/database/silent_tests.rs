//! What becomes of us when the database falls silent without closing a connection.

use std::time::Duration;

use kansoku_service::{Health, Stop};
use kansoku_stack::{postgres::Database, until};
use sqlx::{Connection, PgConnection};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::{Limits, follow, options, pool};

const SOON: Duration = Duration::from_secs(20);
const LIMITS: Limits = Limits {
    sessions: 2,
    patience: Duration::from_millis(500),
    statement: Duration::from_millis(100),
    look_again: Duration::from_millis(20),
};

/// A way to the database on which every connection there is can be made to hang, as one does whose other end is gone.
struct Way {
    url: String,
    hang: watch::Sender<()>,
}

impl Way {
    async fn to(database: &Database) -> Self {
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
                    tokio::select! {
                        _ = copy_bidirectional(&mut here, &mut there) => {}
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
    let tables = "create table data_version (catalogue text, version bigint);
        insert into data_version values ('mal', 1)";
    sqlx::raw_sql(tables).execute(&mut session).await.expect("a table");
    database
}

#[tokio::test]
async fn a_listening_connection_that_hangs_counts_as_away_and_is_made_anew() {
    let database = database().await;
    let way = Way::to(&database).await;
    let (current, mut versions) = watch::channel(None);
    let (health, stop) = (Health::default(), Stop::new());
    let session = options(&way.url, LIMITS).expect("an address");
    tokio::spawn(follow(session, LIMITS, current, health.dependency("postgres"), stop.clone()));
    versions.wait_for(Option::is_some).await.expect("it follows");

    way.hang.send_replace(());
    let away = tokio::time::timeout(SOON, versions.wait_for(Option::is_none)).await;
    away.expect("the silence is seen").expect("it follows");
    until("not to be ready", SOON, || async { !health.is_ready() }).await.expect("not ready");
    let back = tokio::time::timeout(SOON, versions.wait_for(Option::is_some)).await;
    back.expect("a new connection").expect("it follows");
    until("to be ready", SOON, || async { health.is_ready() }).await.expect("ready again");
    stop.stop();
}

#[tokio::test]
async fn a_reading_session_that_hangs_makes_room_for_another() {
    let way = Way::to(&database().await).await;
    let pool = pool(options(&way.url, LIMITS).expect("an address"), LIMITS);
    let begun = pool.begin().await.expect("a session");
    way.hang.send_replace(());
    drop(begun);
    let answers = || async { sqlx::query("select").execute(&pool).await.is_ok() };
    until("another session", SOON, answers).await.expect("the hanging one is given up");
}
