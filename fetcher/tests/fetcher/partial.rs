//! Pages that fail: the run goes on without them, requests them once more in the end, and again while its slot lasts.

use std::{
    future::IntoFuture,
    sync::{Arc, Mutex},
};

use axum::{Router, extract::RawQuery, http::StatusCode};
use chrono::SecondsFormat;
use kansoku_schemas::{Dataset, RunEvent, RunEventKind};
use kansoku_service::{Clock, SystemClock};
use kansoku_stack::process::Service;
use tokio::net::TcpListener;

use crate::world::{Said, World, end, until};

/// The pages that were requested, in order.
pub(crate) type Requests = Arc<Mutex<Vec<u32>>>;

/// Whether a page is answered with an error: by its number, and how often it was requested before.
pub(crate) type Fails = fn(u32, usize) -> bool;

/// A list of three pages. `last_visible_page` is left out where `says_how_many` is not set.
pub(crate) async fn upstream(says_how_many: bool, fails: Fails) -> (String, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Requests::default();
    let record = Arc::clone(&requests);
    let answer = move |RawQuery(query): RawQuery| {
        let page: u32 = query.unwrap().rsplit_once("page=").unwrap().1.parse().unwrap();
        let before = {
            let mut record = record.lock().unwrap();
            record.push(page);
            record.iter().filter(|other| **other == page).count() - 1
        };
        let last = if says_how_many { "\"last_visible_page\":3," } else { "" };
        let more = page < 3;
        std::future::ready(match fails(page, before) {
            true => (StatusCode::SERVICE_UNAVAILABLE, "{\"status\":503,\"type\":\"X\"}".to_owned()),
            false => (
                StatusCode::OK,
                format!(
                    "{{\"pagination\":{{{last}\"has_next_page\":{more}}},\"data\":[{{\"mal_id\":{page}}}]}}"
                ),
            ),
        })
    };
    tokio::spawn(axum::serve(listener, Router::new().fallback(answer)).into_future());
    (format!("http://{address}/v4"), requests)
}

async fn once(world: &World, url: &str) -> Said {
    let mut command = world.fetcher(["once", "top.score", "--base-url", url, "--source", "x"]);
    command.env("FETCHER_CLIENT__ATTEMPTS", "1");
    end(command).await
}

