//! Every fault over a real socket.
#![expect(clippy::unwrap_used, reason = "a test may end where it stands, in its helpers too")]

use kansoku_jikan_sim::{
    control::Control,
    faults::{CATALOGUE, Spec},
    serve::{Simulator, serve, serve_control},
};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;

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
        Self { address, control, client: Client::builder().build().unwrap() }
    }

    async fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let reply = self.client.get(format!("http://{}{path}", self.address)).send().await.unwrap();
        (reply.status().as_u16(), reply.bytes().await.unwrap().to_vec())
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.get(path).await.1).unwrap()
    }

    /// The only fault from now on.
    fn switch(&self, spec: Spec) {
        self.control.switch_all_off();
        self.control.switch_on(spec).unwrap();
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
        ("aired-empty", "/aired/from", Some(json!(""))),
        ("score-text", "/score", Some(json!("N/A"))),
        ("members-negative", "/members", Some(json!(-1))),
        ("titles-languages", "/titles/3/type", Some(json!("German"))),
        ("images-host", "/images/jpg/image_url", Some(json!("https://cdn.jikan-sim.invalid/1.jpg"))),
        ("aired-day-off", "/aired/from", Some(json!("2023-06-30T00:00:00+00:00"))),
    ] {
        upstream.switch(Spec { rows: Some(vec![3]), ..Spec::named(fault) });
        let mut drifted = upstream.json(TOP).await;
        assert_eq!(drifted["data"][3].pointer(pointer).cloned(), value, "{fault}");
        drifted["data"][3] = whole["data"][3].clone();
        assert_eq!(drifted, whole, "{fault}: only the row is changed");
    }
    upstream.control.switch_all_off();
    assert_eq!(upstream.json(TOP).await, whole);
}

#[tokio::test]
async fn a_day_without_a_time_is_the_rows_own() {
    let upstream = Upstream::start().await;
    let from = |page: &Value| -> Vec<Value> {
        page["data"].as_array().unwrap().iter().map(|row| row["aired"]["from"].clone()).collect()
    };
    let whole = from(&upstream.json(TOP).await);
    upstream.switch(Spec::named("aired-date"));
    let cut = from(&upstream.json(TOP).await);
    let days: Vec<_> = whole.iter().map(|from| json!(&from.as_str().unwrap()[..10])).collect();
    assert_eq!(cut, days);
    // A title whose day nobody knows keeps that.
    upstream.switch(Spec::named("aired-null"));
    upstream.control.switch_on(Spec::named("aired-date")).unwrap();
    assert_eq!(from(&upstream.json(TOP).await), vec![Value::Null; cut.len()]);
}

#[tokio::test]
async fn pages_drift() {
    let upstream = Upstream::start().await;
    let whole = upstream.json(TOP).await;
    let with = async |fault: &str, path: &str| {
        upstream.switch(Spec::named(fault));
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
    ] {
        upstream.switch(Spec::named(fault));
        let (got, body) = upstream.get(TOP).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((got, body.pointer(pointer)), (status, Some(&value)), "{fault}: {body}");
    }
    upstream.switch(Spec::named("missing-as-500"));
    assert_eq!(upstream.get("/v4/anime/1").await.0, 500);
    assert_eq!(upstream.get(TOP).await.0, 200);
    for fault in ["empty-body", "not-json"] {
        upstream.switch(Spec::named(fault));
        let (status, body) = upstream.get(TOP).await;
        assert!(status == 200 && serde_json::from_slice::<Value>(&body).is_err(), "{fault}");
        assert_eq!(body.is_empty(), fault == "empty-body");
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
        let reply = client.post(format!("{port}/faults")).body(body.to_owned()).send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    };
    let (status, refused) = post(r#"{"name":"not-json","colour":1}"#).await;
    assert!(status == 400 && refused.contains("colour"), "{refused}");
    let fault = r#"{"name":"parser-exception","path":"/v4/top","page":2,"count":1}"#;
    assert_eq!(post(fault).await.0, 201);
    assert_eq!((upstream.get("/v4/top/anime").await.0, upstream.get(TOP).await.0), (200, 500));
    let requests = client.get(format!("{port}/requests")).send().await.unwrap().bytes().await.unwrap();
    let requests: Value = serde_json::from_slice(&requests).unwrap();
    assert_eq!((&requests[0]["faults"], &requests[0]["status"]), (&json!([]), &json!(200)));
    assert_eq!((&requests[1]["query"], &requests[1]["status"]), (&json!("page=2"), &json!(500)));
    assert_eq!(requests[1]["faults"], json!(["parser-exception"]));
    assert_eq!(post(r#"{"name":"not-json"}"#).await.0, 201);
    let off = client.delete(format!("{port}/faults")).send().await.unwrap();
    assert_eq!((off.status().as_u16(), upstream.get(TOP).await.0), (204, 200));
    upstream.json(TOP).await;
}

/// The tables above have to grow with the catalogue.
#[test]
fn every_fault_is_named_in_these_tests() {
    let tests = include_str!("faults.rs");
    for fault in CATALOGUE {
        assert!(tests.contains(&format!("\"{}\"", fault.name)), "{}", fault.name);
    }
}
