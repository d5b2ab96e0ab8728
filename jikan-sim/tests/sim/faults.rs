//! Every fault over a real socket, and what limits it.
#![expect(clippy::unwrap_used, reason = "a test may end where it stands, in its helpers too")]

use std::time::Duration;

use kansoku_jikan_sim::{
    control::Control,
    faults::{CATALOGUE, RetryAfter, Spec},
    serve::{Simulator, serve, serve_control},
};
use reqwest::{Client, redirect::Policy};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

struct Upstream {
    address: String,
    control: Control,
    client: Client,
}

impl Upstream {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let now = Box::new(|| "2026-11-23T12:00:00Z".parse().unwrap());
        let simulator = Simulator::new(5, now);
        let control = simulator.control();
        tokio::spawn(serve(simulator, listener, std::future::pending()));
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { address, control, client }
    }

    /// Status, content type and body.
    async fn get(&self, path: &str) -> (u16, String, Vec<u8>) {
        let answer = self.client.get(format!("http://{}{path}", self.address)).send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), kind, answer.bytes().await.unwrap().to_vec())
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.get(path).await.2).unwrap()
    }

    /// All that comes on a fresh connection until it ends, and how it ends.
    async fn raw(&self, path: &str) -> (Vec<u8>, std::io::Result<()>) {
        let mut stream = self.connect(path).await;
        let mut got = Vec::new();
        let end = stream.read_to_end(&mut got).await.map(|_| ());
        (got, end)
    }

    async fn connect(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let question = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        stream.write_all(question.as_bytes()).await.unwrap();
        stream
    }
}

const TOP: &str = "/v4/top/anime?page=2";

/// Each drift of a row: fault, pointer into the row, and what stands there.
#[tokio::test]
async fn rows_drift_and_their_neighbours_keep_their_bytes() {
    let upstream = Upstream::start().await;
    let whole = upstream.json(TOP).await;
    for (fault, pointer, value) in [
        ("score-zero", "/scored_by", Some(json!(0))),
        ("score-null", "/score", Some(json!(null))),
        ("score-integer", "/score", Some(json!(9))),
        ("rank-null", "/rank", Some(json!(null))),
        ("places-zero", "/members", Some(json!(0))),
        ("season-null", "/year", Some(json!(null))),
        ("type-null", "/type", Some(json!(null))),
        ("type-new", "/type", Some(json!("TV Special"))),
        ("type-unheard", "/type", Some(json!("Hologram"))),
        ("rating-new", "/rating", Some(json!("R+ - Mild Nudity"))),
        ("rating-none", "/rating", Some(json!("None"))),
        ("title-english-null", "/title_english", Some(json!(null))),
        ("synopsis-null", "/synopsis", Some(json!(null))),
        ("titles-text", "/titles/1", Some(json!("Another name"))),
        ("titles-absent", "/titles", None),
        ("trailer-null", "/trailer/images/image_url", Some(json!(null))),
        ("background-null", "/background", Some(json!(null))),
        ("aired-year", "/aired/string", Some(json!("2027 to ?"))),
        ("aired-bare-year", "/aired/from", Some(json!("2027"))),
        ("aired-null", "/aired/string", Some(json!("Not available"))),
        ("broadcast-unknown", "/broadcast/string", Some(json!("Unknown"))),
        ("broadcast-absent", "/broadcast", None),
        ("season-wrong", "/year", Some(json!(2019))),
        ("score-text", "/score", Some(json!("N/A"))),
        ("members-negative", "/members", Some(json!(-1))),
        ("mal-id-absent", "/mal_id", None),
    ] {
        let id = upstream.control.switch_on(Spec { rows: Some(vec![3]), ..Spec::named(fault) }).unwrap();
        let mut drifted = upstream.json(TOP).await;
        assert_eq!(drifted["data"][3].pointer(pointer).cloned(), value, "{fault}");
        drifted["data"][3] = whole["data"][3].clone();
        assert_eq!(drifted, whole, "{fault}: only the row is changed");
        assert!(upstream.control.switch_off(id));
    }
    for fault in ["titles-languages", "images-host", "aired-day-off"] {
        upstream
            .control
            .switch_on(Spec { rows: Some(vec![3]), count: Some(1), ..Spec::named(fault) })
            .unwrap();
        let drifted = upstream.json(TOP).await;
        assert_ne!(drifted["data"][3], whole["data"][3], "{fault}");
        assert_eq!(drifted["data"][4], whole["data"][4], "{fault}");
    }
    assert_eq!(upstream.json(TOP).await, whole);
}

