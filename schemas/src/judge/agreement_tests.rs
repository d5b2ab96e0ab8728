//! Parser and validator of the judge agree with `serde_json` and with `jsonschema` over its values, on whatever bytes.

use std::{fs, path::PathBuf, sync::LazyLock};

use proptest::{prelude::*, sample::Index};
use serde_json::Value;

use super::{Judge, document::Document};
use crate::Dataset;

static JUDGE: LazyLock<Judge> = LazyLock::new(Judge::embedded);

/// Holds the judge against the slow path, and each verdict against the schema over `serde_json::Value`.
fn assert_agree(dataset: &Dataset, body: &[u8]) {
    let judge = &*JUDGE;
    let told = || String::from_utf8_lossy(body);
    let page = serde_json::from_slice::<Value>(body);
    if let Some(document) = Document::parse(body) {
        let parsed = page.as_ref().unwrap_or_else(|error| panic!("{error} in {}", told()));
        assert_eq!(document.root().to_value(), *parsed, "{}", told());
    }
    let verdict = judge.page(dataset, body);
    assert_eq!(verdict, judge.lenient(dataset, body), "{}", told());
    let (Ok(verdict), Ok(page)) = (verdict, page) else { return };
    let rows = match &page["data"] {
        Value::Array(rows) => rows.as_slice(),
        row => std::slice::from_ref(row),
    };
    let schema = judge.schema(dataset.row_kind());
    for (index, row) in (0..).zip(rows) {
        let rejected = verdict.rejected.iter().find(|rejected| rejected.index == index);
        let violations = rejected.map(|rejected| {
            let rejection = &rejected.rejection;
            let slice: Value = serde_json::from_slice(&body[rejection.bytes.clone()]).unwrap();
            assert_eq!(slice, *row, "{}", told());
            (rejection.pointer.clone(), rejection.message.clone(), rejection.errors.clone())
        });
        assert_eq!(violations, schema.explain(&without_negative_zero(row)), "row {index} of {}", told());
    }
}

/// The judge's parser drops the sign of zero, which a message may show and nothing else.
fn without_negative_zero(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.as_f64() == Some(0.0) && number.is_f64() => 0.0.into(),
        Value::Array(items) => items.iter().map(without_negative_zero).collect(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), without_negative_zero(value))).collect()
        }
        other => other.clone(),
    }
}

/// Bodies of the examples, with their dataset.
fn examples() -> Vec<(Dataset, Vec<u8>)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"));
    let files = ["valid", "invalid"].map(|kind| fs::read_dir(folder.join(kind)).unwrap());
    let read = |file: fs::DirEntry| {
        let example: Value = serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap();
        let body = example["text"].as_str().map_or_else(|| example["body"].to_string(), str::to_owned);
        (example["dataset"].as_str().unwrap().parse().unwrap(), body.into_bytes())
    };
    files.into_iter().flatten().map(|file| read(file.unwrap())).collect()
}

#[test]
fn agree_on_every_example() {
    let examples = examples();
    assert!(examples.len() > 40);
    for (dataset, body) in examples {
        assert_agree(&dataset, &body);
    }
}

#[test]
fn agree_on_every_recorded_payload() {
    let shared = std::env::var_os("KANSOKU_SHARED").map(PathBuf::from);
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared"));
    let folder = shared.unwrap_or_else(beside).join("data/jikan");
    let Ok(files) = fs::read_dir(&folder) else {
        println!("SKIPPED: no recorded payloads at {}", folder.display());
        return;
    };
    let mut bodies = 0;
    for file in files {
        let body = fs::read(file.unwrap().path()).unwrap();
        for dataset in [Dataset::TopScore, Dataset::Genres] {
            assert_agree(&dataset, &body);
        }
        bodies += 1;
    }
    assert!(bodies > 100, "{bodies} payloads");
}

