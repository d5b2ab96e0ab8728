//! One page full of odd rows goes through the whole pipeline: each row is stored or dead by itself, as it came.

use kansoku_acceptance::ledger_balances;
use kansoku_stack::pipeline::Pipeline;
use serde_json::{Value, json};

/// What becomes of a row: where it dies and with which pointer, or that it is stored.
type Outcome = Option<(&'static str, &'static str)>;

/// The title that every row is made from; its `mal_id` and title are set by the row's place.
fn plain(place: usize) -> Value {
    json!({
        "mal_id": 900_000 + place, "url": "https://example.invalid/anime/1", "title": format!("Row {place}"),
        "titles": [], "title_english": null, "title_japanese": "行", "title_synonyms": [], "type": "TV",
        "source": "Original", "episodes": 12, "status": "Finished Airing", "airing": false, "approved": true,
        "aired": {"from": "2020-01-05T00:00:00+00:00", "to": null, "prop": {}, "string": "x"}, "duration": "24 min",
        "rating": "PG-13 - Teens 13 or older", "score": 7.25, "scored_by": 100, "rank": 5, "popularity": 6,
        "members": 1000, "favorites": 3, "synopsis": null, "background": null, "season": "winter", "year": 2020,
        "broadcast": {"day": null, "time": null, "timezone": null, "string": null}, "images": {}, "trailer": {},
        "producers": [], "licensors": [], "studios": [], "genres": [], "explicit_genres": [], "themes": [],
        "demographics": []
    })
}

/// The rows as text, each with its outcome. Raw text, since some cannot be written by a JSON library.
fn rows() -> Vec<(String, Outcome)> {
    type Change = fn(&mut Value);
    let by_value: [(Change, Outcome); 13] = [
        (|_| (), None),
        (|row| row["score"] = json!(9), None),
        (|row| row["score"] = json!(0), None),
        (|row| row["title"] = json!("題".repeat(5_000)), None),
        (|row| row["aired"]["from"] = json!("2010"), None),
        (|row| row["type"] = json!("Hologram"), None),
        (|row| row["score"] = json!("N/A"), Some(("validate", "/score"))),
        (|row| row["mal_id"] = json!(99_999_999_999_u64), Some(("validate", "/mal_id"))),
        (|row| row["mal_id"] = json!(-5), Some(("validate", "/mal_id"))),
        (|row| row["episodes"] = json!(3_000_000_000_u64), Some(("validate", "/episodes"))),
        (
            |row| {
                row["genres"] =
                    json!([{"mal_id": 4_000_000_000_u64, "type": "anime", "name": "X", "url": "u"}])
            },
            Some(("validate", "/genres/0/mal_id")),
        ),
        (|row| row["title"] = json!("a\0b"), Some(("validate", "/title"))),
        (|row| row["aired"]["from"] = json!("2010-99-99T00:00:00+00:00"), Some(("validate", "/aired/from"))),
    ];
    let by_text: [(&str, &str); 3] = [
        ("\"members\":1000", "\"members\":1e400"),
        ("\"title\":\"Row 14\"", "\"title\":\"\\ud800\""),
        ("\"trailer\":{}", "\"trailer\":[[[["),
    ];
    let deep = |text: String| text.replace("[[[[", &format!("{}{}", "[".repeat(600), "]".repeat(600)));
    let values = by_value.into_iter().enumerate().map(|(place, (change, outcome))| {
        let mut row = plain(place);
        change(&mut row);
        (row.to_string(), outcome)
    });
    let texts = (13..).zip(by_text).map(|(place, (from, to))| {
        let row = plain(place).to_string();
        assert!(row.contains(from), "{from}: {row}");
        (deep(row.replace(from, to)), Some(("validate", "")))
    });
    values.chain(texts).collect()
}

#[tokio::test]
async fn every_odd_row_is_stored_or_dead_by_itself() {
    let rows = rows();
    let stored = rows.iter().filter(|(_, outcome)| outcome.is_none()).count();
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.json");
    // The first title stands twice: the second is a duplicate, not another observation.
    let texts: Vec<&str> = rows.iter().map(|(text, _)| text.as_str()).chain([rows[0].0.as_str()]).collect();
    std::fs::write(
        &page,
        format!("{{\"pagination\":{{\"has_next_page\":false}},\"data\":[{}]}}", texts.join(" ,\n")),
    )
    .unwrap();

    let pipeline = Pipeline::start().await.unwrap();
    let _services = [pipeline.ready("validator").await.unwrap(), pipeline.ready("loader").await.unwrap()];
    let told = ["--dataset", "season.now", "--captured-at", "2026-10-03T00:00:00Z", "--source", "観測"];
    let output =
        pipeline.archiver(["import"].into_iter().chain(told).chain([page.to_str().unwrap()])).unwrap();
    assert!(output.status.success(), "{output:?}");
    pipeline.at_rest().await.unwrap();

    assert_eq!(pipeline.messages("RAW").await.unwrap(), 1);
    assert_eq!(
        pipeline.number("select count(*) from observation").await.unwrap(),
        i64::try_from(stored).unwrap()
    );
    assert_eq!(pipeline.number("select duplicate from page").await.unwrap(), 1);
    let dead: Vec<_> = rows
        .iter()
        .enumerate()
        .filter_map(|(place, (text, outcome))| Some((place, text, (*outcome)?)))
        .collect();
    assert_eq!(pipeline.messages("DLQ").await.unwrap(), dead.len() as u64);
    let mut found = Vec::new();
    for seq in 1..=dead.len() {
        let letter = pipeline.nats_cli(&["stream", "get", "DLQ", &seq.to_string()]).unwrap();
        let letter = String::from_utf8(letter).unwrap();
        let header = |name: &str| {
            let value =
                letter.lines().find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix(':'));
            value.unwrap_or_else(|| panic!("no {name}: {letter}")).trim().to_owned()
        };
        let place: usize = header("Dlq-Row").parse().unwrap();
        assert!(letter.contains(&rows[place].0), "the row as it came: {letter}");
        assert!(header("Dlq-Stage") == "load" || header("Dlq-Schema-Hash").len() == 64);
        assert_eq!(header("ce-source"), "%E8%A6%B3%E6%B8%AC", "all original headers");
        found.push((place, (header("Dlq-Stage"), header("Dlq-Pointer"))));
    }
    found.sort();
    let expected: Vec<_> = dead
        .iter()
        .map(|(place, _, (stage, pointer))| (*place, ((*stage).to_owned(), (*pointer).to_owned())))
        .collect();
    assert_eq!(found, expected);
    ledger_balances(&pipeline).await.unwrap();
}
