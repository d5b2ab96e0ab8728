//! A seeded database and the service over it, without a socket.

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use chrono::DateTime;
use kansoku_query_api::{ServiceContext, assemble, settings::Settings};
use kansoku_service::{Health, ManualClock, Metrics, Stop};
use kansoku_stack::{postgres::Database, until};
use serde_json::Value;
use sqlx::{Connection, PgConnection, migrate::Migrator};
use tower::ServiceExt;

/// Nothing listens there.
pub(crate) const NO_REDIS: &str = "redis://127.0.0.1:1/";
/// What a test waits for comes in milliseconds; a busy machine is given more.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Noon of the last day of the seed.
pub(crate) fn clock() -> Arc<ManualClock> {
    let noon = DateTime::parse_from_rfc3339("2026-11-14T12:00:00Z").expect("an instant");
    Arc::new(ManualClock::new(noon.to_utc()))
}

/// Makes the tables where there are none: a server of its own has none to copy.
async fn migrate(database: &Database) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../loader/migrations");
    let mut session = PgConnection::connect(database.url()).await.expect("a database");
    Migrator::new(folder).await.expect("migrations").run(&mut session).await.expect("tables");
}

/// Runs statements.
pub(crate) async fn execute(database: &Database, sql: &'static str) {
    let mut session = PgConnection::connect(database.url()).await.expect("a database");
    sqlx::raw_sql(sql).execute(&mut session).await.expect("good statements");
}

/// The small world of the tests.
pub(crate) async fn seed(database: &Database) {
    migrate(database).await;
    execute(database, include_str!("seed.sql")).await;
}

/// One instance of the service.
pub(crate) struct Instance {
    pub(crate) router: Router,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) health: Health,
    pub(crate) metrics: Metrics,
    stop: Stop,
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

/// What a request got.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("ASCII")).unwrap_or_default()
    }

    /// Where the response was found: `miss`, `memory`, `redis`, or why it is stale.
    pub(crate) fn from(&self) -> &str {
        match self.header("cache-status") {
            "query-api; fwd=miss" => "miss",
            "query-api; hit; detail=memory" => "memory",
            "query-api; hit; detail=redis" => "redis",
            "query-api; hit; detail=refreshing" => "refreshing",
            "query-api; hit; fwd=stale; detail=database-away" => "away",
            "query-api; hit; fwd=stale; detail=database-busy" => "busy",
            "query-api; hit; fwd=stale; detail=database-slow" => "slow",
            other => panic!("unknown cache-status {other:?}"),
        }
    }
}

impl Instance {
    /// An instance over that database, before anything is known to be there.
    pub(crate) fn start(database: &str, redis: &str, change: impl FnOnce(&mut Settings)) -> Self {
        Self::of_build("test", database, redis, change)
    }

    /// The same, of a certain build of the program.
    pub(crate) fn of_build(
        build: &str,
        database: &str,
        redis: &str,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = Settings::default();
        settings.postgres.url = database.into();
        settings.redis.url = redis.into();
        settings.web.dir = "/nowhere".into();
        change(&mut settings);
        let (clock, stop) = (clock(), Stop::new());
        let (health, metrics) = (Health::default(), Metrics::default());
        let context = ServiceContext {
            clock: Arc::clone(&clock) as _,
            stop: stop.clone(),
            health: health.clone(),
            metrics: metrics.clone(),
            instance: "test-1".into(),
            build: build.into(),
        };
        let assembled = assemble(&settings, &context, Router::new()).expect("good settings");
        for (_, work) in assembled.background {
            tokio::spawn(work);
        }
        Self { router: assembled.router, clock, health, metrics, stop }
    }

    /// A ready instance over a seeded database.
    pub(crate) async fn over(database: &Database, redis: &str) -> Self {
        let instance = Self::start(database.url(), redis, |_| {});
        instance.ready().await;
        instance
    }

    pub(crate) async fn ready(&self) {
        until("the service to be ready", SOON, || async { self.health.is_ready() }).await.expect("ready");
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.ask(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&'static str, &str)]) -> Got {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.ask(request.body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Got {
        let response = self.router.clone().oneshot(request).await.expect("never fails");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 24).await.expect("a body");
        Got { status: parts.status, headers: parts.headers, body }
    }
}
