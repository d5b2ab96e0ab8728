//! The bodies of every resource over the small world of the tests.

use crate::support::{Instance, NO_REDIS};
use axum::http::StatusCode;
use kansoku_service::FastClock;
use kansoku_stack::postgres::Database;
use serde_json::json;

/// Every question whose whole answer is kept as a snapshot.
const QUESTIONS: [(&str, &str); 13] = [
    ("top_anime", "/api/v1/analytics/top-anime?limit=2"),
    ("top_anime_adult", "/api/v1/analytics/top-anime?limit=2&adult=show"),
    ("top_anime_as_of", "/api/v1/analytics/top-anime?as_of=2026-11-10&limit=1"),
    ("genre_distribution", "/api/v1/analytics/genre-distribution"),
    ("studio_distribution", "/api/v1/analytics/genre-distribution?kind=studio"),
    ("genre_distribution_at_noon", "/api/v1/analytics/genre-distribution?as_of=2026-11-13T04:30:00Z"),
    ("genre_distribution_of_a_source", "/api/v1/analytics/genre-distribution?source=mirror"),
    ("seasonal_trend", "/api/v1/analytics/seasonal-trend"),
    ("seasonal_trend_mal", "/api/v1/analytics/seasonal-trend?catalogue=mal"),
    ("sources", "/api/v1/sources"),
    ("runs", "/api/v1/runs?limit=5"),
    ("runs_of_a_dataset", "/api/v1/runs?dataset=season.now"),
    ("run_days", "/api/v1/runs/days?days=6"),
];

#[tokio::test]
async fn bodies_are_as_kept() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    for (name, path) in QUESTIONS {
        let got = service.get(path).await;
        assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.text());
        insta::assert_json_snapshot!(name, got.json());
    }
    for resource in ["top-anime", "genre-distribution", "seasonal-trend"] {
        let got = service.get(&format!("/api/v1/analytics/{resource}?format=csv")).await;
        assert_eq!(got.header("content-type"), "text/csv; charset=utf-8; header=present");
        assert_eq!(
            got.header("content-disposition"),
            format!("attachment; filename=\"kansoku-{resource}.csv\"")
        );
        insta::assert_snapshot!(format!("{resource}.csv"), got.text());
        let accepted =
            service.get_with(&format!("/api/v1/analytics/{resource}"), &[("accept", "text/csv")]).await;
        assert_eq!(accepted.text(), got.text());
        assert_eq!(accepted.header("vary"), "accept, accept-encoding");
    }
}

#[tokio::test]
async fn the_rows_of_a_run_add_up_when_a_stricter_judgement_has_followed() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let stricter =
        "update page set judge = 'stricter', accepted = 1, dead = received - 1 where dataset = 'season.now'";
    crate::support::execute(&database, stricter).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let runs = service.get("/api/v1/runs?dataset=season.now").await.json();
    for run in runs["data"].as_array().expect("runs") {
        let expected = json!({"received": 2, "accepted": 2, "dead": 0, "stored": 2, "duplicate": 0});
        assert_eq!(run["rows"], expected);
    }
}

#[tokio::test]
async fn before_the_first_capture_every_body_is_empty() {
    let database = Database::migrated().await.expect("a database");
    let service = Instance::over(&database, NO_REDIS).await;
    for path in ["/api/v1/analytics/seasonal-trend", "/api/v1/sources", "/api/v1/runs"] {
        let body = service.get(path).await.json();
        assert_eq!(body["data"], serde_json::json!([]), "{path}");
        assert_eq!(body["meta"]["captured_at"], serde_json::Value::Null);
        assert_eq!(body["meta"]["catalogue"], "mal");
    }
    let top = service.get("/api/v1/analytics/top-anime").await.json();
    assert_eq!(top["data"], serde_json::json!({"run": null, "previous": null, "titles": []}));
    let genres = service.get("/api/v1/analytics/genre-distribution").await.json();
    assert_eq!(genres["data"], serde_json::json!({"titles": 0, "genres": []}));
    let days = service.get("/api/v1/runs/days?days=3").await.json();
    assert_eq!(
        days["data"][2],
        serde_json::json!({"day": "2026-11-14", "runs": 0, "complete": 0, "incomplete": 0})
    );
    let csv = service.get("/api/v1/analytics/seasonal-trend?format=csv").await.text();
    assert_eq!(csv, "year,season,titles,scored,mean_score,median_score,median_members,members\n");
}

#[tokio::test]
async fn the_days_end_where_a_fast_calendar_has_come_to() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let day = |text: &str| text.parse().expect("an instant");
    // It has not begun yet, so it stands.
    let fast =
        FastClock { from: day("2026-11-12T12:00:00Z"), started: day("2999-01-01T00:00:00Z"), day_ms: 60_000 };
    let service = Instance::start(database.url(), NO_REDIS, |settings| settings.fast = Some(fast));
    service.ready().await;
    // What another calendar has captured since is there all the same.
    for (catalogue, ends) in [("mal", "2026-11-12"), ("sample", "2026-11-14")] {
        let days = service.get(&format!("/api/v1/runs/days?catalogue={catalogue}&days=2")).await.json();
        assert_eq!(days["data"][1]["day"], ends, "{catalogue}");
    }
}

#[tokio::test]
async fn the_first_capture_is_told_before_it_too() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    for resource in
        ["runs", "analytics/top-anime", "analytics/genre-distribution", "analytics/seasonal-trend"]
    {
        for (asked, first) in [
            ("catalogue=sample", "2026-11-10T04:00:00Z"),
            ("catalogue=sample&source=mirror", "2026-11-14T06:00:00Z"),
            ("catalogue=mal", "2022-03-01T12:00:00Z"),
        ] {
            let path = format!("/api/v1/{resource}?{asked}&as_of=2001-01-01");
            let meta = &service.get(&path).await.json()["meta"];
            assert_eq!(meta["first_captured_at"], first, "{path}");
            assert_eq!(meta["captured_at"], serde_json::Value::Null, "{path}");
        }
    }
}