/// Values that parsers like to differ on.
const ODD: [&str; 34] = [
    "0",
    "-0",
    "-0.0",
    "0.001",
    "0.0049999",
    "0.005",
    "12.0",
    "1E2",
    "1e-400",
    "1e400",
    "-1e400",
    "1e4294967296",
    "2147483648",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "0.1e1",
    "01",
    "+1",
    "1.",
    ".5",
    "NaN",
    "Infinity",
    "null",
    "true",
    "[]",
    "{}",
    r#""""#,
    r#""\u0000""#,
    r#""\ud800""#,
    r#""\ud83d\ude00\/\u3042""#,
    r#""\ud800\u0041""#,
    r#"{"a":1,"a":2}"#,
];

#[test]
fn agree_on_odd_values() {
    let row = |key: &str, value: &str| {
        let own = |other: &str, value: &'static str| if other == key { "" } else { value }.to_owned();
        let fields = [
            own("mal_id", r#""mal_id":1,"#),
            own("url", r#""url":"https:\/\/example.org\/1","#),
            own("title", r#""title":"t","#),
            own("members", r#""members":10,"#),
            own("aired", r#""aired":{},"#),
            own("genres", r#""genres":[],"#),
        ];
        format!(
            r#"{{{}"title_synonyms":[],"airing":false,"favorites":1,"producers":[],"licensors":[],"studios":[],
            "explicit_genres":[],"themes":[],"demographics":[],{key:?}:{value}}}"#,
            fields.concat()
        )
    };
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let odd = ODD.into_iter().map(str::to_owned).chain([1, 123, 124, 125, 126, 127, 128, 600].map(deep));
    for value in odd {
        for key in ["mal_id", "title", "members", "score", "aired", "genres", "mood", "season", "rank"] {
            for body in [
                format!(r#"{{"data":[{},{}]}}"#, row(key, &value), row("score", "8.5")),
                format!(r#"{{"data":{},"pagination":{value}}}"#, row("mood", "1")),
            ] {
                assert_agree(&Dataset::TopScore, body.as_bytes());
            }
        }
    }
}

#[test]
fn agree_on_the_words_for_keys_in_any_order() {
    let row = r#"{"mal_id":1,"title":"t","captured_at":"2026-02-15T00:09:43Z","members":1,"z":0,"a":0}"#;
    assert_agree(&"history".parse().unwrap(), format!(r#"{{"data":[{row}]}}"#).as_bytes());
}

#[test]
fn agree_on_bodies_that_are_hard_to_parse() {
    let million = 1 << 20;
    let nested = "{\"a\":".repeat(million / 5);
    for body in [
        "[".repeat(million),
        nested,
        format!("{{\"data\":[{}]}}", "[".repeat(million)),
        "9".repeat(million),
        format!("{{\"data\":[{{\"title\":\"{}\"}}]}}", "\\u0041".repeat(million / 6)),
        " ".repeat(million),
        format!("{{\"data\":[{}1]}}", "1,".repeat(4_000)),
        "\u{feff}{\"data\":[]}".to_owned(),
        "{\"data\":[]}x".to_owned(),
    ] {
        assert_agree(&Dataset::TopScore, body.as_bytes());
    }
    for body in [
        &b"{\"data\":[\"\xff\"]}"[..],
        b"{\"data\":[],\"\xc3\":1}",
        b"\xff",
        b"{\"data\":[\"\xed\xa0\x80\"]}",
        b"{\"data\":[\"\x01\"]}",
    ] {
        assert_agree(&Dataset::TopScore, body);
    }
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(ODD.to_vec()).prop_map(|odd| odd.as_bytes().to_vec());
    let syntax = prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud8", "e", "-", " ", "\n",
    ])
    .prop_map(|odd| odd.as_bytes().to_vec());
    prop_oneof![piece, syntax, any::<u8>().prop_map(|byte| vec![byte])]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn agree_on_damaged_examples(
        example: Index,
        edits in prop::collection::vec((any::<Index>(), 0usize..8, bytes()), 0..4),
    ) {
        let examples = examples();
        let (dataset, mut body) = examples[example.index(examples.len())].clone();
        for (at, removed, inserted) in edits {
            let at = at.index(body.len() + 1);
            let end = (at + removed).min(body.len());
            body.splice(at..end, inserted);
        }
        assert_agree(&dataset, &body);
    }
}
