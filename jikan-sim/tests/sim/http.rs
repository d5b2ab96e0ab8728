//! The server over a real socket.
#![expect(clippy::unwrap_used, reason = "a test may end where it stands, in its helpers too")]

use chrono::{DateTime, Utc};
use kansoku_jikan_sim::serve::{Simulator, serve};
use reqwest::{Client, Method, Response};
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot};

struct Upstream {
    base: String,
    client: Client,
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<anyhow::Result<()>>,
}

impl Upstream {
    async fn start(seed: u64, now: &str) -> Self {
        let now: DateTime<Utc> = now.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let simulator = Simulator::new(seed, Box::new(move || now));
        let served = tokio::spawn(serve(simulator, listener, async move {
            let _ = stopped.await;
        }));
        Self { base, client: Client::builder().build().unwrap(), stop, served }
    }

    async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.base)).send().await.unwrap()
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        drop(self.client);
        self.served.await.unwrap().unwrap();
    }
}

const NOW: &str = "2026-11-23T12:00:00Z";
const PATHS: [&str; 5] = [
    "/v4/top/anime?filter=bypopularity&page=2",
    "/v1/seasons/now",
    "/v4/seasons/2026/spring?page=2",
    "/v4/genres/anime",
    "/v4/anime/1",
];

#[tokio::test]
async fn two_simulators_of_one_seed_and_instant_answer_byte_for_byte_the_same() {
    let (one, other) = (Upstream::start(5, NOW).await, Upstream::start(5, NOW).await);
    for path in PATHS {
        let (one, other) = (one.get(path).await, other.get(path).await);
        assert_eq!((one.status(), one.headers()), (other.status(), other.headers()), "{path}");
        assert_eq!(one.bytes().await.unwrap(), other.bytes().await.unwrap(), "{path}");
    }
    one.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn answers_say_who_answers_and_when() {
    let upstream = Upstream::start(5, NOW).await;
    let answer = upstream.get("/v4/seasons/now").await;
    let headers = answer.headers();
    assert_eq!(headers["x-kansoku-source"], "jikan-sim");
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["date"], "Mon, 23 Nov 2026 12:00:00 GMT");
    let live = upstream.get("/livez").await;
    assert_eq!((live.status().as_u16(), live.text().await.unwrap().as_str()), (200, "ok\n"));
    upstream.stop().await;
}

#[tokio::test]
async fn errors_are_json_in_upstreams_shape() {
    let upstream = Upstream::start(5, NOW).await;
    for (path, status) in [("/v4/anime/1", 404), ("/v4/nothing", 404), ("/v4/top/anime?page=x", 400)] {
        let answer = upstream.get(path).await;
        assert_eq!(answer.status(), status, "{path}");
        let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(body["status"], status, "{path}");
        assert!(body["type"].is_string() && body.get("data").is_none());
    }
    let url = format!("{}/v4/top/anime", upstream.base);
    let posted = upstream.client.request(Method::POST, &url).send().await.unwrap();
    assert_eq!(posted.status(), 405);
    let head = upstream.client.head(&url).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.bytes().await.unwrap().len()), (200, 0));
    upstream.stop().await;
}
