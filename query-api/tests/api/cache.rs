//! The cache: a response is current exactly as long as its data are, and outlives the database.

use crate::support::{Instance, NO_REDIS, SOON};
use axum::http::StatusCode;
use kansoku_query_api::settings::Settings;
use kansoku_stack::{postgres::Database, redis, until};
use sqlx::{Connection, PgConnection};

pub(crate) const TOP: &str = "/api/v1/analytics/top-anime?catalogue=sample&limit=1";
pub(crate) const MAL: &str = "/api/v1/analytics/seasonal-trend?catalogue=mal";

/// A new score for the title at the top, as the loader would commit it.
pub(crate) const NEWS: &str = "
    begin;
    update observation set score = 9.01 where mal_id = 102 and captured_at = '2026-11-14 04:00Z';
    update data_version set version = version + 1 where catalogue = 'sample';
    select pg_notify('kansoku_data', 'sample');
    commit;";
/// The same, without telling anybody.
const SILENT_NEWS: &str = "
    begin;
    update observation set score = 9.02 where mal_id = 102 and captured_at = '2026-11-14 04:00Z';
    update data_version set version = version + 1 where catalogue = 'sample';
    commit;";
/// Ends every session that listens.
const HANG_UP: &str = "select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and application_name = 'query-api'";

pub(crate) async fn score(service: &Instance) -> f64 {
    service.get(TOP).await.json()["data"]["titles"][0]["score"].as_f64().expect("a score")
}

/// How many requests were served so.
pub(crate) fn served(service: &Instance, level: &str, result: &str) -> u64 {
    let sample = format!("kansoku_cache_requests_total{{level=\"{level}\",result=\"{result}\"}} ");
    let text = service.metrics.encode();
    let count = text.lines().find_map(|line| line.strip_prefix(&sample)?.parse().ok());
    count.unwrap_or_else(|| panic!("no {sample} in\n{text}"))
}

#[tokio::test]
async fn an_answer_is_kept_until_its_catalogue_changes() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    assert_eq!(service.get(TOP).await.from(), "miss");
    assert_eq!(service.get(MAL).await.from(), "miss");
    let kept = service.get("/api/v1/analytics/top-anime?limit=1&catalogue=sample").await;
    assert_eq!(kept.from(), "memory", "the order of parameters does not matter");
    assert_eq!(kept.json()["data"]["titles"][0]["score"], 8.7);

    crate::support::execute(&database, NEWS).await;
    until("the new score", SOON, || async { score(&service).await == 9.01 }).await.expect("the notice");
    let got = service.get(TOP).await;
    assert_eq!((got.from(), &got.json()["meta"]["version"]), ("memory", &8.into()));
    assert_eq!(service.get(MAL).await.from(), "memory", "the other catalogue has not changed");
    assert!(served(&service, "database", "miss") >= 3 && served(&service, "memory", "hit") >= 3);
    assert_eq!((served(&service, "redis", "hit"), served(&service, "database", "shed")), (0, 0));
}

#[tokio::test]
async fn a_lost_notice_leaves_no_old_answer_standing() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    assert_eq!(score(&service).await, 8.7);
    crate::support::execute(&database, SILENT_NEWS).await;
    assert_eq!(score(&service).await, 8.7, "nobody has told");
    crate::support::execute(&database, HANG_UP).await;
    until("the new score", SOON, || async { score(&service).await == 9.02 }).await.expect("listening again");
}

#[tokio::test]
async fn instances_share_answers_through_redis() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let redis = redis::Server::temporary().await.expect("Redis");
    let first = Instance::over(&database, &redis.url()).await;
    let second = Instance::over(&database, &redis.url()).await;
    let read = first.get(TOP).await;
    assert_eq!(read.from(), "miss");
    let shared = second.get(TOP).await;
    assert_eq!((shared.from(), shared.header("etag")), ("redis", read.header("etag")));
    assert_eq!(shared.body, read.body);
    assert_eq!(second.get(TOP).await.from(), "memory");
    let [shared, own, read] =
        [("redis", "hit"), ("memory", "hit"), ("database", "miss")].map(|of| served(&second, of.0, of.1));
    assert_eq!((shared, own, read), (1, 1, 0));

    let mut session = redis_session(&redis).await;
    let keys: Vec<String> = ::redis::cmd("KEYS").arg("*").query_async(&mut session).await.expect("keys");
    let [key] = &keys[..] else { panic!("one key for each question, not {keys:?}") };
    assert!(key.contains(":test:top-anime:") && key.contains("\"limit\":1"), "{key}");
}

#[tokio::test]
async fn an_answer_that_is_not_whole_is_read_anew() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let redis = redis::Server::temporary().await.expect("Redis");
    let first = Instance::over(&database, &redis.url()).await;
    let read = first.get(TOP).await;
    let mut session = redis_session(&redis).await;
    let keys: Vec<String> = ::redis::cmd("KEYS").arg("*").query_async(&mut session).await.expect("keys");
    for key in keys {
        let damage = ::redis::Cmd::hset(key, "body", "x");
        let _: () = damage.query_async(&mut session).await.expect("damage");
    }
    let second = Instance::over(&database, &redis.url()).await;
    let again = second.get(TOP).await;
    assert_eq!((again.from(), &again.body), ("miss", &read.body));
}

