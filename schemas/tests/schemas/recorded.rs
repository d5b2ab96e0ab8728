//! The judge on recorded real payloads, where they lie beside the checkout; says that it skips where they do not.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{collections::BTreeMap, path::PathBuf};

use kansoku_schemas::{Classified, Judge, Reason, classify};
use serde_json::Value;
use url::Url;

/// Name, address, HTTP status and body.
type Recording = (String, Option<Url>, u64, Vec<u8>);

/// Every recording, where they are.
fn recordings() -> Option<Vec<Recording>> {
    let shared = std::env::var_os("KANSOKU_SHARED").map(PathBuf::from);
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared"));
    let folder = shared.unwrap_or_else(beside).join("data/jikan");
    let Ok(index) = std::fs::read(folder.join("captures.json")) else {
        println!("SKIPPED: no recorded payloads at {}", folder.display());
        return None;
    };
    let index: Vec<Value> = serde_json::from_slice(&index).unwrap();
    let recording = |entry: &Value| {
        let name = entry["name"].as_str().unwrap().to_owned();
        let body = std::fs::read(folder.join(&name)).unwrap();
        let url = entry["url"].as_str().and_then(|url| Url::parse(url).ok());
        (name, url, entry["status"].as_u64().unwrap_or(200), body)
    };
    Some(index.iter().map(recording).collect())
}

#[test]
fn every_recording_is_judged_as_it_should_be() {
    let Some(recordings) = recordings() else { return };
    let judge = Judge::embedded();
    let mut accepted = 0;
    let mut dead: BTreeMap<String, u32> = BTreeMap::new();
    for (name, url, status, body) in recordings {
        let Some(Classified::Taken(dataset)) = url.as_ref().map(classify) else { continue };
        match judge.page(&dataset, &body) {
            Err(rejection) => {
                assert_eq!(rejection.reason, Reason::UpstreamError, "{name}: {}", rejection.message);
                assert!(status >= 400, "{name} was recorded with {status}");
            }
            Ok(page) => {
                accepted += page.rows.len();
                for row in page.rejected {
                    *dead.entry(format!("{name} {}", row.rejection.pointer)).or_default() += 1;
                    serde_json::from_slice::<Value>(&body[row.rejection.bytes]).unwrap();
                }
            }
        }
    }
    assert!(dead.is_empty(), "real rows were refused: {dead:#?}");
    assert!(accepted > 1_300, "only {accepted} rows");
}

#[test]
fn a_damaged_real_row_is_cut_out_byte_for_byte() {
    let Some(recordings) = recordings() else { return };
    let judge = Judge::embedded();
    let (name, url, _, body) =
        recordings.into_iter().find(|(name, ..)| name.contains("top-success")).unwrap();
    let Classified::Taken(dataset) = classify(&url.unwrap()) else { panic!("{name} is not taken") };
    let text = String::from_utf8(body).unwrap();
    let damaged = text.replacen("\"airing\":false", "\"airing\":\"no\"", 1);
    assert_ne!(text, damaged);
    let page = judge.page(&dataset, damaged.as_bytes()).unwrap();
    assert_eq!(page.rejected.len(), 1);
    let rejection = &page.rejected[0].rejection;
    assert_eq!(rejection.pointer, "/airing");
    let slice = &damaged[rejection.bytes.clone()];
    assert!(slice.starts_with("{\"mal_id\"") && slice.ends_with('}') && slice.contains("\"airing\":\"no\""));
    assert!(slice.contains("\\/"), "the escapes of the recording are kept");
}