#[tokio::test]
async fn pages_drift() {
    let upstream = Upstream::start().await;
    let whole = upstream.json(TOP).await;
    let with = async |fault: &str, path: &str| {
        upstream.control.switch_all_off();
        upstream.control.switch_on(Spec::named(fault)).unwrap();
        upstream.json(path).await
    };
    let rows = |page: &Value| page["data"].as_array().unwrap().len();
    let page = with("twice-in-page", TOP).await;
    assert_eq!((rows(&page), &page["data"][0]), (50, &page["data"][1]));
    let page = with("twice-across-pages", TOP).await;
    let before = upstream.json("/v4/top/anime").await;
    assert_eq!(page["data"][0], before["data"][24]);
    assert_eq!(page["data"][1], whole["data"][1]);
    let page = with("total-wrong", TOP).await;
    let total = |page: &Value| page["pagination"]["items"]["total"].as_u64().unwrap();
    assert_eq!(total(&page), 2 * total(&whole));
    assert_eq!(with("data-empty", TOP).await["data"], json!([]));
    let page = with("filter-ignored", "/v4/top/anime?filter=upcoming").await;
    assert_eq!(page, upstream.json("/v4/top/anime").await);
    let page = with("endless-pages", "/v4/top/anime?page=9000").await;
    assert_eq!(page["pagination"]["has_next_page"], true);
    assert_eq!(page["pagination"]["last_visible_page"], 9000);
    assert_eq!(rows(&with("genres-truncated", "/v4/genres/anime").await), 12);
    assert_eq!(with("genres-renamed", "/v4/genres/anime").await["data"][0]["name"], "Renamed");
    assert!(with("pagination-short", TOP).await["pagination"].get("items").is_none());
    assert_eq!(rows(&with("list-stuck", TOP).await), 0);
    let page = with("list-stuck", "/v4/top/anime").await;
    assert_eq!((rows(&page), &page["pagination"]["has_next_page"]), (25, &json!(false)));
}

#[tokio::test]
async fn errors_come_in_upstreams_shapes() {
    let upstream = Upstream::start().await;
    for (fault, status, pointer, value) in [
        ("ok-with-error", 200, "/type", json!("UpstreamException")),
        ("status-text", 429, "/status", json!("429")),
        ("error-null", 504, "/error", json!(null)),
        ("error-trace", 500, "/type", json!("Exception")),
        ("parser-exception", 500, "/type", json!("ParserException")),
        ("certificate-expired", 500, "/type", json!("UpstreamException")),
        ("server-error", 500, "/status", json!(500)),
        ("server-error", 500, "/status", json!(500)),
        ("too-many-requests", 429, "/status", json!(429)),
        ("forbidden", 403, "/status", json!(403)),
        ("redirect-loop", 302, "/status", json!(302)),
    ] {
        upstream.control.switch_on(Spec { count: Some(1), ..Spec::named(fault) }).unwrap();
        let (got, _, body) = upstream.get(TOP).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((got, body.pointer(pointer)), (status, Some(&value)), "{fault}: {body}");
    }
    upstream.control.switch_on(Spec { count: Some(5), ..Spec::named("server-error") }).unwrap();
    for status in [500, 502, 503, 504, 500] {
        assert_eq!(upstream.get(TOP).await.0, status);
    }
    upstream.control.switch_on(Spec::named("missing-as-500")).unwrap();
    assert_eq!(upstream.get("/v4/anime/1").await.0, 500);
    assert_eq!(upstream.get(TOP).await.0, 200);
}

