//! Every example gives the verdict that it names.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::path::Path;

use kansoku_schemas::{Dataset, Judge, Judged, Rejection, Rows};
use serde_json::Value;

fn examples(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(folder);
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.display().to_string(), serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
        })
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(all.len() > 5);
    all
}

fn judged(example: &Value) -> (Vec<u8>, Result<Judged, Box<Rejection>>) {
    let dataset: Dataset = example["dataset"].as_str().unwrap().parse().unwrap();
    let body = match example["text"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => serde_json::to_vec(&example["body"]).unwrap(),
    };
    let verdict = Judge::embedded().page(&dataset, &body);
    (body, verdict)
}

#[test]
fn valid_examples_pass_whole() {
    for (name, example) in examples("valid") {
        let page = judged(&example).1.unwrap_or_else(|rejection| panic!("{name}: {rejection:?}"));
        assert!(page.rejected.is_empty(), "{name}: {:?}", page.rejected);
    }
}

#[test]
fn invalid_examples_name_their_reason_and_place() {
    for (name, example) in examples("invalid") {
        let (body, verdict) = judged(&example);
        let rejection = match verdict {
            Err(rejection) => {
                assert_eq!(rejection.bytes, 0..body.len(), "{name}");
                *rejection
            }
            Ok(page) => {
                assert!(!page.rejected.is_empty(), "{name}: it passed");
                let rejection = page.rejected[0].rejection.clone();
                let slice: Value = serde_json::from_slice(&body[rejection.bytes.clone()]).unwrap();
                assert_eq!(slice, example["body"]["data"][0], "{name}");
                rejection
            }
        };
        assert_eq!(rejection.reason.as_str(), example["reason"], "{name}: {}", rejection.message);
        assert_eq!(rejection.pointer, example["pointer"], "{name}: {}", rejection.message);
        assert_eq!(rejection.schema_hash.len(), 64, "{name}");
        assert!(!rejection.message.is_empty(), "{name}");
    }
}

#[test]
fn zeros_are_unknown_and_counted_and_news_is_noted() {
    let example = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/valid").join(name);
        let example: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        judged(&example).1.unwrap()
    };
    for zeros in ["score-zero-with-votes.json", "a-history-with-zeros.json"].map(example) {
        let names: Vec<_> = zeros.drift.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!(names, [("popularity_zero", 1), ("rank_zero", 1), ("score_zero", 1)]);
    }
    let history = example("a-history-with-zeros.json");
    let Rows::History(rows) = &history.rows else { panic!("{history:?}") };
    let row = &rows[0];
    assert_eq!((row.score, row.rank, row.popularity, row.members), (None, None, None, Some(98_210)));
    assert_eq!(history.limit, Dataset::History.full_page());
    let news = example("new-words-and-keys.json");
    let fields: Vec<_> = news.warnings.iter().map(|warning| warning.field.as_str()).collect();
    assert_eq!(fields, ["mood", "type"]);
}

#[test]
fn an_overlay_replaces_a_schema_and_changes_the_judge() {
    let folder = std::env::temp_dir().join(format!("kansoku-overlay-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("genre.v1.json"), r#"{"type":"object","required":["colour"]}"#).unwrap();
    let judge = Judge::with_overlay(&folder).unwrap();
    assert_ne!(judge.hash(), Judge::embedded().hash());
    let body = br#"{"data":[{"mal_id":1,"name":"Drama","url":"u","count":1}]}"#;
    let page = judge.page(&Dataset::Genres, body).unwrap();
    assert_eq!(page.rejected[0].rejection.pointer, "/colour");
    std::fs::write(folder.join("colour.v1.json"), "{}").unwrap();
    let error = Judge::with_overlay(&folder).unwrap_err().to_string();
    assert!(error.contains("colour.v1.json replaces no schema"), "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
}
