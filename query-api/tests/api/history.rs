//! Numbers that a person kept, beside those of captures: not all are known, and some titles are ids alone.

use crate::support::{Instance, NO_REDIS};
use kansoku_stack::postgres::Database;
use serde_json::{Value, json};

/// A score without members, a title that only the history named, and one that nobody named.
const HISTORY: &str = "
    insert into source (catalogue, name, first_seen_at) values ('sample', 'csv:notes', '2026-11-13 06:00Z');
    insert into run (run, catalogue, source_id, dataset, captured_at, state)
    select '00000000-0000-5000-8000-0000000000aa', 'sample', source_id, 'history', '2026-11-13 06:00Z', 'complete'
    from source where name = 'csv:notes';
    insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received,
        accepted, dead, load_dead, stored, duplicate, committed, drift, warnings, stored_at, judged_at, committed_at)
    select 1000, 90, run_id, 1, 'sample', source_id, 'history', captured_at, 'history-page.v1', 'test', 250, 3, 3, 0, 0, 3, 0,
        '{0,1,2}', '{}', '[]', captured_at, captured_at, captured_at from run where dataset = 'history';
    insert into anime (catalogue, mal_id, title, links, name_only, facts_at, epoch, seq, position, judged_at)
    values ('sample', 901, 'Only a Name', '', true, '2026-11-13 06:00Z', 1000, 90, 1, '2026-11-13 06:00Z');
    insert into observation (catalogue, mal_id, captured_at, run_id, source_id, score, epoch, seq, position, judged_at)
    select 'sample', n.mal_id, r.captured_at, r.run_id, r.source_id, 8.2, 1000, 90, n.position, r.captured_at
    from run r, (values (101, 0), (901, 1), (902, 2)) as n(mal_id, position) where r.dataset = 'history';
    insert into observation_daily (catalogue, mal_id, day, source_id, captured_at, run_id, score, epoch, seq)
    select catalogue, mal_id, '2026-11-13', source_id, captured_at, run_id, score, epoch, seq from observation where seq = 90;";

async fn data(service: &Instance, path: &str) -> Value {
    let got = service.get(path).await;
    assert_eq!(got.status, axum::http::StatusCode::OK, "{path}: {}", got.text());
    got.json()["data"].clone()
}

#[tokio::test]
async fn what_is_not_known_breaks_no_answer_and_a_name_alone_counts_in_no_season() {
    let database = Database::fresh().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let genres = "/api/v1/analytics/genre-distribution?catalogue=sample";
    let titles = data(&service, genres).await["titles"].clone();
    drop(service);

    crate::support::execute(&database, HISTORY).await;
    let service = Instance::over(&database, NO_REDIS).await;
    assert_eq!(data(&service, genres).await["titles"], titles);
    for as_of in ["", "&as_of=2026-11-13T07:00:00Z", "&as_of=2026-11-20"] {
        let alone = data(&service, &format!("{genres}&source=csv:notes{as_of}")).await;
        let known: Vec<_> =
            alone["genres"].as_array().expect("genres").iter().map(|genre| &genre["mean_score"]).collect();
        assert_eq!((&alone["titles"], known), (&json!(1), vec![&json!(8.2), &json!(8.2)]), "{as_of}");
        let seasons = data(
            &service,
            &format!("/api/v1/analytics/seasonal-trend?catalogue=sample&source=csv:notes{as_of}"),
        )
        .await;
        let season = &seasons[0];
        assert_eq!((&season["titles"], &season["members"]), (&json!(1), &Value::Null), "{seasons}");
    }
    let sources = data(&service, "/api/v1/sources").await;
    let notes = sources.as_array().expect("sources").iter().find(|source| source["source"] == "csv:notes");
    let notes = notes.expect("the history");
    assert_eq!((&notes["titles"], &notes["observations"]), (&json!(3), &json!(3)));
}
