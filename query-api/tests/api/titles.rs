//! Titles: their facts, their lines, their names, and the pages they come from.

use crate::support::{Got, Instance, NO_REDIS};
use axum::http::StatusCode;
use kansoku_stack::postgres::Database;
use serde_json::{Value, json};

/// Every question whose whole answer is kept as a snapshot.
const QUESTIONS: [(&str, &str); 13] = [
    ("title", "titles/101"),
    ("title_as_of_a_part_of_a_day", "titles/101?as_of=2026-11-14T05:00:00Z"),
    ("title_of_a_source", "titles/101?source=mirror"),
    ("title_known_by_name", "titles/106"),
    ("title_days", "analytics/titles/101/days"),
    ("title_days_of_a_source", "analytics/titles/105/days?source=mirror"),
    ("title_days_to_a_part_of_a_day", "analytics/titles/101/days?as_of=2026-11-13T04:30:00Z"),
    ("title_weeks", "analytics/titles/101/weeks"),
    ("title_weeks_of_a_source", "analytics/titles/101/weeks?source=station"),
    ("title_similar", "analytics/titles/101/similar"),
    ("titles", "titles?q=moon"),
    ("journey", "journey/1000/5?mal_id=101"),
    ("journey_without_a_row", "journey/1000/6?mal_id=102"),
];

async fn service() -> (Database, Instance) {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    crate::support::execute(&database, include_str!("titles.sql")).await;
    let trace_url = "https://traces.example.test/trace/{trace_id}";
    let service =
        Instance::start(database.url(), NO_REDIS, |settings| settings.trace_url = Some(trace_url.into()));
    service.ready().await;
    (database, service)
}

async fn ask(service: &Instance, path: &str) -> Got {
    let and = if path.contains('?') { '&' } else { '?' };
    let catalogue =
        if path.starts_with("journey") { String::new() } else { format!("{and}catalogue=sample") };
    service.get(&format!("/api/v1/{path}{catalogue}")).await
}

async fn data(service: &Instance, path: &str) -> Value {
    let got = ask(service, path).await;
    assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.text());
    got.json()["data"].clone()
}

async fn found(service: &Instance, asked: &str) -> Vec<i64> {
    let asked: String = url::form_urlencoded::byte_serialize(asked.as_bytes()).collect();
    let titles = data(service, &format!("titles?q={asked}")).await;
    titles["titles"].as_array().expect("titles").iter().filter_map(|title| title["mal_id"].as_i64()).collect()
}

#[tokio::test]
async fn bodies_are_as_kept() {
    let (_database, service) = service().await;
    for (name, path) in QUESTIONS {
        let got = ask(&service, path).await;
        assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.text());
        insta::assert_json_snapshot!(name, got.json());
    }
    for part in ["days", "weeks"] {
        let got = ask(&service, &format!("analytics/titles/101/{part}?format=csv")).await;
        let file = format!("attachment; filename=\"kansoku-title-{part}-101.csv\"");
        assert_eq!(got.header("content-disposition"), file);
        insta::assert_snapshot!(format!("title_{part}.csv"), got.text());
    }
}

