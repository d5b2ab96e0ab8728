//! What the rows of a history leave in the tables, and what they leave alone.

use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::common::{commit, dump, history, page, tables, wipe};

async fn all(pool: &PgPool, query: &'static str) -> Value {
    let query = format!("select coalesce(jsonb_agg(to_jsonb(t)), '[]') from ({query}) t");
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_history_gives_observations_and_no_ranking_and_not_known_stays_not_known() {
    let (store, pool, _database) = tables().await;
    commit(&store, &[history(0, 1, 1, &[(7, None, Some(5)), (8, Some("八"), None)])]).await;
    let observed = "select mal_id, score, members, favorites from observation order by mal_id";
    let expected = json!([
        {"mal_id": 7, "score": 7.0, "members": 5, "favorites": null},
        {"mal_id": 8, "score": 7.0, "members": null, "favorites": null},
    ]);
    assert_eq!(all(&pool, observed).await, expected);
    let daily = "select mal_id, score, members, favorites from title_daily order by mal_id";
    assert_eq!(all(&pool, daily).await, expected);
    assert_eq!(all(&pool, "select from ranking_position").await, json!([]));
    let counts = "select received, stored, duplicate, dead, balanced from balance";
    assert_eq!(
        all(&pool, counts).await,
        json!([{"received": 2, "stored": 2, "duplicate": 0, "dead": 0, "balanced": true}])
    );
    let names = "select mal_id, title, airing, url, year, name_only from anime";
    assert_eq!(
        all(&pool, names).await,
        json!([{"mal_id": 8, "title": "八", "airing": null, "url": null, "year": null, "name_only": true}])
    );
}

#[tokio::test]
async fn the_facts_of_a_capture_stand_whatever_a_later_history_says() {
    let (store, pool, _database) = tables().await;
    let capture = page(0, 1, 1, &[7]);
    let mut later = history(1, 1, 2, &[(7, Some("another name"), Some(5)), (8, Some("old"), None)]);
    later.meta.captured_at += TimeDelta::days(1);
    let mut latest = history(2, 1, 3, &[(7, Some("a third"), None), (8, Some("new"), None)]);
    latest.meta.captured_at += TimeDelta::days(2);
    let mut dumps = Vec::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        wipe(&pool).await;
        for place in order {
            commit(&store, &[[&capture, &later, &latest][place].clone()]).await;
        }
        dumps.push(dump(&pool).await);
    }
    assert!(dumps.iter().all(|dump| *dump == dumps[0]), "{dumps:#?}");
    let titles = "select mal_id, title, airing, name_only, (select count(*) from anime_tag g
        where g.anime_id = a.mal_id) > 0 as linked from anime a order by mal_id";
    assert_eq!(
        all(&pool, titles).await,
        json!([
            {"mal_id": 7, "title": "題 7 1", "airing": false, "name_only": false, "linked": true},
            {"mal_id": 8, "title": "new", "airing": null, "name_only": true, "linked": false},
        ])
    );
}

#[tokio::test]
async fn of_two_rows_of_a_title_at_one_instant_the_first_counts() {
    let (store, pool, _database) = tables().await;
    commit(&store, &[history(0, 2, 1, &[(7, None, Some(3))])]).await;
    commit(&store, &[history(0, 1, 2, &[(7, None, Some(1)), (7, None, Some(2))])]).await;
    assert_eq!(all(&pool, "select members from observation").await, json!([{"members": 1}]));
    let counts = "select received, stored, duplicate, balanced from balance";
    assert_eq!(
        all(&pool, counts).await,
        json!([{"received": 3, "stored": 1, "duplicate": 2, "balanced": true}])
    );
}
