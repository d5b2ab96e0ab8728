//! The limits and the patience of the client over real sockets, with what Redis keeps of them.

use std::{
    future::IntoFuture,
    sync::{Arc, Mutex},
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
    settings::{ClientSettings, LimitSettings, Upstream},
    upstream::{AskError, Client, Common, Shared},
};
use kansoku_schemas::Catalogue;
use kansoku_service::{Clock, FastSettings, Health, SystemClock};
use kansoku_stack::redis::Server;
use tokio::net::TcpListener;

const PAGE: &str = r#"{"pagination":{"last_visible_page":1,"has_next_page":false},"data":[]}"#;

/// When an upstream was asked, by its own clock.
type Asked = Arc<Mutex<Vec<Instant>>>;

/// An upstream that writes down when it was asked, and answers with a page or, `times` times before, with `status`.
async fn upstream(mut times: usize, status: u16, wait: Option<&'static str>) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Asked::default();
    let record = Arc::clone(&asked);
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
    (format!("http://{address}/v4"), asked)
}

fn client(url: &str, redis: Option<&str>, limits: LimitSettings, settings: ClientSettings) -> Client {
    client_by(Arc::new(SystemClock), url, redis, limits, settings)
}

fn client_by(
    clock: Arc<dyn Clock>,
    url: &str,
    redis: Option<&str>,
    limits: LimitSettings,
    settings: ClientSettings,
) -> Client {
    let health = Health::default().optional("redis");
    let shared = redis.map(|redis| Arc::new(Shared::new(redis, clock.clone(), health).unwrap()));
    let metrics = Metrics::register(&kansoku_service::Metrics::default());
    let common = Common { clock, shared, metrics, seed: 7, others: false };
    Client::new(&settings, &limits, Upstream::new(url, "x", Catalogue::Sample), common).unwrap()
}

fn limits(per_second: u32, per_day: u64) -> LimitSettings {
    LimitSettings { per_second, per_minute: 100_000, per_day }
}