#[tokio::test]
async fn without_redis_answers_are_the_same() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let redis = redis::Server::temporary().await.expect("Redis");
    let service = Instance::over(&database, &redis.url()).await;
    let read = service.get(TOP).await;
    redis.stop().await.expect("stopped");
    assert_eq!(service.get(MAL).await.from(), "miss");
    assert!(service.health.is_ready(), "Redis is no reason not to be ready");
    crate::support::execute(&database, NEWS).await;
    until("the new score", SOON, || async { score(&service).await == 9.01 }).await.expect("the notice");
    assert_ne!(service.get(TOP).await.header("etag"), read.header("etag"));

    redis.start_again().await.expect("started");
    let address = redis.url();
    let other = || Instance::over(&database, &address);
    let shared = || async {
        service.get(MAL).await;
        crate::support::execute(&database, NEWS).await;
        service.get(TOP).await;
        other().await.get(TOP).await.from() == "redis"
    };
    until("answers in Redis again", SOON, shared).await.expect("Redis is used again");
}

#[tokio::test]
async fn when_the_database_is_away_the_last_answer_stays_and_says_so() {
    let database = Database::alone().await.expect("a database");
    crate::support::seed(&database).await;
    let redis = redis::Server::temporary().await.expect("Redis");
    let service = Instance::over(&database, &redis.url()).await;
    let fresh = service.get(TOP).await;
    let csv = "/api/v1/analytics/seasonal-trend?catalogue=mal&format=csv";
    let fresh_csv = service.get(csv).await;

    database.server().stop().await.expect("stopped");
    until("the loss to be seen", SOON, || async { !service.health.is_ready() }).await.expect("not ready");
    service.clock.advance(std::time::Duration::from_secs(90));
    let stale = service.get(TOP).await;
    assert_eq!((stale.status, stale.from(), stale.header("age")), (StatusCode::OK, "away", "90"));
    let mut body = stale.json();
    assert_eq!(body["meta"]["stale"], true);
    body["meta"]["stale"] = false.into();
    assert_eq!(body, fresh.json(), "nothing else has changed");
    let stale_csv = service.get(csv).await;
    assert_eq!((stale_csv.header("age"), &stale_csv.body), ("90", &fresh_csv.body));

    let away = service.get("/api/v1/runs").await;
    assert_eq!((away.status, away.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    assert_eq!(away.header("content-type"), "application/problem+json");
    assert_eq!(service.get("/api/v1/runs?limit=0").await.status, StatusCode::BAD_REQUEST);

    let newcomer = Instance::start(database.url(), &redis.url(), |_| {});
    let inherited = newcomer.get(TOP).await;
    assert_eq!((inherited.from(), inherited.json()["meta"]["stale"].as_bool()), ("away", Some(true)));

    database.server().start_again().await.expect("started");
    service.ready().await;
    newcomer.ready().await;
    let back = service.get(TOP).await;
    assert_eq!((back.json(), back.header("age")), (fresh.json(), ""));
    assert_eq!(newcomer.get("/api/v1/runs").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_database_that_is_busy_is_not_away() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::start(database.url(), NO_REDIS, |settings| {
        settings.postgres.max_connections = 2;
        settings.limits.statement_ms = 20_000;
        settings.limits.answer_ms = 20_000;
    });
    service.ready().await;
    assert_eq!(score(&service).await, 8.7);
    let mut other = PgConnection::connect(database.url()).await.expect("a session");
    let mut lock = other.begin().await.expect("a transaction");
    sqlx::raw_sql("lock table source in access exclusive mode").execute(&mut *lock).await.expect("a lock");
    let waiting = service.get("/api/v1/sources");
    let meanwhile = async {
        crate::support::execute(&database, NEWS).await;
        until("the news", SOON, || async { service.get(TOP).await.from() == "busy" })
            .await
            .expect("a notice");
        assert!(service.health.is_ready(), "it listens, so the database is there");
        let refused = service.get("/api/v1/runs").await;
        assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
        let detail = refused.json()["detail"].as_str().expect("a detail").to_owned();
        assert!(detail.starts_with("too many requests are being answered at once"), "{detail}");
        lock.rollback().await.expect("released");
    };
    let (waited, ()) = tokio::join!(waiting, meanwhile);
    assert_eq!(waited.status, StatusCode::OK);
    assert_eq!(score(&service).await, 9.01);
}

#[tokio::test]
async fn it_starts_before_the_tables_are_there() {
    let database = Database::migrated().await.expect("a database");
    let service = Instance::start(database.url(), NO_REDIS, |_| {});
    let early = service.get(TOP).await;
    assert_eq!(early.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!service.health.is_ready());
    crate::support::seed(&database).await;
    service.ready().await;
    assert_eq!(service.get(TOP).await.status, StatusCode::OK);
}

/// A transaction that changes the title at the top, tells nobody, and raises the counter alone: to 8 from 7.
async fn raise(database: &Database, score: &str) {
    let mut session = PgConnection::connect(database.url()).await.expect("a session");
    let sql = format!(
        "begin;
        update observation set score = {score} where mal_id = 102 and captured_at = '2026-11-14 04:00Z';
        update data_version set version = 8 where catalogue = 'sample';
        commit;"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut session).await.expect("committed");
}

#[tokio::test]
async fn a_counter_that_climbs_again_after_a_restore_brings_no_old_response_back() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let redis = redis::Server::temporary().await.expect("Redis");
    raise(&database, "9.11").await;
    let before = Instance::over(&database, &redis.url()).await;
    assert_eq!(score(&before).await, 9.11);
    // A restore takes the counter back, and the next commit is numbered as the lost one was.
    crate::support::execute(&database, "update data_version set version = 7 where catalogue = 'sample'")
        .await;
    raise(&database, "9.22").await;
    let after = Instance::over(&database, &redis.url()).await;
    assert_eq!(score(&after).await, 9.22);
}

#[tokio::test]
async fn another_build_reads_no_response_of_this_one() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let redis = redis::Server::temporary().await.expect("Redis");
    let instance = async |build: &str, trace_url: Option<&str>| {
        let trace_url = trace_url.map(Into::into);
        let settings = |settings: &mut Settings| settings.trace_url = trace_url;
        let instance = Instance::of_build(build, database.url(), &redis.url(), settings);
        instance.ready().await;
        instance.get(TOP).await.from().to_owned()
    };
    assert_eq!(instance("first", None).await, "miss");
    assert_eq!(instance("first", None).await, "redis");
    assert_eq!(instance("corrected", None).await, "miss");
    // A body may have the address of traces in it.
    let traces = |host: &str| format!("https://{host}.example.test/{{trace_id}}");
    assert_eq!(instance("first", Some(&traces("one"))).await, "miss");
    assert_eq!(instance("first", Some(&traces("one"))).await, "redis");
    assert_eq!(instance("first", Some(&traces("two"))).await, "miss");
}

#[test]
fn a_build_is_told_from_another_by_every_statement() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("titles.sql");
    let fingerprint = |sql: &str| {
        std::fs::write(&file, sql).expect("a file");
        crate::fingerprint::of(&[folder.path()]).expect("a hash")
    };
    let (wrong, corrected) = (fingerprint("select 1"), fingerprint("select 2"));
    assert_ne!(wrong, corrected);
    assert_eq!(fingerprint("select 1"), wrong);
    let sources = ["src", "../schemas/src", "../Cargo.lock"].map(std::path::Path::new);
    assert_eq!(kansoku_query_api::BUILD, crate::fingerprint::of(&sources).expect("a hash"));
}

#[tokio::test]
async fn instants_with_the_same_captures_behind_them_share_a_response() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let get = async |resource: &str, as_of: &str| {
        let path = format!("/api/v1/{resource}?catalogue=sample&as_of={as_of}");
        let got = service.get(&path).await;
        (got.from().to_owned(), got.header("etag").to_owned())
    };
    for resource in ["analytics/top-anime", "analytics/seasonal-trend", "runs"] {
        let (first, etag) = get(resource, "2026-11-13T06:00:00Z").await;
        assert_eq!(first, "miss", "{resource}");
        for as_of in ["2026-11-13T06:00:00.000001Z", "2026-11-13T17:30:00Z", "2026-11-13T05:00:00Z"] {
            assert_eq!(get(resource, as_of).await, ("memory".into(), etag.clone()), "{resource} {as_of}");
        }
        assert_eq!(get(resource, "2026-11-13T04:59:59.999999Z").await.0, "miss", "a capture earlier");
        for as_of in ["2026-11-20", "2031-01-01T00:00:00Z"] {
            let (_, later) = get(resource, as_of).await;
            assert_eq!(later, get(resource, "2026-11-14").await.1, "{resource} {as_of}");
        }
    }
    // Its days end with the day asked for, which has no capture.
    let days = service.get("/api/v1/runs/days?catalogue=sample&days=1&as_of=2026-11-12").await.json();
    assert_eq!(days["data"][0]["day"], "2026-11-12");
}

#[tokio::test]
async fn a_newer_version_is_served_before_its_notice_comes() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    crate::support::execute(&database, SILENT_NEWS).await;
    let read = service.get(TOP).await;
    assert_eq!((read.from(), &read.json()["meta"]["version"]), ("miss", &8.into()));
    assert_eq!(service.get(TOP).await.from(), "memory", "nobody has told, and it is the newest");
}

async fn redis_session(server: &redis::Server) -> ::redis::aio::MultiplexedConnection {
    let client = ::redis::Client::open(server.url()).expect("an address");
    client.get_multiplexed_async_connection().await.expect("a session")
}