#[tokio::test]
async fn an_unknown_title_is_named_and_a_number_that_none_has_is_refused() {
    let (_database, service) = service().await;
    for path in [
        "titles/{id}",
        "analytics/titles/{id}/days",
        "analytics/titles/{id}/weeks",
        "analytics/titles/{id}/similar",
    ] {
        let got = ask(&service, &path.replace("{id}", "999")).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
        let detail = got.json()["detail"].as_str().expect("a detail").to_owned();
        assert!(detail.starts_with("the catalogue sample has no title 999;"), "{detail}");
        for wrong in ["0", "-1", "1099511627776", "1.5", "frieren", "%2B7", "1%00", "1e3"] {
            let got = ask(&service, &path.replace("{id}", wrong)).await;
            assert_eq!(got.status, StatusCode::BAD_REQUEST, "{path} {wrong}: {}", got.text());
            assert_eq!(got.json()["parameter"], "mal_id", "{path} {wrong}");
        }
        let got = ask(&service, &path.replace("{id}", "%ff")).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn where_nothing_was_observed_the_answer_is_empty() {
    let (_database, service) = service().await;
    for asked in [
        "106",
        "107",
        "101?as_of=2026-11-09",
        "101?as_of=2001-01-01T00:00:00Z",
        "102?source=mirror",
        "106?as_of=2999-01-01",
    ] {
        let (id, query) =
            asked.split_once('?').map_or((asked, String::new()), |(id, query)| (id, format!("?{query}")));
        let title = data(&service, &format!("titles/{asked}")).await;
        assert_eq!((&title["latest"], &title["week_before"]), (&Value::Null, &Value::Null), "{asked}");
        let days = data(&service, &format!("analytics/titles/{id}/days{query}")).await;
        assert_eq!(days["days"], json!([]), "{asked}");
        if !query.contains("as_of=2026-11-09") {
            let weeks = data(&service, &format!("analytics/titles/{id}/weeks{query}")).await;
            assert_eq!(weeks["weeks"], json!([]), "{asked}");
        }
    }
    let ahead = data(&service, "analytics/titles/101/days?as_of=2999-01-01").await;
    assert_eq!(ahead, data(&service, "analytics/titles/101/days").await);
}

/// A capture of a title six weeks before the others.
const OLDER: &str = "
    insert into run (run, catalogue, source_id, dataset, captured_at, state)
    select '00000000-0000-5000-8000-0000000000aa', catalogue, source_id, dataset, '2026-10-01 04:00Z', 'complete' from run
    where run_id = 1;
    insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received,
        accepted, dead, load_dead, committed, drift, warnings, stored_at, judged_at, committed_at)
    select 1000, 90, run_id, 1, catalogue, source_id, dataset, captured_at, '', '', 25, 1, 1, 0, 0, '{0}', '{}', '[]', captured_at,
        captured_at, captured_at
    from run where captured_at = '2026-10-01 04:00Z';
    insert into title_daily (catalogue, mal_id, day, source_id, captured_at, run_id, epoch, seq)
    select catalogue, 102, '2026-10-01', source_id, captured_at, run_id, 1000, 90 from page where seq = 90;";

#[tokio::test]
async fn a_range_of_days_ends_with_the_newest_capture() {
    let (database, service) = service().await;
    let days =
        |body: &Value| body["days"].as_array().expect("days").iter().map(|day| day["day"].clone()).collect();
    let all: Vec<Value> = days(&data(&service, "analytics/titles/102/days").await);
    assert_eq!((all.len(), &all[0], &all[4]), (5, &json!("2026-11-10"), &json!("2026-11-14")));
    let more: Vec<Value> = days(&data(&service, "analytics/titles/102/days?days=7").await);
    assert_eq!(more, all, "no day before the first observed");
    crate::support::execute(&database, OLDER).await;
    let older: Vec<Value> = days(&data(&service, "analytics/titles/102/days?days=8&as_of=2026-11-14").await);
    assert_eq!(
        (older.len(), &older[0]),
        (8, &json!("2026-11-07")),
        "the days before the first asked for are left out"
    );
}

#[tokio::test]
async fn a_week_of_which_more_was_captured_later_is_left_out() {
    let (database, service) = service().await;
    let last = async |query: &str| {
        let body = data(&service, &format!("analytics/titles/101/weeks{query}")).await;
        body["weeks"].as_array().expect("weeks").last().map(|week| week["week"].clone())
    };
    assert_eq!(last("").await, Some(json!("2026-11-09")));
    assert_eq!(last("?as_of=2026-11-14").await, Some(json!("2026-11-09")));
    assert_eq!(last("?as_of=2026-11-13").await, Some(json!("2026-11-02")));
    crate::support::execute(&database, "update week_change set changed = changed + 1").await;
    let body = data(&service, "analytics/titles/101/weeks?source=station").await;
    assert_eq!(body["score_list"]["place"], Value::Null);
}

#[tokio::test]
async fn nothing_moves_alike_where_too_little_is_known() {
    let (_database, service) = service().await;
    let similar = async |query: &str| data(&service, &format!("analytics/titles/{query}")).await;
    let known = similar("101/similar").await;
    let titles: Vec<_> =
        known["titles"].as_array().expect("titles").iter().map(|title| &title["mal_id"]).collect();
    assert_eq!(titles, [108], "one moved the other way, one has another type");
    let early = similar("101/similar?as_of=2026-11-01").await;
    assert_eq!((&early["since"], &early["titles"]), (&json!("premiere"), &json!([])));
    assert_eq!(similar("101/similar?source=station").await["titles"], json!([]));
    let unknown = similar("102/similar").await;
    assert_eq!((&unknown["since"], &unknown["titles"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn titles_are_found_by_any_name_with_errors() {
    let (_database, service) = service().await;
    for (asked, best) in [
        ("Tsuki no Tomoshibi", 101),
        ("lamps", 101),
        ("月", 101),
        ("灯", 101),
        ("の灯", 101),
        ("の灯火", 101),
        ("tuski no tomoshbi", 101),
        ("tsuki tomoshibi", 101),
        ("hoshi yubin", 105),
        ("の郵便", 105),
        ("todai", 103),
        ("ŌŌŌ", 103),
        ("🌙 moon", 103),
        ("=kagi", 102),
        ("Ｓｔａｒ Ｍａｉｌ", 105),
        ("<img src", 101),
        ("wasurerareta", 106),
        ("mada minu", 107),
    ] {
        assert_eq!(found(&service, asked).await.first(), Some(&best), "{asked}");
    }
    assert_eq!(found(&service, "yoru no heya").await.first(), None, "an adult title");
    for nothing in ["%", "_", "\\", "%%%", "zzzzzz", "\u{301}"] {
        assert_eq!(found(&service, nothing).await, Vec::<i64>::new(), "{nothing}");
    }
    let adult = data(&service, "titles?q=yoru&adult=show").await;
    assert_eq!(adult["titles"][0]["mal_id"], 104);
    assert_eq!(data(&service, "titles?q=no&limit=1").await["titles"].as_array().map(Vec::len), Some(0));
    assert_eq!(data(&service, "titles?q=moon&limit=1").await["titles"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_name_that_is_only_like_the_text_is_a_guess_and_comes_last() {
    let (_database, service) = service().await;
    let found = async |asked: &str| -> Vec<(i64, bool)> {
        let titles = data(&service, &format!("titles?q={asked}")).await["titles"].clone();
        let titles = titles.as_array().expect("titles").iter();
        titles.map(|one| (one["mal_id"].as_i64().expect("an id"), one["guess"] == true)).collect()
    };
    assert_eq!(found("tuski%20no%20tomoshbi").await.first(), Some(&(101, true)));
    let told = found("tsuki%20no%20tomoshibi").await;
    assert_eq!((told.first(), told.len()), (Some(&(101, false)), 1), "nothing far is guessed at beside it");
    let both = found("moon").await;
    assert!(both.is_sorted_by_key(|(_, is_guess)| *is_guess) && !both[0].1, "{both:?}");
}

#[tokio::test]
async fn a_search_for_nothing_or_too_much_is_refused() {
    let (_database, service) = service().await;
    for (path, words) in [
        ("titles", "q: says nothing; give a part of a name"),
        ("titles?q=%20%20", "q: says nothing"),
        ("titles?q=", "q: is empty"),
        ("titles?q=a%00b", "q: is longer than 200 characters or holds control characters"),
        ("titles?q=moon&source=station", "source: is not a parameter of this resource"),
    ] {
        let got = ask(&service, path).await;
        assert_eq!(got.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(
            got.json()["detail"].as_str().is_some_and(|detail| detail.starts_with(words)),
            "{}",
            got.text()
        );
    }
    let long = ask(&service, &format!("titles?q={}", "a".repeat(10_000))).await;
    assert_eq!(long.status, StatusCode::BAD_REQUEST);
    assert!(long.body.len() < 500, "the refusal is short");
}

#[tokio::test]
async fn hostile_names_pass_through_untouched() {
    let (_database, service) = service().await;
    let title = data(&service, "titles/103").await;
    assert_eq!(title["synonyms"], json!(["Ō".repeat(500), "\u{202e}evil", "🌙 Moon", "Tōdai no Hikari"]));
    assert_eq!(data(&service, "titles/102").await["title"], "=Kagi no Oto");
    let found = data(&service, "titles?q=onerror").await;
    assert_eq!(found["titles"][0]["matched"], "<img src=x onerror=alert(1)>");
}

#[tokio::test]
async fn a_page_that_is_not_stored_says_what_that_may_mean() {
    let (_database, service) = service().await;
    for path in ["journey/1000/99", "journey/7/1", "journey/9007199254740991/9007199254740991"] {
        let got = ask(&service, path).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
        assert!(got.text().contains("it may not have been judged yet"), "{}", got.text());
    }
    for (path, parameter) in [
        ("journey/x/1", "epoch"),
        ("journey/-1/1", "epoch"),
        ("journey/1000/0", "seq"),
        ("journey/1000/9007199254740992", "seq"),
        ("journey/1000/5?mal_id=0", "mal_id"),
    ] {
        let got = ask(&service, path).await;
        assert_eq!(got.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(got.json()["parameter"], parameter, "{path}");
    }
}
