//! Similar titles against what they are, asked of every week one by one.

use chrono::NaiveDate;
use kansoku_stack::postgres::Database;
use serde_json::Value;
use sqlx::{Connection, PgConnection};

use crate::support::{self, Instance, NO_REDIS};

/// 7 and 7.0 are one number.
fn as_floats(value: &mut Value) {
    match value {
        Value::Number(number) => *value = number.as_f64().into(),
        Value::Array(items) => items.iter_mut().for_each(as_floats),
        Value::Object(members) => members.values_mut().for_each(as_floats),
        _ => {}
    }
}

/// The numbers apart from everything else: they are computed in another order.
fn without_likeness(titles: &Value) -> (Vec<f64>, Value) {
    let mut titles = titles.clone();
    as_floats(&mut titles);
    let likeness = titles.as_array_mut().expect("titles").iter_mut().map(|title| {
        let likeness = title.as_object_mut().expect("a title").remove("likeness");
        likeness.and_then(|number| number.as_f64()).expect("a number")
    });
    let likeness = likeness.collect();
    (likeness, titles)
}

#[tokio::test]
async fn similar_titles_are_those_whose_weeks_correlate() {
    let database = Database::migrated().await.expect("a database");
    support::seed(&database).await;
    support::execute(&database, include_str!("similar_titles.sql")).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let mut session = PgConnection::connect(database.url()).await.expect("a session");
    let mut found = 0;
    for (as_of, last) in [("", "2026-11-09"), ("&as_of=2026-11-13", "2026-11-02")] {
        for title in (1003..1400).step_by(13) {
            let path = format!("/api/v1/analytics/titles/{title}/similar?catalogue=sample&limit=20{as_of}");
            let answer = service.get(&path).await.json()["data"]["titles"].clone();
            let plain: Value = sqlx::query_scalar(include_str!("similar.sql"))
                .bind(title)
                .bind(last.parse::<NaiveDate>().expect("a day"))
                .bind(20_i64)
                .fetch_one(&mut session)
                .await
                .expect("titles");
            let ((likeness, titles), (expected, plain)) =
                (without_likeness(&answer), without_likeness(&plain));
            assert_eq!(titles, plain, "{path}");
            let differs = likeness.iter().zip(&expected).any(|(one, other)| (one - other).abs() > 1e-9);
            assert!(!differs, "{path}: {likeness:?}, not {expected:?}");
            found += likeness.len();
        }
    }
    assert!(found > 300, "only {found} titles are alike");
}
