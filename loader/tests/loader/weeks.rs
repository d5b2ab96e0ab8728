//! Places of titles in the weeks, rolled up behind the commits.

use std::time::Duration;

use chrono::{TimeZone as _, Utc};
use kansoku_loader::store::{addresses, rebuild, session};
use kansoku_schemas::{Page, Precision};
use kansoku_stack::until;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgPool};

use crate::common::{commit, page, tables, titles};

/// A page of November 2026 on which each title has a score, votes and members.
fn seen(run: u8, day: u32, numbers: &[(i32, f64, i64, i64)]) -> Page {
    let mut page = page(run, 1, u64::from(run), &numbers.iter().map(|row| row.0).collect::<Vec<_>>());
    page.meta.captured_at = Utc.with_ymd_and_hms(2026, 11, day, 12, 0, 0).unwrap();
    for (row, (_, score, votes, members)) in titles(&mut page).iter_mut().zip(numbers) {
        (row.anime.score, row.anime.scored_by, row.anime.members) = (Some(*score), Some(*votes), *members);
    }
    page
}

/// Title, members, members gained, place by score, place by members gained.
async fn week(pool: &PgPool, week: &str) -> Value {
    sqlx::query_scalar(
        "select coalesce(jsonb_agg(jsonb_build_array(mal_id, members, members_gained, score_place, members_place)
             order by mal_id), '[]') from title_week where week = $1::text::date",
    )
    .bind(week)
    .fetch_one(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn each_week_places_titles_by_score_and_by_members_gained() {
    let (store, pool, _database) = tables().await;
    // Monday 2 to Sunday 8, and the week after it. Title 3 has few votes; 1 and 2 share a score in the second week.
    commit(&store, &[seen(1, 2, &[(1, 8.0, 5_000, 100), (2, 7.0, 5_000, 900), (3, 9.9, 999, 10)])]).await;
    commit(&store, &[seen(2, 8, &[(1, 8.1, 5_100, 150), (2, 7.5, 5_100, 950), (3, 9.8, 999, 15)])]).await;
    commit(&store, &[seen(3, 9, &[(1, 7.5, 5_200, 300), (2, 7.5, 5_200, 990), (4, 6.0, 1_000, 7)])]).await;
    assert_eq!(week(&pool, "2026-11-02").await, json!([]), "commits do not wait for it");
    assert_eq!(store.roll_up_weeks().await.unwrap(), 2);
    assert_eq!(
        week(&pool, "2026-11-02").await,
        json!([[1, 150, null, 1, null], [2, 950, null, 2, null], [3, 15, null, null, null]])
    );
    let second = json!([[1, 300, 150, 2, 1], [2, 990, 40, 1, 2], [4, 7, null, 3, null]]);
    assert_eq!(week(&pool, "2026-11-09").await, second);
    assert_eq!(store.roll_up_weeks().await.unwrap(), 0, "nothing has changed since");
}

#[tokio::test]
async fn an_old_day_that_comes_late_changes_its_week_and_what_the_next_one_gained() {
    let (store, pool, _database) = tables().await;
    commit(&store, &[seen(3, 9, &[(1, 7.5, 5_200, 300)])]).await;
    store.roll_up_weeks().await.unwrap();
    assert_eq!(week(&pool, "2026-11-09").await, json!([[1, 300, null, 1, null]]));
    commit(&store, &[seen(2, 8, &[(1, 8.1, 5_100, 120)])]).await;
    let waiting = "select count(*) from week_change where changed > rolled";
    assert_eq!(sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await.unwrap(), 2);
    assert_eq!(store.roll_up_weeks().await.unwrap(), 2);
    assert_eq!(week(&pool, "2026-11-09").await, json!([[1, 300, 180, 1, 1]]));
}

/// A title of which this is known, with a score.
fn aired(run: u8, day: u32, score: f64, from: Option<(&str, Precision)>) -> Page {
    let mut page = seen(run, day, &[(1, score, 5_000, 100)]);
    let anime = &mut titles(&mut page)[0].anime;
    anime.aired_from = from.map(|(day, _)| day.parse().unwrap());
    anime.aired_from_precision = from.map(|(_, precision)| precision);
    page
}

/// Premiere, weeks and scores of each first year.
async fn first_years(pool: &PgPool) -> Value {
    let sql = "select coalesce(jsonb_agg(jsonb_build_array(premiere, weeks, scores) order by mal_id), '[]') from title_first_year";
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn the_first_year_of_a_title_follows_its_weeks_and_its_premiere() {
    let (store, pool, database) = tables().await;
    let by = |day| Some((day, Precision::Day));
    commit(&store, &[aired(1, 10, 8.1, by("2026-10-30"))]).await;
    commit(&store, &[aired(2, 25, 8.3, by("2026-10-30"))]).await;
    store.roll_up_weeks().await.unwrap();
    assert_eq!(first_years(&pool).await, json!([["2026-10-30", [2, 4], [810, 830]]]));
    commit(&store, &[aired(3, 17, 8.2, by("2026-10-30"))]).await;
    store.roll_up_weeks().await.unwrap();
    assert_eq!(
        first_years(&pool).await,
        json!([["2026-10-30", [2, 3, 4], [810, 820, 830]]]),
        "a day came late"
    );
    commit(&store, &[aired(4, 26, 8.4, by("2026-11-18"))]).await;
    store.roll_up_weeks().await.unwrap();
    let later = json!([["2026-11-18", [0, 1], [820, 840]]]);
    assert_eq!(first_years(&pool).await, later, "the premiere is another day");
    rebuild(session(&addresses(database.url()).unwrap()).await.unwrap()).await.unwrap();
    assert_eq!(first_years(&pool).await, json!([]), "while the weeks are not there");
    store.roll_up_weeks().await.unwrap();
    assert_eq!(first_years(&pool).await, later);
    commit(&store, &[aired(5, 27, 8.4, Some(("2026-11-01", Precision::Month)))]).await;
    store.roll_up_weeks().await.unwrap();
    assert_eq!(first_years(&pool).await, json!([]), "nobody knows the day any more");
}

#[tokio::test]
async fn a_first_year_has_52_weeks() {
    let (store, pool, _database) = tables().await;
    // Monday 24 November 2025 is the week 52 weeks before that of the 23rd; a Sunday still counts to the week before.
    let by = |day| Some((day, Precision::Day));
    commit(&store, &[aired(1, 22, 8.1, by("2025-11-24")), aired(2, 23, 8.2, by("2025-11-24"))]).await;
    store.roll_up_weeks().await.unwrap();
    assert_eq!(first_years(&pool).await, json!([["2025-11-24", [51], [810]]]));
    commit(&store, &[aired(3, 24, 8.2, by("2026-11-23"))]).await;
    store.roll_up_weeks().await.unwrap();
    assert_eq!(first_years(&pool).await, json!([["2026-11-23", [0], [820]]]));
}

/// It would mark weeks as done that the rebuild has just taken away.
#[tokio::test]
async fn a_roll_up_waits_for_a_rebuild() {
    let (store, pool, database) = tables().await;
    commit(&store, &[seen(3, 9, &[(1, 7.5, 5_200, 300)])]).await;
    // Whoever holds the version keeps the rebuild from its end.
    let mut holder = session(&addresses(database.url()).unwrap()).await.unwrap();
    let mut held = holder.begin().await.unwrap();
    sqlx::query("select from data_version for update").execute(&mut *held).await.unwrap();
    let waiting = async |kind: &'static str| {
        let sql = "select count(*) from pg_locks l join pg_stat_activity a using (pid)
            where not l.granted and l.locktype = $1 and a.datname = current_database()";
        let seen =
            || async { sqlx::query_scalar::<_, i64>(sql).bind(kind).fetch_one(&pool).await.unwrap() == 1 };
        until(kind, Duration::from_secs(20), seen).await.unwrap();
    };
    let rebuilding = tokio::spawn(rebuild(session(&addresses(database.url()).unwrap()).await.unwrap()));
    waiting("transactionid").await;
    let rolling = tokio::spawn(async move { store.roll_up_weeks().await });
    waiting("advisory").await;
    held.rollback().await.unwrap();
    rebuilding.await.unwrap().unwrap();
    rolling.await.unwrap().unwrap();
    let left = "select count(*) from week_change where changed > rolled";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&pool).await.unwrap(), 0);
    assert_eq!(week(&pool, "2026-11-09").await, json!([[1, 300, null, 1, null]]));
}
