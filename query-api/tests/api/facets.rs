//! What a kept answer depends on: the part of the data that it shows.

use axum::http::StatusCode;
use kansoku_stack::{postgres::Database, until};
use sqlx::{Connection, PgConnection};

use crate::{
    cache::{NEWS, TOP, score},
    support::{Instance, NO_REDIS, SOON},
};

/// A heartbeat of a run, as the loader tells of it.
const HEARTBEAT: &str = "
    update data_facet set version = version + 1 where catalogue = 'sample' and facet = 'runs';
    select pg_notify('kansoku_data', 'sample')";
const RUNS: &str = "/api/v1/runs?catalogue=sample&limit=1";
const YESTERDAY: &str = "/api/v1/analytics/top-anime?catalogue=sample&as_of=2026-11-13";

#[tokio::test]
async fn a_heartbeat_of_a_run_leaves_the_analytics_alone() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    for path in [TOP, YESTERDAY, RUNS] {
        assert_eq!(service.get(path).await.from(), "miss");
    }
    crate::support::execute(&database, HEARTBEAT).await;
    let read_anew = || async { service.get(RUNS).await.from() == "miss" };
    until("the heartbeat to be seen", SOON, read_anew).await.expect("the notice");
    for path in [TOP, YESTERDAY] {
        assert_eq!(service.get(path).await.from(), "memory", "{path}");
    }
}

#[tokio::test]
async fn a_commit_of_today_leaves_past_days_alone() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let newest = "/api/v1/analytics/top-anime?as_of=2026-11-13";
    for path in [TOP, YESTERDAY, newest] {
        assert_eq!(service.get(path).await.from(), "miss");
    }
    crate::support::execute(&database, NEWS).await;
    until("the new score", SOON, || async { score(&service).await == 9.01 }).await.expect("the notice");
    for path in [YESTERDAY, newest] {
        assert_eq!(service.get(path).await.from(), "memory", "{path}");
    }
    for facet in ["past", "facts"] {
        let sql = format!(
            "update data_facet set version = version + 1 where catalogue = 'sample' and facet = '{facet}';
            select pg_notify('kansoku_data', '')"
        );
        let mut session = PgConnection::connect(database.url()).await.expect("a session");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut session).await.expect("raised");
        let read_anew = || async { service.get(YESTERDAY).await.from() == "miss" };
        until("the past to be read anew", SOON, read_anew).await.expect("the notice");
        assert_eq!(service.get(TOP).await.from(), "memory");
    }
}

#[tokio::test]
async fn an_answer_is_read_anew_when_what_it_shows_besides_changes() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let weeks = "/api/v1/analytics/titles/101/weeks?catalogue=sample&as_of=2026-11-13";
    let journey = "/api/v1/journey/1000/5";
    let seasons = "/api/v1/analytics/seasonal-trend?catalogue=sample";
    for (facet, of_it) in
        [("weeks", [weeks, weeks]), ("archive", [YESTERDAY, journey]), ("runs", [journey, journey])]
    {
        for path in [weeks, journey, YESTERDAY, seasons] {
            let got = service.get(path).await;
            assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.text());
        }
        let sql = format!(
            "update data_facet set version = version + 1 where facet = '{facet}'; select pg_notify('kansoku_data', '')"
        );
        let mut session = PgConnection::connect(database.url()).await.expect("a session");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut session).await.expect("raised");
        let read_anew = || async { service.get(of_it[0]).await.from() == "miss" };
        until("the version to be seen", SOON, read_anew).await.expect("the notice");
        for path in [weeks, journey, YESTERDAY, seasons] {
            let anew = path == of_it[1] && path != of_it[0];
            assert_eq!(
                service.get(path).await.from(),
                if anew { "miss" } else { "memory" },
                "{facet} {path}"
            );
        }
    }
}

#[tokio::test]
async fn the_same_data_in_a_new_version_need_no_new_body() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let first = service.get(TOP).await;
    let raise = "update data_version set version = version + 1 where catalogue = 'sample';
        select pg_notify('kansoku_data', '')";
    crate::support::execute(&database, raise).await;
    let is_new = || async { service.get(TOP).await.json()["meta"]["version"] == 8 };
    until("the new version", SOON, is_new).await.expect("the notice");
    let second = service.get_with(TOP, &[("if-none-match", first.header("etag"))]).await;
    assert_eq!((second.status, second.header("etag")), (StatusCode::NOT_MODIFIED, first.header("etag")));
    crate::support::execute(&database, NEWS).await;
    until("the new score", SOON, || async { score(&service).await == 9.01 }).await.expect("the notice");
    let third = service.get_with(TOP, &[("if-none-match", first.header("etag"))]).await;
    assert_eq!(third.status, StatusCode::OK);
}
