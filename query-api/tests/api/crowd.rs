//! Many who ask at once.

use axum::http::StatusCode;
use kansoku_stack::{postgres::Database, until};
use sqlx::{Connection, PgConnection};

use crate::{
    cache::{MAL, NEWS, TOP, score},
    support::{Instance, NO_REDIS, SOON, execute},
};

/// The sessions of the service that wait for a lock.
async fn waiting(session: &mut PgConnection) -> i64 {
    let sql = "select count(*) from pg_stat_activity where datname = current_database()
        and application_name = 'query-api' and wait_event_type = 'Lock'";
    sqlx::query_scalar(sql).fetch_one(session).await.expect("a count")
}

/// The sessions that the service has opened: each read that no free one was there for has opened one.
async fn sessions(session: &mut PgConnection) -> i64 {
    let sql = "select count(*) from pg_stat_activity where datname = current_database()
        and application_name = 'query-api'";
    sqlx::query_scalar(sql).fetch_one(session).await.expect("a count")
}

/// Holds up every read until it is rolled back.
async fn hold_up(session: &mut PgConnection) -> sqlx::Transaction<'_, sqlx::Postgres> {
    let mut lock = session.begin().await.expect("a transaction");
    sqlx::raw_sql("lock table source in access exclusive mode").execute(&mut *lock).await.expect("a lock");
    lock
}

#[tokio::test]
async fn a_thousand_simultaneous_first_requests_make_one_query() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let mut other = PgConnection::connect(database.url()).await.expect("a session");
    let mut onlooker = PgConnection::connect(database.url()).await.expect("a session");
    let lock = hold_up(&mut other).await;
    let mut asked: Vec<_> = (0..1_000).map(|_| Box::pin(service.get(TOP))).collect();
    for request in &mut asked {
        assert!(futures::poll!(request.as_mut()).is_pending());
    }
    // Who asked first goes away.
    drop(asked.swap_remove(0));
    let asked = futures::future::join_all(asked);
    let release = async {
        while waiting(&mut onlooker).await == 0 {}
        lock.rollback().await.expect("released");
    };
    let (answers, ()) = tokio::join!(asked, release);
    // One listens, one read, and one may have been of the request that went away; there could be eight.
    let sessions = sessions(&mut onlooker).await;
    assert!(sessions <= 3, "{sessions} sessions for one question");
    assert!(answers.iter().all(|got| got.status == StatusCode::OK && got.body == answers[0].body));
    assert_eq!(service.get(TOP).await.from(), "memory");
}

#[tokio::test]
async fn a_crowd_does_not_wait_for_a_new_version_and_sees_it_within_a_second() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    assert_eq!(score(&service).await, 8.7);
    execute(&database, NEWS).await;
    let mut other = PgConnection::connect(database.url()).await.expect("a session");
    let lock = hold_up(&mut other).await;
    // Until the notice comes, the answer is from memory; then the first who asks is held up, and reads.
    let mut first = Box::pin(service.get(TOP));
    let reads = || async { service.get(TOP).await.from() == "refreshing" };
    while let std::task::Poll::Ready(got) = futures::poll!(first.as_mut()) {
        assert_eq!(got.from(), "memory");
        first = Box::pin(service.get(TOP));
        tokio::task::yield_now().await;
    }
    until("the crowd to be served", SOON, reads).await.expect("a refresh");
    let crowd = service.get(TOP).await;
    assert_eq!((crowd.status, crowd.from()), (StatusCode::OK, "refreshing"));
    assert_eq!(crowd.json()["data"]["titles"][0]["score"], 8.7);
    service.clock.advance(std::time::Duration::from_secs(1));
    let mut late = Box::pin(service.get(TOP));
    assert!(futures::poll!(late.as_mut()).is_pending(), "its time is over");
    lock.rollback().await.expect("released");
    let (first, late) = tokio::join!(first, late);
    for got in [first, late] {
        assert_eq!((got.from(), &got.json()["data"]["titles"][0]["score"]), ("miss", &9.01.into()));
    }
}

#[tokio::test]
async fn who_cannot_be_served_in_time_is_told_at_once() {
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
    let lock = hold_up(&mut other).await;
    // One session, a second, and reads of a hundredth of a second: a hundred may wait.
    let path = |limit| format!("/api/v1/runs?catalogue=sample&limit={limit}");
    let other = |limit| format!("/api/v1/analytics/top-anime?catalogue=mal&limit={limit}");
    let paths: Vec<String> = (1..=75).flat_map(|limit| [path(limit), other(limit)]).collect();
    let mut asked: Vec<_> = paths.iter().map(|path| Box::pin(service.get(path))).collect();
    let mut refused = 0;
    for request in &mut asked {
        if let std::task::Poll::Ready(got) = futures::poll!(request.as_mut()) {
            assert_eq!((got.status, got.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
            refused += 1;
        }
    }
    assert!(refused > 0, "the queue is bounded");
    assert_eq!(service.get(TOP).await.from(), "memory", "what is cached needs no session");
    drop(asked);
    lock.rollback().await.expect("released");
    assert_eq!(service.get(MAL).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refusal_is_shared_by_all_who_wait_and_not_kept() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let mut other = PgConnection::connect(database.url()).await.expect("a session");
    let mut onlooker = PgConnection::connect(database.url()).await.expect("a session");
    let lock = hold_up(&mut other).await;
    let path = "/api/v1/analytics/top-anime?catalogue=sample&source=newcomer";
    let asked = futures::future::join_all((0..20).map(|_| service.get(path)));
    let release = async {
        while waiting(&mut onlooker).await == 0 {}
        lock.rollback().await.expect("released");
    };
    let (answers, ()) = tokio::join!(asked, release);
    assert!(answers.iter().all(|got| got.status == StatusCode::BAD_REQUEST));
    assert_eq!(sessions(&mut onlooker).await, 2, "one listens, one read");
    // Nobody tells of the new source.
    let newcomer =
        "insert into source (catalogue, name, first_seen_at) values ('sample', 'newcomer', '2026-11-14')";
    execute(&database, newcomer).await;
    assert_eq!(service.get(path).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_waits_for_a_slow_read_gets_the_last_response_while_it_goes_on() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::start(database.url(), NO_REDIS, |settings| {
        settings.limits.statement_ms = 60_000;
        settings.limits.answer_ms = 60_000;
    });
    service.ready().await;
    let past = &format!("{TOP}&as_of=2026-11-14T06:00:00Z");
    for path in [TOP, past] {
        assert_eq!(service.get(path).await.status, StatusCode::OK);
    }
    let mut other = PgConnection::connect(database.url()).await.expect("a session");
    let mut lock = hold_up(&mut other).await;
    // What tells where an instant lies is held up, too.
    sqlx::raw_sql("lock table run in access exclusive mode").execute(&mut *lock).await.expect("a lock");
    execute(&database, NEWS).await;
    for path in [TOP, past] {
        // Until the notice comes, the answer is from memory.
        until("a stale answer", SOON, || async { service.get(path).await.from() == "slow" })
            .await
            .expect("the last response");
    }
    assert_eq!(service.get(TOP).await.from(), "refreshing", "the read goes on");
    service.clock.advance(std::time::Duration::from_secs(1));
    let again = service.get(TOP).await;
    assert_eq!((again.from(), again.json()["meta"]["stale"].as_bool()), ("slow", Some(true)));
    lock.rollback().await.expect("released");
    until("the news", SOON, || async { score(&service).await == 9.01 }).await.expect("they are read");
}