#[tokio::test]
async fn retry_after_has_each_form() {
    let upstream = Upstream::start().await;
    for (retry_after, header) in [
        (RetryAfter::Seconds, Some("7")),
        (RetryAfter::Date, Some("Mon, 23 Nov 2026 12:00:07 GMT")),
        (RetryAfter::Past, Some("Mon, 23 Nov 2026 11:00:00 GMT")),
        (RetryAfter::Long, Some("31536000")),
        (RetryAfter::Absent, None),
    ] {
        let spec = Spec { retry_after, seconds: 7, count: Some(1), ..Spec::named("too-many-requests") };
        upstream.control.switch_on(spec).unwrap();
        let answer = upstream.client.get(format!("http://{}{TOP}", upstream.address)).send().await.unwrap();
        let got = answer.headers().get("retry-after").map(|value| value.to_str().unwrap());
        assert_eq!(got, header, "{retry_after:?}");
    }
}

#[tokio::test]
async fn bodies_are_spoiled() {
    let upstream = Upstream::start().await;
    let whole = upstream.get(TOP).await.2;
    let unreadable = |body: &[u8]| serde_json::from_slice::<Value>(body).is_err();
    for fault in ["empty-body", "not-json", "row-not-json", "row-nan", "row-bad-utf8", "json-cut", "html"] {
        upstream.control.switch_on(Spec { count: Some(1), ..Spec::named(fault) }).unwrap();
        let (status, kind, body) = upstream.get(TOP).await;
        assert!(status == 200 && unreadable(&body), "{fault}");
        assert_eq!(kind.starts_with("text/html"), fault == "html");
        assert_eq!(body.is_empty(), fault == "empty-body");
    }
    upstream.control.switch_on(Spec { count: Some(1), ..Spec::named("content-type") }).unwrap();
    assert_eq!(upstream.get(TOP).await, (200, "text/plain".to_owned(), whole.clone()));
    let large = Spec { count: Some(1), bytes: Some(1 << 20), ..Spec::named("too-large") };
    upstream.control.switch_on(large).unwrap();
    assert_eq!(upstream.get(TOP).await.2.len(), 1 << 20);
}

#[tokio::test]
async fn connections_break() {
    let upstream = Upstream::start().await;
    let once = |fault: &str, bytes| Spec { count: Some(1), bytes, millis: 1, ..Spec::named(fault) };
    let body = |got: &[u8]| {
        let head = got.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        got[head..].to_vec()
    };
    upstream.control.switch_on(once("reset", None)).unwrap();
    let (got, end) = upstream.raw(TOP).await;
    assert_eq!((got.len(), end.unwrap_err().kind()), (0, std::io::ErrorKind::ConnectionReset));

    upstream.control.switch_on(once("garbage", None)).unwrap();
    assert!(!upstream.raw(TOP).await.0.starts_with(b"HTTP"));

    upstream.control.switch_on(once("truncate", Some(100))).unwrap();
    let (got, end) = upstream.raw(TOP).await;
    assert!(end.is_ok() && got.starts_with(b"HTTP/1.1 200"));
    assert_eq!(body(&got).len(), 100);

    upstream.control.switch_on(once("half-close", Some(10))).unwrap();
    let mut stream = upstream.connect(TOP).await;
    let mut got = Vec::new();
    stream.read_to_end(&mut got).await.unwrap();
    assert_eq!(body(&got).len(), 10);
    // The other half is still open: what is asked on it arrives.
    stream.write_all(b"GET /v4/seen HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    while !upstream.control.requests().iter().any(|request| request.path == "/v4/seen") {
        tokio::task::yield_now().await;
    }

    upstream.control.switch_on(once("drip", None)).unwrap();
    let dripped = upstream.get("/v4/anime/1").await.2;
    assert_eq!(dripped, upstream.get("/v4/anime/1").await.2);
}

