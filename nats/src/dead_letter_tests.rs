//! The whole set of headers, and the limits of what is written into them.

use kansoku_schemas::Stage;
use proptest::prelude::*;

use super::*;
use crate::page::tests::example;

fn dead_letter(cause: &Cause) -> Outgoing {
    letter_of(cause, Some(7), 0, 41, &[])
}

/// Of a row, or of the page; at the attempt; of the message of RAW; with more headers.
fn letter_of(cause: &Cause, row: Option<u32>, attempt: u32, seq: u64, more: &[(&str, &str)]) -> Outgoing {
    let meta = example();
    let mut headers = page::raw(&meta, Bytes::new()).headers;
    headers.extend(more.iter().copied());
    headers.extend([("Nats-Msg-Id", "orig"), ("Nats-Batch-Id", "b"), ("traceparent", "00-a-b-01")]);
    let at = meta.captured_at;
    let origin = Origin {
        stream: "RAW",
        consumer: "validator",
        seq,
        subject: "raw.top.score".to_owned(),
        deliveries: 1,
        first_at: at,
    };
    let root = Root { run: meta.run, page: 2, row, stage: Stage::Validate };
    let by = ServiceInstance { service: "validator", version: "0.1.0", instance: "host-1".to_owned() };
    DeadLetter {
        headers: &headers,
        origin: Some(origin),
        root,
        stage: Stage::Validate,
        parent: None,
        attempt,
        raw: Some(Position { epoch: 9, seq }),
        judge: "judge",
        dataset: "top.score",
        cause,
        body: Bytes::from_static(b"{\"mal_id\":1}"),
        by: &by,
        at,
    }
    .build()
}

fn schema_cause() -> Cause {
    let path = |text: &str| text.to_owned();
    let error = Violation {
        instance_path: path("/score"),
        schema_path: path("/properties/score/type"),
        keyword: path("type"),
        message: path("\"九\" is not of types \"null\", \"number\""),
    };
    Cause {
        reason: Reason::Schema,
        pointer: "/score".to_owned(),
        message: "\"九\" is not of types \"null\", \"number\"".to_owned(),
        errors: vec![error],
        schema: Some("anime.v1".to_owned()),
        schema_hash: Some("abc".to_owned()),
    }
}

#[test]
fn a_letter_carries_the_whole_set() {
    let dead_letter = dead_letter(&schema_cause());
    assert_eq!(dead_letter.subject, "dlq.validate.schema.top.score");
    let run = example().run;
    assert_eq!(dead_letter.id, format!("{run}:2:7:validate:9-41:0:judge"));
    let get = |name: &str| dead_letter.headers.get(name).unwrap_or_else(|| panic!("{name} is missing"));
    let expected = [
        ("Dlq-Id", dead_letter.id.as_str()),
        ("Dlq-Row", "7"),
        ("Dlq-Stage", "validate"),
        ("Dlq-Reason", "schema"),
        ("Dlq-Class", "permanent"),
        ("Dlq-Pointer", "/score"),
        ("Dlq-Schema", "anime.v1"),
        ("Dlq-Schema-Hash", "abc"),
        ("Dlq-Stream", "RAW"),
        ("Dlq-Seq", "41"),
        ("Dlq-Subject", "raw.top.score"),
        ("Dlq-Orig-Msg-Id", "orig"),
        ("Dlq-Consumer", "validator"),
        ("Dlq-Deliveries", "1"),
        ("Dlq-Service", "validator/0.1.0/host-1"),
        ("Dlq-Replays", "0"),
        ("Dlq-Judge", "judge"),
        ("Kansoku-Raw-Epoch", "9"),
        ("Kansoku-Raw-Seq", "41"),
        ("traceparent", "00-a-b-01"),
    ];
    for (name, value) in expected {
        assert_eq!(get(name), value, "{name}");
    }
    for name in ["Dlq-Error", "Dlq-First-At", "Dlq-At", "Dlq-Root"] {
        get(name);
    }
    let errors: serde_json::Value = serde_json::from_str(get("Dlq-Errors")).unwrap();
    assert_eq!(errors[0]["instance_path"], "/score");
    assert!(dead_letter.headers.iter().all(|(name, _)| !name.starts_with("Nats-")));
    assert_eq!(page::meta(&dead_letter.headers).unwrap(), example(), "all original headers");
}

#[test]
fn an_id_names_place_message_attempt_and_judge() {
    let cause = schema_cause();
    let id = |row, attempt, seq| letter_of(&cause, row, attempt, seq, &[]).id;
    let run = "ccded86a-1938-5ec5-bee7-8e589dea6f7e";
    assert_eq!(id(Some(7), 0, 41), format!("{run}:2:7:validate:9-41:0:judge"));
    assert_eq!(id(Some(7), 0, 42), format!("{run}:2:7:validate:9-42:0:judge"), "another body of the page");
    assert_eq!(id(None, 0, 41), format!("{run}:2:page:validate:9-41:0:judge"));
    assert_eq!(id(Some(7), 2, 43), format!("{run}:2:7:validate:9-43:2:judge"), "its second replay");
}

#[test]
fn headers_of_others_never_make_a_letter_too_large() {
    let (long, url) = ("x".repeat(50_000), "フ".repeat(4_000));
    let more =
        [("Nats-Msg-Id", &*long), ("A", &long), ("Dlq-Parent", &long), ("Kansoku-Url", &url), ("B", "b")];
    let cause = Cause { pointer: long.clone(), message: long.clone(), ..schema_cause() };
    let dead_letter = letter_of(&cause, Some(7), 0, 41, &more);
    assert!(
        dead_letter.header_size() <= subject::header_limit(&dead_letter.subject),
        "{}",
        dead_letter.header_size()
    );
    assert_eq!(dead_letter.headers.get("Dlq-Left-Out"), Some("Dlq-Parent A"));
    assert_eq!(dead_letter.headers.get("B"), Some("b"));
}

#[test]
fn long_words_are_cut_to_what_the_wire_allows() {
    let cause = Cause::plain(Reason::Schema, "フ\\u".repeat(1_000));
    let dead_letter = dead_letter(&cause);
    let words = dead_letter.headers.get("Dlq-Error").unwrap();
    assert!(words.ends_with(" ..."));
    assert!((1_900..=MAX_WORDS).contains(&escape(words).len()), "{}", escape(words).len());
}

#[test]
fn too_many_faults_leave_out_the_last() {
    let mut cause = schema_cause();
    cause.errors = vec![cause.errors[0].clone(); 500];
    let dead_letter = dead_letter(&cause);
    let errors = dead_letter.headers.get("Dlq-Errors").unwrap();
    assert!(errors.len() <= MAX_ERRORS);
    assert!(serde_json::from_str::<Vec<serde_json::Value>>(errors).unwrap().len() > 50);
}

proptest! {
    #[test]
    fn no_words_are_longer_than_allowed(text in any::<String>(), most in 10usize..80) {
        let cut = shortened(&text, most);
        prop_assert!(escape(&cut).len() <= most);
    }
}
