//! What the planner of the database believes, and what is there.

use axum::http::StatusCode;
use kansoku_stack::postgres::Database;

use crate::support::{Instance, NO_REDIS, execute};

/// Postgres gathers statistics after a minute or more, and only when a tenth of a table has changed.
#[tokio::test]
async fn a_catalogue_that_the_statistics_do_not_know_is_read_in_time() {
    let database = Database::migrated().await.expect("a database");
    execute(&database, include_str!("newcomer.sql")).await;
    let service = Instance::over(&database, NO_REDIS).await;
    for path in ["genre-distribution", "seasonal-trend", "top-anime"] {
        for catalogue in ["mal", "sample"] {
            for as_of in ["", "&as_of=2026-11-14T05:00:00Z"] {
                let path = format!("/api/v1/analytics/{path}?catalogue={catalogue}{as_of}");
                let got = service.get(&path).await;
                assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.text());
            }
        }
    }
}
