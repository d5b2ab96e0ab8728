//! The limits and the patience of the client over real sockets, kept in NATS for all processes.

use std::{
    future::IntoFuture,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    http::{HeaderName, StatusCode, header::RETRY_AFTER},
    routing::get,
};
use chrono::TimeDelta;
use kansoku_fetcher::{
    metrics::Metrics,
    upstream::{Client, ClientSettings, Common, LimitSettings, RequestError, Store, Upstream},
};
use kansoku_runs::Streams;
use kansoku_schemas::Catalogue;
use kansoku_service::{Clock, FastClock, Health, SystemClock};
use tokio::net::TcpListener;

use crate::world::{World, end, until, user};

const PATH: &str = "top/anime?page=1";
const PAGE: &str = r#"{"pagination":{"last_visible_page":1,"has_next_page":false},"data":[]}"#;

/// When requests came to an upstream, by its own clock.
type Requests = Arc<Mutex<Vec<Instant>>>;

/// An upstream that writes down when requests came, and answers with a page or, `times` times before, with `status`.
async fn upstream(mut times: usize, status: u16, wait: Option<&'static str>) -> (String, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Requests::default();
    let record = Arc::clone(&requests);
    let answer = Mutex::new(move || {
        record.lock().unwrap().push(SystemClock.monotonic());
        let fine = times == 0;
        times = times.saturating_sub(1);
        let status = if fine { StatusCode::OK } else { StatusCode::from_u16(status).unwrap() };
        let headers: Vec<(HeaderName, &str)> =
            wait.filter(|_| !fine).map(|wait| (RETRY_AFTER, wait)).into_iter().collect();
        let body = if fine { PAGE } else { r#"{"status":500,"type":"UpstreamException","message":"down"}"# };
        (status, axum::response::AppendHeaders(headers), body)
    });
    let answer = Arc::new(answer);
    let page = get(move || std::future::ready((answer.lock().unwrap())()));
    tokio::spawn(axum::serve(listener, Router::new().route("/v4/top/anime", page)).into_future());
    (format!("http://{address}/v4"), requests)
}

/// A client with a connection of its own to NATS, as each process has one.
async fn client(world: &World, url: &str, limits: LimitSettings, settings: &ClientSettings) -> Client {
    client_by(Arc::new(SystemClock), shared(world).await, url, limits, settings)
}

async fn shared(world: &World) -> Store {
    let nats = user(&world.server, "fetcher").await;
    Store::Shared(Arc::new(Streams::new(
        nats,
        Arc::new(SystemClock),
        crate::world::LIMIT,
        &Health::default(),
    )))
}

fn client_by(
    clock: Arc<dyn Clock>,
    store: Store,
    url: &str,
    limits: LimitSettings,
    settings: &ClientSettings,
) -> Client {
    static SEEDS: AtomicU64 = AtomicU64::new(7);
    let metrics = Metrics::register(&kansoku_service::Metrics::default());
    let (real, seed) = (Arc::new(SystemClock), SEEDS.fetch_add(1, Ordering::Relaxed));
    let common = Common { clock, real, store, metrics, seed, has_alternatives: false };
    Client::new(settings, &limits, Upstream::new(url, "x", Catalogue::Sample), common).unwrap()
}

fn limits(per_second: u32, per_day: u64) -> LimitSettings {
    LimitSettings { per_second, per_minute: 100_000, per_day }
}

async fn page(client: &Client) {
    client.request(PATH).await.unwrap().1.unwrap();
}

#[track_caller]
fn is_unavailable<T: std::fmt::Debug>(refused: &Result<T, RequestError>) {
    assert!(matches!(refused, Err(RequestError::Unavailable { .. })), "{refused:?}");
}

/// The most requests in any closed window of this length.
fn most(requests: &Requests, window: Duration) -> usize {
    let requests = requests.lock().unwrap();
    let within = |from: Instant| {
        requests.iter().filter(|at| **at >= from && at.duration_since(from) <= window).count()
    };
    requests.iter().map(|from| within(*from)).max().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn several_fetchers_together_never_exceed_the_limits() {
    let world = World::start().await;
    let (url, requests) = upstream(0, 500, None).await;
    let mut clients = Vec::new();
    for _ in 0..4 {
        clients.push(client(&world, &url, limits(20, 1_000), &ClientSettings::default()).await);
    }
    // Two at once of each.
    let sending = clients.iter().chain(&clients).map(async |client| {
        for _ in 0..10 {
            page(client).await;
        }
    });
    futures::future::join_all(sending).await;
    assert_eq!(requests.lock().unwrap().len(), 80);
    let in_a_second = most(&requests, Duration::from_secs(1));
    assert!(in_a_second <= 20, "{in_a_second} in a second");
    assert!(in_a_second >= 10, "{in_a_second} in a second: what is allowed is used");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_together_never_exceed_the_limits() {
    let world = World::start().await;
    let (url, requests) = upstream(0, 500, None).await;
    let config = format!(
        "[limits]\nper_second = 2\nper_minute = 1000\n[[upstream]]\nurl = \"{url}\"\nsource = \"x\"\ncatalogue = \"sample\"\n"
    );
    let config = world.file("limits.toml", config).display().to_string();
    let processes = (0..4).map(|_| {
        let lists = ["top.score", "top.members", "top.airing"];
        let mut command = world.fetcher(["--config", &config, "once"].iter().chain(&lists));
        command.env_remove("FETCHER_CLIENT__INTERVAL_MS");
        end(command)
    });
    for said in futures::future::join_all(processes).await {
        assert_eq!(said.code, Some(0), "{said:?}");
    }
    assert_eq!(requests.lock().unwrap().len(), 12);
    let in_a_second = most(&requests, Duration::from_secs(1));
    assert!(in_a_second <= 2, "{in_a_second} in a second");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_is_one_for_all_and_outlives_every_process_and_the_server() {
    let world = World::start().await;
    let (url, requests) = upstream(0, 500, None).await;
    let make = async || client(&world, &url, limits(1_000, 5), &ClientSettings::default()).await;
    let (one, two) = (make().await, make().await);
    for client in [&one, &two, &one, &two, &one] {
        page(client).await;
    }
    world.server.kill().await.unwrap();
    world.server.start_again().await.unwrap();
    for client in [&two, &make().await] {
        is_unavailable(&client.request(PATH).await);
    }
    assert_eq!(requests.lock().unwrap().len(), 5, "no request more");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nats_is_away_nothing_is_requested() {
    let world = World::start().await;
    let (url, requests) = upstream(0, 500, None).await;
    let client = client(&world, &url, limits(1_000, 1_000), &ClientSettings::default()).await;
    page(&client).await;
    world.server.stop().await.unwrap();
    let mut waiting = std::pin::pin!(client.request(PATH));
    let in_time = tokio::time::timeout(Duration::from_millis(500), &mut waiting).await;
    assert!(in_time.is_err() && requests.lock().unwrap().len() == 1, "it waits for NATS");
    world.server.start_again().await.unwrap();
    waiting.await.unwrap().1.unwrap();
    assert_eq!(requests.lock().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_wait_is_kept_by_a_restart_and_by_others() {
    let world = World::start().await;
    let (url, requests) = upstream(1, 429, Some("3600")).await;
    let make = async || client(&world, &url, limits(1_000, 1_000), &ClientSettings::default()).await;
    is_unavailable(&make().await.request(PATH).await);
    let other = make().await;
    let hour = other.unavailable_for().await.unwrap().unwrap();
    assert!(hour > Duration::from_secs(3_500), "{hour:?}");
    is_unavailable(&other.request(PATH).await);
    assert_eq!(requests.lock().unwrap().len(), 1, "it was left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_calendar_runs_fast_a_long_wait_does_too() {
    let world = World::start().await;
    let (url, requests) = upstream(1, 429, Some("3600")).await;
    let started = SystemClock.now();
    // An hour of it takes two seconds.
    let fast = FastClock { from: started - TimeDelta::days(100), started, day_ms: 48_000 };
    let settings = ClientSettings { deadline_ms: 1_000, ..ClientSettings::default() };
    let client = client_by(fast.clock(), shared(&world).await, &url, limits(1_000, 1_000), &settings);
    is_unavailable(&client.request(PATH).await);
    assert!(client.unavailable_for().await.unwrap().is_some());
    until("the hour to be over", || async { client.unavailable_for().await.unwrap().is_none() }).await;
    page(&client).await;
    assert_eq!(requests.lock().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_limits_learns_that_the_upstream_wants_to_be_left_alone() {
    let world = World::start().await;
    for is_shared in [false, true] {
        let (url, requests) = upstream(1, 429, Some("3600")).await;
        let make = async || client(&world, &url, limits(1, 1_000), &ClientSettings::default()).await;
        let (one, two) = (make().await, make().await);
        let other = if is_shared { &two } else { &one };
        let (first, second) = tokio::join!(one.request(PATH), other.request(PATH));
        is_unavailable(&first);
        is_unavailable(&second);
        assert_eq!(requests.lock().unwrap().len(), 1, "of two processes: {is_shared}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_in_a_row_open_the_breaker_for_all_and_it_closes_again() {
    let world = World::start().await;
    let (url, requests) = upstream(3, 503, None).await;
    let settings =
        ClientSettings { breaker_failures: 3, breaker_seconds: 1, attempts: 1, ..ClientSettings::default() };
    let make = async || client(&world, &url, limits(1_000, 1_000), &settings).await;
    let one = make().await;
    for _ in 0..3 {
        one.request(PATH).await.unwrap().1.unwrap_err();
    }
    let other = make().await;
    assert!(other.unavailable_for().await.unwrap().is_some());
    assert_eq!(requests.lock().unwrap().len(), 3);
    // It waits, and is the one that is let through.
    page(&other).await;
    assert!(one.unavailable_for().await.unwrap().is_none(), "closed for all");
}