#[tokio::test]
async fn answers_and_connections_wait() {
    let upstream = Upstream::start().await;
    // An hour is never over within the test: whoever waits, waits.
    for fault in ["delay", "drip", "slow-accept"] {
        let spec = Spec { millis: 3_600_000, count: Some(1), ..Spec::named(fault) };
        upstream.control.switch_on(spec).unwrap();
        let mut stream = upstream.connect(TOP).await;
        while upstream.control.faults().iter().any(|one| one.fired == 0) {
            tokio::task::yield_now().await;
        }
        let mut got = [0; 1 << 16];
        let got = tokio::time::timeout(Duration::from_millis(300), async {
            let mut total = 0;
            while !got[..total].ends_with(b"}") {
                total += stream.read(&mut got[total..]).await.unwrap();
            }
        });
        assert!(got.await.is_err(), "{fault} does not wait");
    }
}

#[tokio::test]
async fn the_control_port_switches_and_tells() {
    let upstream = Upstream::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve_control(upstream.control.clone(), listener, std::future::pending()));
    let client = &upstream.client;
    let post = async |body: &str| {
        let answer = client.post(format!("{port}/faults")).body(body.to_owned()).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice::<Value>(&answer.bytes().await.unwrap()).unwrap())
    };
    let get = async |path: &str| {
        let answer = client.get(format!("{port}{path}")).send().await.unwrap();
        serde_json::from_slice::<Value>(&answer.bytes().await.unwrap()).unwrap()
    };
    let (status, refused) = post(r#"{"name":"html","colour":1}"#).await;
    assert!(status == 400 && refused["error"].as_str().unwrap().contains("colour"), "{refused}");
    assert_eq!(
        post(r#"{"name":"forbidden","path":"/v4/top","page":2,"count":1}"#).await,
        (201, json!({"id": 1}))
    );
    assert_eq!((upstream.get("/v4/top/anime").await.0, upstream.get(TOP).await.0), (200, 403));
    let faults = get("/faults").await;
    assert_eq!(
        (&faults[0]["id"], &faults[0]["fired"], &faults[0]["page"]),
        (&json!(1), &json!(1), &json!(2))
    );
    let requests = get("/requests").await;
    assert_eq!(requests[1]["faults"], json!(["forbidden"]));
    assert_eq!((&requests[1]["query"], &requests[1]["status"]), (&json!("page=2"), &json!(403)));
    for (path, status) in [("/faults/1", 204), ("/faults/1", 404), ("/faults", 204), ("/requests", 204)] {
        let answer = client.delete(format!("{port}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
    assert_eq!((get("/faults").await, get("/requests").await), (json!([]), json!([])));
}

/// One seed of a fault, two upstreams: they fail on the same requests, byte for byte.
#[tokio::test]
async fn two_upstreams_of_one_seed_misbehave_alike() {
    let (one, other) = (Upstream::start().await, Upstream::start().await);
    for upstream in [&one, &other] {
        for fault in ["score-null", "html", "server-error"] {
            let spec = Spec { probability: 0.4, seed: 11, ..Spec::named(fault) };
            upstream.control.switch_on(spec).unwrap();
        }
    }
    let mut seen = std::collections::HashSet::new();
    for page in 1..=12 {
        let path = format!("/v4/top/anime?page={page}");
        let (left, right) = (one.get(&path).await, other.get(&path).await);
        assert!(left == right, "page {page}");
        seen.insert((left.0, left.1));
    }
    assert!(seen.len() > 2, "faults come and go: {seen:?}");
}

/// The tables above have to grow with the catalogue.
#[test]
fn every_fault_is_named_in_these_tests() {
    let tests = include_str!("faults.rs");
    for fault in CATALOGUE {
        assert!(tests.contains(&format!("\"{}\"", fault.name)), "{}", fault.name);
    }
}
