//! Captures that came whole and are odd all the same.

use std::future::IntoFuture;

use axum::{Router, routing::get};
use kansoku_schemas::Dataset;
use tokio::net::TcpListener;

use crate::world::{World, end};

/// Twelve genres where there should be dozens, and an upcoming list without a title, all with HTTP status 200.
async fn shrunk() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let genres: Vec<_> = (1..=12)
        .map(|id| serde_json::json!({"mal_id": id, "name": format!("G{id}"), "url": "u", "count": id}))
        .collect();
    let genres = serde_json::json!({"data": genres}).to_string();
    let empty = r#"{"pagination":{"last_visible_page":1,"has_next_page":false},"data":[]}"#;
    let router = Router::new()
        .route("/v4/genres/anime", get(move || std::future::ready(genres.clone())))
        .route("/v4/seasons/upcoming", get(move || std::future::ready(empty)));
    tokio::spawn(axum::serve(listener, router).into_future());
    format!("http://{address}/v4")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_odd_about_a_capture_is_told_and_shown() {
    let (world, url) = (World::start().await, shrunk().await);
    let nothing = end(world.fetcher(["runs"])).await;
    assert!(nothing.out.contains("No run yet"), "{nothing:?}");
    for _ in 0..2 {
        let said = end(world.fetcher(["once", "genres", "season.upcoming", "--base-url", &url])).await;
        assert_eq!(said.code, Some(0), "odd is not incomplete: {said:?}");
    }
    let mut genres = world.runs_of(Dataset::Genres).await;
    genres.sort_by_key(|run| run.captured_at);
    let oddities: Vec<_> = genres.iter().map(|run| run.warnings.clone()).collect();
    let few = "few genres: 12, where 40 are the least".to_owned();
    let same = format!("same bytes: every page is the one captured at {}", genres[0].captured_at);
    assert_eq!(oddities, [vec![few.clone()], vec![few, same]]);
    assert!(world.runs_of(Dataset::SeasonUpcoming).await[0].warnings[0].starts_with("empty list"));

    let shown = end(world.fetcher(["runs", "--dataset", "genres", "--limit", "1"])).await;
    let lines: Vec<&str> = shown.out.lines().collect();
    assert_eq!(lines.len(), 4, "{shown:?}");
    assert!(lines[1].contains("genres") && lines[1].contains("complete") && lines[1].contains("1 of 1"));
    assert!(lines[3].contains("same bytes"), "{shown:?}");
    let json = end(world.fetcher(["runs", "--json"])).await;
    assert_eq!(json.out.lines().count(), 4, "{json:?}");
}
