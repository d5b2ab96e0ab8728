//! Recorded payloads come back byte for byte, where they lie beside the checkout; says that it skips where they do not.
#![expect(clippy::unwrap_used, reason = "a test may end where it stands, in its helpers too")]

use std::path::{Path, PathBuf};

use axum::http::Method;
use kansoku_jikan_sim::{
    recorded::Recorded,
    serve::{Options, Simulator, serve},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

fn simulator(folder: &Path) -> Simulator {
    let recorded = Some(Recorded::read(folder).unwrap());
    let options = Options { recorded, source: Some("tape".to_owned()) };
    Simulator::with(1, Box::new(|| "2026-11-23T12:00:00Z".parse().unwrap()), options)
}

#[tokio::test]
async fn a_recording_is_served_with_its_status_and_headers() {
    let folder = tempfile::tempdir().unwrap();
    let index = json!([
        { "name": "a.json", "url": "https://upstream.invalid/v4/top/anime?page=2", "status": 203,
          "headers": { "X-Cache-Status": "STALE", "Content-Encoding": "gzip" }, "date": "2026-01-01" },
        { "name": "gone.json", "url": "(file name) gone.json", "status": 200, "headers": null },
    ]);
    std::fs::write(folder.path().join("captures.json"), index.to_string()).unwrap();
    std::fs::write(folder.path().join("a.json"), b"{ \"data\" : 1.50 }\n").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(simulator(folder.path()), listener, std::future::pending()));
    let client = reqwest::Client::builder().build().unwrap();
    let answer = client.get(format!("{base}/v4/top/anime?page=2")).send().await.unwrap();
    assert_eq!(answer.status(), 203);
    assert_eq!(answer.headers()["x-cache-status"], "STALE");
    assert_eq!(answer.headers()["x-kansoku-source"], "tape");
    assert!(answer.headers().get("content-encoding").is_none());
    assert_eq!(answer.bytes().await.unwrap(), b"{ \"data\" : 1.50 }\n"[..]);
    let answer = client.get(format!("{base}/v4/top/anime")).send().await.unwrap();
    assert_eq!(answer.status(), 404);
}

#[test]
fn real_recordings_are_answered_byte_for_byte() {
    let shared = std::env::var_os("KANSOKU_SHARED").map(PathBuf::from);
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared"));
    let folder = shared.unwrap_or_else(beside).join("data/jikan");
    let Ok(index) = std::fs::read(folder.join("captures.json")) else {
        println!("SKIPPED: no recorded payloads at {}", folder.display());
        return;
    };
    let index: Vec<Value> = serde_json::from_slice(&index).unwrap();
    let simulator = simulator(&folder);
    let mut answered = 0;
    for (number, entry) in index.iter().enumerate() {
        let Ok(url) = Url::parse(entry["url"].as_str().unwrap()) else { continue };
        // Of an address recorded twice the last recording counts.
        if index[number + 1..].iter().any(|later| later["url"] == entry["url"]) {
            continue;
        }
        let query = url.query().unwrap_or_default();
        let reply = simulator.answer(&Method::GET, url.path(), query);
        let body = std::fs::read(folder.join(entry["name"].as_str().unwrap())).unwrap();
        assert_eq!(reply.body, body, "{url}");
        assert_eq!(u64::from(reply.status), entry["status"].as_u64().unwrap_or(200), "{url}");
        answered += 1;
    }
    assert!(answered > 100, "{answered} recordings");
}
