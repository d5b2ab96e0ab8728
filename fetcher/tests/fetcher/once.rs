//! Captures from an upstream.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, http::StatusCode, routing::get};
use kansoku_fetcher::{
    capture::{Capturer, RunOutcome},
    metrics::Metrics,
    upstream::{Client, ClientSettings, Common, LimitSettings, Store, Upstream},
};
use kansoku_runs::RunMeta;
use kansoku_schemas::{Catalogue, Dataset, Reason, RunEventKind};
use kansoku_service::{Clock, ManualClock, Stop, SystemClock};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::world::{NOW, World, end, inside, upstream};

#[tokio::test(flavor = "multi_thread")]
async fn once_brings_all_pages_of_each_dataset_and_says_so() {
    let (world, upstream) = (World::start().await, upstream().await);
    let sim = ["--base-url", &upstream, "--source", "jikan-sim", "--catalogue", "sample"];
    let said = end(world.fetcher(["once", "season.now", "genres"].iter().chain(&sim))).await;
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(0), "season.now: complete\ngenres: complete\n"),
        "{said:?}"
    );

    let (runs, pages) = (world.runs().await, world.pages().await);
    World::once_each(&pages, &runs);
    let [season] = &world.runs_of(Dataset::SeasonNow).await[..] else { panic!("{runs:?}") };
    assert!(season.is_complete() && season.pages_got.len() > 1, "{season:?}");
    assert_eq!((season.catalogue, season.source.as_str()), (Catalogue::Sample, "jikan-sim"));
    let mut rows = 0;
    for (number, stored) in
        world.all("RAW").await.iter().filter(|page| page.subject == "raw.season.now").enumerate()
    {
        let body: Value = serde_json::from_slice(&stored.body).unwrap();
        assert_eq!(body["pagination"]["current_page"], number + 1);
        assert_eq!(stored.headers.get("Kansoku-Page"), Some(&*(number + 1).to_string()));
        assert_eq!(stored.headers.get("Kansoku-Pages"), Some(&*season.pages_got.len().to_string()));
        assert_eq!(stored.headers.get("Kansoku-Run"), Some(&*season.run.to_string()));
        assert_eq!(stored.headers.get("ce-source"), Some("jikan-sim"));
        rows += body["data"].as_array().unwrap().len() as u64;
    }
    assert_eq!(season.rows, rows);

    // One page of many is all that was wanted.
    let said = end(world.fetcher(["once", "top.score", "--pages", "1"].iter().chain(&sim))).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let top = world.runs_of(Dataset::TopScore).await;
    assert_eq!((top[0].pages_planned, &top[0].pages_got[..]), (Some(1), &[1][..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_captures_has_the_fast_calendar_too() {
    let (world, url) = (World::start().await, upstream().await);
    let from: chrono::DateTime<chrono::Utc> = "2025-03-01T00:00:00Z".parse().unwrap();
    let config = format!(
        "[fast]\nfrom = \"2025-03-01T00:00:00Z\"\nstarted = \"{}\"\nday_ms = 86400000\n\
         [[upstream]]\nurl = \"{url}\"\nsource = \"jikan-sim\"\ncatalogue = \"sample\"\n",
        SystemClock.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
    );
    let config = world.file("fast.toml", config);
    let plan = end(world.fetcher(["--config", config.to_str().unwrap(), "plan"])).await;
    assert!(plan.out.contains("2025-03-01 ") && !plan.out.contains("2026-"), "{plan:?}");
    for command in [&["once", "genres"][..], &["backfill", "--season", "2025-winter..2025-winter"]] {
        let arguments = ["--config", config.to_str().unwrap()];
        let said = end(world.fetcher(arguments.iter().chain(command))).await;
        assert_eq!(said.code, Some(0), "{said:?}");
    }
    let runs = world.runs().await;
    assert_eq!(runs.len(), 2);
    for run in runs.values() {
        assert!(run.captured_at >= from && run.captured_at < from + chrono::TimeDelta::days(1), "{run:?}");
    }
}

fn capturer(ledger: kansoku_runs::Ledger, publisher: kansoku_runs::Publisher, url: String) -> Capturer {
    let upstream = Upstream::new(url, "jikan-sim", Catalogue::Sample);
    let metrics = Metrics::register(&kansoku_service::Metrics::default());
    let clock = Arc::new(SystemClock);
    let common = Common {
        clock: clock.clone(),
        real: clock.clone(),
        store: Store::local(),
        metrics: metrics.clone(),
        seed: 1,
        has_alternatives: false,
    };
    let settings = ClientSettings { interval_ms: Some(1), attempts: 1, ..ClientSettings::default() };
    let client = Client::new(&settings, &LimitSettings::default(), upstream, common).unwrap();
    let (heartbeat, leases) = (Duration::from_millis(50), Mutex::default());
    Capturer {
        client,
        ledger,
        publisher,
        metrics,
        clock,
        heartbeat,
        resumes: false,
        report: Arc::new(|_, _, _| ()),
        leases,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_is_captured_once() {
    let (world, url) = (World::start().await, upstream().await);
    let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
    let (ledger, publisher) = inside(&world, clock.clone(), Duration::from_secs(20)).await;
    let capturer = capturer(ledger, publisher, url);
    let slot = clock.now();
    let meta = |dataset| RunMeta {
        run: capturer.run_of(dataset, slot),
        dataset,
        source: "jikan-sim".to_owned(),
        catalogue: Catalogue::Sample,
        captured_at: clock.now(),
    };
    let stop = Stop::new();
    let capture = async || capturer.capture(meta(Dataset::SeasonUpcoming), 20, &stop).await.unwrap();
    assert_eq!(capture().await, RunOutcome::Complete);
    let ends = world.ends().await;
    clock.advance(Duration::from_secs(3600));
    assert_eq!(capture().await, RunOutcome::AlreadyComplete);
    assert_eq!(world.ends().await, ends);
    assert_eq!(world.runs_of(Dataset::SeasonUpcoming).await[0].captured_at, slot);

    // Stopped before its first page, taken up again as of then: no page has the instant that it began with.
    let stopped = Stop::new();
    stopped.stop();
    assert_eq!(capturer.capture(meta(Dataset::Genres), 1, &stopped).await.unwrap(), RunOutcome::Stopped);
    clock.advance(Duration::from_secs(60));
    let begun = clock.now();
    assert_eq!(capturer.capture(meta(Dataset::Genres), 1, &stop).await.unwrap(), RunOutcome::Complete);
    let genres = &world.runs_of(Dataset::Genres).await[0];
    assert_eq!((genres.captured_at, genres.n, genres.event), (begun, 3, RunEventKind::Finished));
}

/// Page 2 is an error with HTTP status 200, page 3 no JSON.
async fn broken() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let page = async |axum::extract::RawQuery(query): axum::extract::RawQuery| match query.unwrap_or_default()
    {
        query if query.ends_with("page=2") => (
            StatusCode::OK,
            "{\"status\":500,\"type\":\"UpstreamException\",\"message\":\"down\"}".to_owned(),
        ),
        query if query.ends_with("page=3") => (StatusCode::BAD_GATEWAY, "<html>".to_owned()),
        query => {
            let more = !query.ends_with("page=4");
            (
                StatusCode::OK,
                format!(
                    "{{\"pagination\":{{\"last_visible_page\":4,\"has_next_page\":{more}}},\"data\":[{{}}]}}"
                ),
            )
        }
    };
    tokio::spawn(axum::serve(listener, Router::new().route("/v4/top/anime", get(page))).into_future());
    format!("http://{address}/v4")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_come_is_given_up_and_told() {
    let (world, url) = (World::start().await, broken().await);
    let mut command = world.fetcher(["once", "top.score", "--base-url", &url, "--source", "x"]);
    command.env("FETCHER_CLIENT__ATTEMPTS", "1");
    let said = end(command).await;
    said.fails(
        1,
        &["pages are missing of top.score", "page 2 of top.score is given up: upstream_error", "page 3"],
    );
    let run = &world.runs_of(Dataset::TopScore).await[0];
    assert_eq!(
        (run.event, run.pages_planned, &run.pages_got[..]),
        (RunEventKind::Finished, Some(4), &[1, 4][..])
    );
    let failed: Vec<_> = run.pages_failed.iter().map(|failed| (failed.page, failed.reason)).collect();
    assert_eq!(failed, [(2, Reason::UpstreamError), (3, Reason::NotJson)]);
    let dead = world.all("DLQ").await;
    assert_eq!(
        dead.iter().map(|letter| &*letter.subject).collect::<Vec<_>>(),
        ["dlq.fetch.upstream_error.top.score", "dlq.fetch.not_json.top.score"]
    );
    assert_eq!(&dead[1].body[..], b"<html>");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_is_not_there_or_another_is_named() {
    let (world, url) = (World::start().await, upstream().await);
    let port = kansoku_stack::port::free().unwrap();
    let nowhere = format!("http://127.0.0.1:{port}/v4");
    let mut command = world.fetcher(["once", "genres", "--base-url", &nowhere]);
    command.env("FETCHER_CLIENT__ATTEMPTS", "1");
    end(command)
        .await
        .fails(1, &[&format!("127.0.0.1:{port}"), "Connection refused", "pages are missing of genres"]);
    let failed = &world.runs_of(Dataset::Genres).await[0];
    assert_eq!(failed.event, RunEventKind::Failed);

    // A wait is told of before it begins.
    let mut command = world.fetcher(["once", "genres", "--base-url", &nowhere]);
    for (key, value) in [("ATTEMPTS", "2"), ("BREAKER_FAILURES", "1"), ("BREAKER_SECONDS", "3")] {
        command.env(format!("FETCHER_CLIENT__{key}"), value);
    }
    end(command).await.fails(1, &["waiting until 20", &format!("{nowhere} is left alone (")]);

    let said = end(world.fetcher(["once", "genres", "--base-url", &url, "--source", "tenrai"])).await;
    said.fails(1, &["is jikan-sim", "calls it tenrai", "set upstream.source"]);
    assert_eq!(world.messages("RAW").await, 0, "nothing of another source is kept under this name");
}