async fn run(world: &World) -> RunEvent {
    world.runs_of(Dataset::TopScore).await.swap_remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_does_not_say_how_many_pages_it_has_is_not_complete_after_the_first() {
    let world = World::start().await;
    let (url, requests) = upstream(false, |page, _| page == 2).await;
    let said = once(&world, &url).await;
    said.fails(1, &["pages are missing of top.score"]);
    let run = run(&world).await;
    assert!(!run.is_complete(), "{run:?}");
    assert_eq!((run.pages_planned, &run.pages_got[..], run.pages_failed[0].page), (Some(2), &[1][..], 2));
    assert_eq!(*requests.lock().unwrap(), [1, 2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_failed_is_requested_again_before_its_run_ends() {
    for says_how_many in [true, false] {
        let world = World::start().await;
        let (url, requests) = upstream(says_how_many, |page, before| page == 2 && before == 0).await;
        let said = once(&world, &url).await;
        assert_eq!((said.code, said.out.as_str()), (Some(0), "top.score: complete\n"), "{said:?}");
        let run = run(&world).await;
        assert_eq!((&run.pages_got[..], run.pages_failed.len()), (&[1, 2, 3][..], 0), "{run:?}");
        let expected = if says_how_many { [1, 2, 3, 2] } else { [1, 2, 2, 3] };
        assert_eq!(*requests.lock().unwrap(), expected);
        World::once_each(&world.pages().await, &world.runs().await);
    }
}

/// An empty page in the midst of a list, with HTTP status 200: the first time, or always.
#[tokio::test(flavor = "multi_thread")]
async fn an_empty_page_in_the_midst_of_a_list_is_requested_again() {
    for heals in [true, false] {
        let world = World::start().await;
        let requests = Requests::default();
        let record = Arc::clone(&requests);
        let answer = move |RawQuery(query): RawQuery| {
            let page: u32 = query.unwrap().rsplit_once("page=").unwrap().1.parse().unwrap();
            let mut record = record.lock().unwrap();
            let is_first = !record.contains(&page);
            record.push(page);
            let data = if page == 2 && (is_first || !heals) { "" } else { "{\"mal_id\":1}" };
            let more = page < 3;
            // A text where a number or a Boolean stood before.
            std::future::ready(format!(
                "{{\"pagination\":{{\"last_visible_page\":\"3\",\"has_next_page\":\"{more}\"}},\"data\":[{data}]}}"
            ))
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v4", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, Router::new().fallback(answer)).into_future());
        let said = once(&world, &url).await;
        let run = run(&world).await;
        assert_eq!(run.is_complete(), heals, "{said:?} {run:?}");
        assert_eq!(*requests.lock().unwrap(), [1, 2, 3, 2]);
        assert_eq!(run.pages_got, if heals { vec![1, 2, 3] } else { vec![1, 3] });
    }
}

/// A service whose slots are a month long, and whose day takes 86 seconds.
fn service(world: &World, urls: &[&str]) -> Service {
    let started = SystemClock.now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let mut config = format!(
        "[client]\ninterval_ms = 1\nattempts = 1\nheartbeat_ms = 300\n\
         [fast]\nfrom = \"2026-10-10T12:00:00Z\"\nstarted = \"{started}\"\nday_ms = 86400\n\
         [[schedule]]\ndataset = \"top.score\"\ncron = \"0 0 1 * *\"\npages = 3\njitter_s = 0\n"
    );
    for (place, url) in urls.iter().enumerate() {
        config += &format!("[[upstream]]\nurl = \"{url}\"\nsource = \"{place}\"\ncatalogue = \"sample\"\n");
    }
    let config = world.file("partial.toml", config);
    let service = Service::new("fetcher").unwrap().arg("--config").arg(config).arg("run");
    let service = service.env("FETCHER_NATS__URL", world.server.url());
    service.env("FETCHER_NATS__NKEY_FILE", world.server.key_file("fetcher"))
}

async fn events(world: &World) -> Vec<RunEvent> {
    world.all("RUN").await.iter().map(|stored| serde_json::from_slice(&stored.body).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partial_run_is_resumed_while_its_slot_lasts() {
    let world = World::start().await;
    let (url, requests) = upstream(true, |page, before| page == 2 && before < 3).await;
    let mut service = service(&world, &[&url]).spawn().unwrap();
    until("the run to be complete", || async {
        world.runs_of(Dataset::TopScore).await.iter().any(RunEvent::is_complete)
    })
    .await;
    assert!(service.terminate().await.unwrap().success(), "{}", service.logs());
    let events = events(&world).await;
    assert!(events.iter().all(|event| event.run == events[0].run), "one run: {events:?}");
    let partial = events.iter().position(|event| event.event == RunEventKind::Finished).unwrap();
    assert_eq!(events[partial].pages_got, [1, 3], "it ended without page 2");
    assert_eq!(events[partial + 1].event, RunEventKind::Resumed);
    assert_eq!(*requests.lock().unwrap(), [1, 2, 3, 2, 2, 2]);
    World::once_each(&world.pages().await, &world.runs().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_captured_when_both_base_urls_were_ill_for_a_while() {
    let world = World::start().await;
    let (one, _) = upstream(true, |page, before| page == 1 && before < 2).await;
    let (two, _) = upstream(true, |page, before| page == 1 && before < 2).await;
    let mut service = service(&world, &[&one, &two]).spawn().unwrap();
    until("the list to be captured", || async {
        world.runs_of(Dataset::TopScore).await.iter().any(RunEvent::is_complete)
    })
    .await;
    assert!(service.terminate().await.unwrap().success(), "{}", service.logs());
    let events = events(&world).await;
    let failed = events.iter().filter(|event| event.event == RunEventKind::Failed);
    let failed: std::collections::BTreeSet<_> = failed.map(|event| event.source.as_str()).collect();
    assert_eq!(failed.len(), 2, "both failed before: {events:?}");
    World::once_each(&world.pages().await, &world.runs().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_that_waits_for_nats_hears_that_it_is_stopped() {
    let world = World::start().await;
    let (url, requests) = upstream(true, |page, before| page == 2 && before < 1_000).await;
    let mut service = service(&world, &[&url]).spawn().unwrap();
    until("a request", || async { !requests.lock().unwrap().is_empty() }).await;
    world.server.stop().await.unwrap();
    assert!(service.terminate().await.unwrap().success(), "{}", service.logs());
}