/// The most requests in any window of this length.
fn most(asked: &Asked, window: Duration) -> usize {
    let asked = asked.lock().unwrap();
    let within =
        |from: Instant| asked.iter().filter(|at| **at >= from && at.duration_since(from) < window).count();
    asked.iter().map(|from| within(*from)).max().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_fetchers_together_stay_within_the_limits() {
    let redis = Server::temporary().await.unwrap();
    let (url, asked) = upstream(0, 500, None).await;
    let redis = redis.url();
    let make = || client(&url, Some(&redis), limits(20, 1_000), ClientSettings::default());
    let (one, two) = (make(), make());
    let all = async |client: &Client| {
        for _ in 0..25 {
            client.ask("top/anime?page=1").await.unwrap().1.unwrap();
        }
    };
    let began = SystemClock.monotonic();
    tokio::join!(all(&one), all(&two));
    let took = began.elapsed();
    assert_eq!(asked.lock().unwrap().len(), 50);
    // Each may be late by its machine's scheduling, so one request of each may fall into the next second.
    let in_a_second = most(&asked, Duration::from_secs(1));
    assert!(in_a_second <= 22, "{in_a_second} in a second");
    assert!(took >= Duration::from_secs(2), "fifty at twenty a second: {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_is_one_for_all_and_outlives_a_restart() {
    let redis = Server::temporary().await.unwrap();
    let (url, asked) = upstream(0, 500, None).await;
    let redis = redis.url();
    let make = || client(&url, Some(&redis), limits(1_000, 5), ClientSettings::default());
    let (one, two) = (make(), make());
    for client in [&one, &two, &one, &two, &one] {
        client.ask("top/anime?page=1").await.unwrap().1.unwrap();
    }
    for spent in [&two, &make()] {
        let refused = spent.ask("top/anime?page=1").await;
        assert!(matches!(refused, Err(AskError::Gone { .. })), "{refused:?}");
    }
    assert_eq!(asked.lock().unwrap().len(), 5, "nobody was asked more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_wait_is_kept_by_a_restart_and_by_others() {
    let redis = Server::temporary().await.unwrap();
    let (url, asked) = upstream(1, 429, Some("3600")).await;
    let redis = redis.url();
    let make = |redis| client(&url, redis, limits(1_000, 1_000), ClientSettings::default());
    let refused = make(Some(&redis)).ask("top/anime?page=1").await;
    assert!(matches!(refused, Err(AskError::Gone { .. })), "{refused:?}");
    let other = make(Some(&redis));
    assert!(other.away_until().await.is_some());
    assert!(matches!(other.ask("top/anime?page=1").await, Err(AskError::Gone { .. })));
    assert_eq!(asked.lock().unwrap().len(), 1, "it was left alone");
    assert!(make(None).away_until().await.is_none(), "who has no Redis cannot know");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_calendar_runs_fast_a_long_wait_does_too() {
    let redis = Server::temporary().await.unwrap();
    let url = redis.url();
    for redis in [None, Some(url.as_str())] {
        let (upstream, asked) = upstream(1, 429, Some("3600")).await;
        let started = SystemClock.now();
        // An hour of it takes two seconds.
        let fast = FastSettings { from: started - TimeDelta::days(100), started, day_ms: 48_000 };
        let client =
            client_by(fast.clock(), &upstream, redis, limits(1_000, 1_000), ClientSettings::default());
        let refused = client.ask("top/anime?page=1").await;
        assert!(matches!(refused, Err(AskError::Gone { .. })), "{refused:?}");
        assert!(client.away_until().await.is_some());
        crate::world::until("the hour to be over", || async { client.away_until().await.is_none() }).await;
        client.ask("top/anime?page=1").await.unwrap().1.unwrap();
        assert_eq!(asked.lock().unwrap().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_turn_hears_that_the_upstream_wants_to_be_left_alone() {
    let redis = Server::temporary().await.unwrap();
    let redis = redis.url();
    for shared in [false, true] {
        let (url, asked) = upstream(1, 429, Some("3600")).await;
        let make = || client(&url, Some(&redis), limits(2, 1_000), ClientSettings::default());
        let (one, two) = (make(), make());
        let other = if shared { &two } else { &one };
        let (first, second) = tokio::join!(one.ask("top/anime?page=1"), other.ask("top/anime?page=1"));
        for refused in [first, second] {
            assert!(matches!(refused, Err(AskError::Gone { .. })), "{refused:?}");
        }
        assert_eq!(asked.lock().unwrap().len(), 1, "of two processes: {shared}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_in_a_row_open_the_breaker_for_all_and_it_closes_again() {
    let redis = Server::temporary().await.unwrap();
    let (url, asked) = upstream(3, 503, None).await;
    let redis = redis.url();
    let settings =
        ClientSettings { breaker_failures: 3, breaker_seconds: 1, attempts: 1, ..ClientSettings::default() };
    let make = || client(&url, Some(&redis), limits(1_000, 1_000), settings.clone());
    let one = make();
    for _ in 0..3 {
        one.ask("top/anime?page=1").await.unwrap().1.unwrap_err();
    }
    let other = make();
    assert!(matches!(other.ask("top/anime?page=1").await, Err(AskError::Gone { .. })));
    assert_eq!(asked.lock().unwrap().len(), 3);
    crate::world::until("the breaker to let one through", || async { other.away_until().await.is_none() })
        .await;
    other.ask("top/anime?page=1").await.unwrap().1.unwrap();
    assert!(one.away_until().await.is_none(), "closed for all");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_three_together_stay_within_the_limits_and_find_it_again() {
    let redis = Server::temporary().await.unwrap();
    let (url, asked) = upstream(0, 500, None).await;
    let address = redis.url();
    let make = || client(&url, Some(&address), limits(21, 1_000), ClientSettings::default());
    let (one, two, three) = (make(), make(), make());
    one.ask("top/anime?page=1").await.unwrap().1.unwrap();
    redis.stop().await.unwrap();
    asked.lock().unwrap().clear();
    let all = async |client: &Client| {
        for _ in 0..10 {
            client.ask("top/anime?page=1").await.unwrap().1.unwrap();
        }
    };
    let began = SystemClock.monotonic();
    tokio::join!(all(&one), all(&two), all(&three));
    assert!(began.elapsed() >= Duration::from_secs(1), "ten at seven a second: {:?}", began.elapsed());
    let in_a_second = most(&asked, Duration::from_secs(1));
    assert!(in_a_second <= 21, "{in_a_second} in a second");
    redis.start_again().await.unwrap();
    one.ask("top/anime?page=1").await.unwrap().1.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_the_day_is_divided_too() {
    let (url, asked) = upstream(0, 500, None).await;
    let nowhere = format!("redis://127.0.0.1:{}", kansoku_stack::port::free().unwrap());
    for _ in 0..3 {
        let client = client(&url, Some(&nowhere), limits(1_000, 6), ClientSettings::default());
        for _ in 0..2 {
            client.ask("top/anime?page=1").await.unwrap().1.unwrap();
        }
        let refused = client.ask("top/anime?page=1").await;
        assert!(matches!(refused, Err(AskError::Gone { .. })), "{refused:?}");
    }
    assert_eq!(asked.lock().unwrap().len(), 6);
}
