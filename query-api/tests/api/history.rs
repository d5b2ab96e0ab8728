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
    select rebuild_titles('sample');";

async fn data(service: &Instance, path: &str) -> Value {
    let got = service.get(path).await;
    assert_eq!(got.status, axum::http::StatusCode::OK, "{path}: {}", got.text());
    got.json()["data"].clone()
}

#[tokio::test]
async fn what_is_not_known_breaks_no_answer_and_a_name_alone_counts_in_no_season() {
    let database = Database::migrated().await.expect("a database");
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

    let nameless = data(&service, "/api/v1/titles/902?catalogue=sample").await;
    assert_eq!((&nameless["title"], &nameless["name_only"]), (&json!("Title 902"), &json!(true)));
    assert_eq!(nameless["latest"]["score"], 8.2);
    let days = data(&service, "/api/v1/analytics/titles/902/days?catalogue=sample").await;
    assert_eq!(days["days"][0]["day"], "2026-11-13");
}

/// A history of two titles from before the first capture, and rows that know less than the captures beside them: of a day that
/// was captured too, and of the day after.
pub(crate) const LESS: &str = "
    insert into source (catalogue, name, first_seen_at) values ('sample', 'csv:notes', '2026-11-08 20:00Z');
    insert into run (run, catalogue, source_id, dataset, captured_at, state)
    select n.run::uuid, 'sample', source_id, 'history', n.at::timestamptz, 'complete' from source, (values
        ('00000000-0000-5000-8000-0000000000aa', '2026-11-08 20:00Z'), ('00000000-0000-5000-8000-0000000000ab', '2026-11-11 20:00Z'),
        ('00000000-0000-5000-8000-0000000000ac', '2026-11-15 01:00Z')) as n(run, at)
    where name = 'csv:notes';
    insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received,
        accepted, dead, load_dead, stored, duplicate, committed, drift, warnings, stored_at, judged_at, committed_at)
    select 1000, 80 + run_id, run_id, 1, 'sample', source_id, 'history', captured_at, 'history-page.v1', 'test', 250, 2, 2, 0, 0, 2,
        0, '{0,1}', '{}', '[]', captured_at, captured_at, captured_at from run where dataset = 'history';
    insert into observation (catalogue, mal_id, captured_at, run_id, source_id, score, members, epoch, seq, position, judged_at)
    select 'sample', n.mal_id, r.captured_at, r.run_id, r.source_id, n.score, n.members, 1000, 80 + r.run_id, 0, r.captured_at
    from run r join (values ('2026-11-08 20:00Z', 102, 8.20, null), ('2026-11-11 20:00Z', 102, null, 41300),
        ('2026-11-15 01:00Z', 102, null, 42500), ('2026-11-15 01:00Z', 101, 8.66, null)) as n(at, mal_id, score, members)
        on n.at::timestamptz = r.captured_at
    where r.dataset = 'history';
    select rebuild_titles('sample');";

#[tokio::test]
async fn a_title_has_one_line_over_all_sources_and_what_a_history_does_not_know_hides_nothing() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    crate::support::execute(&database, LESS).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let top = "/api/v1/analytics/top-anime?catalogue=sample&limit=1&days=7";
    let got = service.get(top).await.json();
    assert_eq!(got["meta"]["sources"], json!(["csv:notes", "mirror", "station"]));
    let leader = &got["data"]["titles"][0];
    assert_eq!((&leader["mal_id"], &leader["origin"]["source"]), (&json!(102), &json!("station")));
    let scores: Vec<_> =
        leader["spark"].as_array().expect("days").iter().map(|day| day["score"].clone()).collect();
    assert_eq!(json!(scores), json!([8.2, null, 8.4, 8.45, null, 8.44, 8.7]));
    assert_eq!(observed(leader), json!([true, false, true, true, false, true, true]));
    let alone = service.get(&format!("{top}&source=station")).await.json();
    assert_eq!(alone["data"]["titles"][0]["spark"][0]["score"], Value::Null);

    let shares = async |of: &str| {
        let path = format!("/api/v1/analytics/genre-distribution?catalogue=sample&kind=studio{of}");
        let data = data(&service, &path).await;
        let one =
            |share: &Value| json!([share["name"], share["scored"], share["mean_score"], share["members"]]);
        Value::from_iter(data["genres"].as_array().expect("studios").iter().map(one))
    };
    // The title 102 has its captured score and the members of the history, 101 the other way round.
    let both = json!([["-Kumo-", 2, 8.68, 74_600], ["Atelier Nagi", 1, 8.66, 32_100]]);
    assert_eq!(shares("").await, both);
    assert_eq!(shares("&as_of=2026-11-15T02:00:00Z").await, both);
    assert_eq!(shares("&as_of=2026-11-19").await, both);
    let captured = json!([["-Kumo-", 2, 8.67, 74_100], ["Atelier Nagi", 1, 8.64, 32_100]]);
    assert_eq!(shares("&as_of=2026-11-14").await, captured);
    let history = json!([["-Kumo-", 2, 8.43, 42_500], ["Atelier Nagi", 1, 8.66, 0]]);
    assert_eq!(shares("&source=csv:notes").await, history);
    let seasons = "/api/v1/analytics/seasonal-trend?catalogue=sample";
    let members = data(&service, seasons).await;
    let sum: i64 =
        members.as_array().expect("seasons").iter().filter_map(|one| one["members"].as_i64()).sum();
    assert_eq!(sum, 42_500 + 32_100 + 5_700);
}

