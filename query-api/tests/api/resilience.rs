//! Redis and Postgres go away and come back under a steady load: no answer is lost that was computed once.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use kansoku_stack::{
    child::{Signal, kill},
    postgres::Database,
    redis, until,
};
use sqlx::{Connection, PgConnection};

use crate::support::{Instance, SOON, execute, seed};

const QUESTIONS: [&str; 12] = [
    "/api/v1/analytics/top-anime?catalogue=sample",
    "/api/v1/analytics/top-anime?catalogue=sample&format=csv",
    "/api/v1/analytics/top-anime?as_of=2026-11-13T06:00:00.5Z",
    "/api/v1/analytics/genre-distribution?catalogue=sample&as_of=2026-11-14",
    "/api/v1/analytics/seasonal-trend?catalogue=mal",
    "/api/v1/runs",
    "/api/v1/sources",
    "/api/v1/titles?catalogue=sample&q=tsuki",
    "/api/v1/titles/101?catalogue=sample",
    "/api/v1/analytics/titles/101/days?catalogue=sample",
    "/api/v1/analytics/titles/101/weeks?catalogue=sample&as_of=2026-11-13",
    "/api/v1/journey/1000/5",
];
/// Clients that ask without pause.
const CLIENTS: usize = 6;

/// Clients at work, and what they got.
struct Load {
    answered: Arc<AtomicU64>,
    failed: Arc<Mutex<Vec<String>>>,
    clients: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    fn on(service: &Arc<Instance>) -> Self {
        let (answered, failed): (Arc<AtomicU64>, Arc<Mutex<Vec<String>>>) = Default::default();
        let client = |n: usize| {
            let (service, answered, failed) =
                (Arc::clone(service), Arc::clone(&answered), Arc::clone(&failed));
            tokio::spawn(async move {
                for path in QUESTIONS.iter().cycle().skip(n) {
                    let got = service.get_with(path, &[("accept-encoding", "br")]).await;
                    if !got.status.is_success() {
                        failed.lock().expect("a list").push(format!("{path}: {} {}", got.status, got.text()));
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
            })
        };
        let clients = (0..CLIENTS).map(client).collect();
        Self { answered, failed, clients }
    }

    /// Waits for some hundred answers more.
    async fn goes_on(&self, meanwhile: &str) {
        let enough = self.answered.load(Ordering::Relaxed) + 500;
        let answers = || async { self.answered.load(Ordering::Relaxed) >= enough };
        until("answers", SOON, answers).await.unwrap_or_else(|error| panic!("{meanwhile}: {error}"));
        let failed = self.failed.lock().expect("a list");
        assert!(failed.is_empty(), "{meanwhile}: {} failed, first {}", failed.len(), failed[0]);
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.clients.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

/// Every facet moves, so that everything is read anew.
async fn news(database: &Database) {
    let sql = "update data_version set version = version + 1; update data_facet set version = version + 1;
        select pg_notify('kansoku_data', '')";
    execute(database, sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_computed_is_answered_whatever_goes_away() {
    let database = Database::alone().await.expect("a database");
    seed(&database).await;
    let redis = redis::Server::temporary().await.expect("Redis");
    let service = Arc::new(Instance::over(&database, &redis.url()).await);
    for path in QUESTIONS {
        assert!(service.get(path).await.status.is_success(), "{path}");
    }
    let load = Load::on(&service);
    news(&database).await;
    load.goes_on("all is well").await;

    kill(redis.pid().await, Signal::STOP).expect("a process");
    news(&database).await;
    load.goes_on("Redis hangs").await;
    news(&database).await;
    load.goes_on("Redis hangs on").await;
    kill(redis.pid().await, Signal::CONT).expect("a process");
    load.goes_on("Redis is back").await;

    let client = ::redis::Client::open(redis.url()).expect("an address");
    let mut session = client.get_multiplexed_async_connection().await.expect("a session");
    let _: () = ::redis::cmd("FLUSHALL").query_async(&mut session).await.expect("flushed");
    let _: () = ::redis::cmd("SCRIPT").arg("FLUSH").query_async(&mut session).await.expect("flushed");
    news(&database).await;
    load.goes_on("Redis was flushed").await;

    redis.kill().await.expect("killed");
    news(&database).await;
    load.goes_on("Redis is dead").await;
    redis.start_again().await.expect("started");
    news(&database).await;
    load.goes_on("Redis was started").await;

    news(&database).await;
    database.server().stop().await.expect("stopped");
    load.goes_on("Postgres was stopped").await;
    until("the loss to be seen", SOON, || async { !service.health.is_ready() }).await.expect("not ready");
    load.goes_on("Postgres is away").await;
    redis.kill().await.expect("killed");
    load.goes_on("nothing is left but memory").await;
    assert!(crate::cache::served(&service, "memory", "stale") > 0);
    database.server().start_again().await.expect("started");
    load.goes_on("Postgres was started").await;
    service.ready().await;
    let mut session = PgConnection::connect(database.url()).await.expect("a session");
    sqlx::raw_sql("update data_version set version = 99").execute(&mut session).await.expect("raised");
    news(&database).await;
    let is_new = || async { service.get(QUESTIONS[0]).await.json()["meta"]["version"] == 100 };
    until("new data", SOON, is_new).await.expect("they are read again");
    load.goes_on("all is well again").await;
}