#[tokio::test]
async fn what_a_capture_denies_stays_denied_whatever_a_silent_history_follows_with() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    crate::support::execute(&database, include_str!("silence.sql")).await;
    let service = Instance::over(&database, NO_REDIS).await;
    for as_of in ["", "&as_of=2026-11-14T05:45:00Z", "&as_of=2026-11-14"] {
        let score = async |title: u32| {
            let path = format!("/api/v1/titles/{title}?catalogue=sample{as_of}");
            let latest = data(&service, &path).await["latest"].clone();
            json!([latest["score"], latest["members"]])
        };
        assert_eq!((score(106).await, score(107).await), (json!([9.0, 120]), json!([null, 120])), "{as_of}");
        let themes = format!("/api/v1/analytics/genre-distribution?catalogue=sample&kind=theme{as_of}");
        let themes = data(&service, &themes).await;
        let mut found = themes["genres"].as_array().expect("themes").iter();
        let silence = found.find(|theme| theme["name"] == "Silence").expect("the theme");
        let known = json!([silence["titles"], silence["scored"], silence["mean_score"], silence["members"]]);
        assert_eq!(known, json!([2, 1, 9.0, 240]), "{as_of}");
    }
    let weeks = data(&service, "/api/v1/analytics/titles/107/weeks?catalogue=sample").await;
    assert_eq!(
        weeks["weeks"].as_array().and_then(|weeks| weeks.last()).expect("a week")["score"],
        Value::Null
    );
    let days = data(&service, "/api/v1/analytics/titles/106/days?catalogue=sample").await;
    let last = days["days"].as_array().and_then(|days| days.last()).expect("a day").clone();
    assert_eq!(json!([last["score"], last["members"], last["source"]]), json!([9.0, 120, "station"]));
    let sources = data(&service, "/api/v1/sources").await;
    let genres = sources.as_array().expect("sources").iter().find(|source| source["source"] == "genres only");
    assert_eq!(genres.expect("the source")["observations"], 0);
}

/// Of each day of a title's line, whether it was observed.
fn observed(title: &Value) -> Value {
    Value::from_iter(title["spark"].as_array().expect("days").iter().map(|day| day["observed"].clone()))
}

/// The leading title loses its score for a day.
const UNSCORED: &str =
    "update title_daily set score = null where catalogue = 'sample' and mal_id = 102 and day = '2026-11-11'";

#[tokio::test]
async fn a_title_without_a_score_was_observed() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    crate::support::execute(&database, UNSCORED).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let top = data(&service, "/api/v1/analytics/top-anime?catalogue=sample&limit=1&days=7").await;
    let leader = &top["titles"][0];
    let scores =
        Value::from_iter(leader["spark"].as_array().expect("days").iter().map(|day| day["score"].clone()));
    assert_eq!(scores, json!([null, null, 8.4, null, null, 8.44, 8.7]));
    assert_eq!(observed(leader), json!([false, false, true, true, false, true, true]));
}

#[tokio::test]
async fn a_line_may_go_back_for_years_where_few_titles_are_asked_for() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let top = "/api/v1/analytics/top-anime?catalogue=sample";
    for (asked, days) in
        [("limit=10&days=1200", 1_200), ("limit=100&days=120", 120), ("limit=1&days=3660", 3_660)]
    {
        let data = data(&service, &format!("{top}&{asked}")).await;
        assert_eq!(data["titles"][0]["spark"].as_array().map(Vec::len), Some(days), "{asked}");
    }
    for (asked, words) in [
        ("limit=11&days=1200", "days: 1200 for each of 11 titles are too many; 1090 are the most"),
        ("days=3661", "days: \"3661\" is not a whole number from 1 to 3660"),
    ] {
        let got = service.get(&format!("{top}&{asked}")).await;
        assert!(
            got.status.is_client_error() && got.text().contains(&words.replace('"', "\\\"")),
            "{}",
            got.text()
        );
    }
}
