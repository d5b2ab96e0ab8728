use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_nats::{Delivery, Headers, Stored, page};
use kansoku_schemas::{Catalogue, Dataset, GenrePage, PageMeta, Position, RunId, SnapshotPage};
use proptest::prelude::*;
use serde_json::{Value, json};
use tracing::Span;

use super::*;

mod history;

const EPOCH: u64 = 1_764_000_000_000;
const SEQ: u64 = 41;

fn validator() -> Validator {
    let by = ServiceInstance { service: "validator", version: "0.1.0", instance: "host-1".to_owned() };
    Validator { judge: Judge::embedded(), by }
}

fn noon() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn meta(dataset: Dataset) -> PageMeta {
    PageMeta {
        catalogue: Catalogue::Mal,
        source: "https://api.tenrai.org/v1".to_owned(),
        run: RunId::scheduled("https://api.tenrai.org/v1", &dataset, noon()),
        dataset,
        page: 3,
        pages: Some(4),
        captured_at: noon(),
        url: Some("https://api.tenrai.org/v1/top/anime?page=3".to_owned()),
        status: Some(200),
    }
}

/// A row with its own way of writing: what is rejected has to keep it.
fn row(mal_id: u32, score: &str) -> String {
    format!(
        r#"{{ "mal_id":{mal_id},"url":"https://example.org/{mal_id}", "title":"Kaze no \u3042", "title_synonyms":[],
        "airing":false,"aired":{{}},"members":10,"favorites":1,"producers":[],"licensors":[],"studios":[],"genres":[],
        "explicit_genres":[],"themes":[],"demographics":[],"score": {score} }}"#
    )
}

fn body(rows: &[String]) -> String {
    format!(r#"{{"pagination":{{"items":{{"per_page":10}}}}, "data" : [{}]}}"#, rows.join(" , "))
}

fn delivery(meta: &PageMeta, body: impl Into<Bytes>) -> Delivery {
    let mut message = page::raw(meta, body.into());
    message.headers.insert("Nats-Msg-Id", message.id);
    message.headers.insert("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let stored = Stored {
        subject: message.subject,
        seq: SEQ,
        time: noon(),
        headers: message.headers,
        body: message.body,
    };
    Delivery { stored, deliveries: 1, span: Span::none() }
}

fn replay(meta: &PageMeta, body: impl Into<Bytes>, headers: &[(&str, &str)]) -> Delivery {
    let mut delivery = delivery(meta, body);
    headers.iter().for_each(|(name, value)| delivery.stored.headers.insert(*name, *value));
    delivery
}

fn decide(delivery: &Delivery) -> Decision {
    validator().decide(&RawPage { delivery, epoch: EPOCH, now: noon() + TimeDelta::seconds(1) })
}

fn judged(delivery: &Delivery) -> (Vec<Outgoing>, Outgoing, Accounts) {
    let Decision { verdict, counts } = decide(delivery);
    match verdict {
        Verdict::Publish { dead, result } => (dead, *result, counts),
        other => panic!("not judged: {other:?}"),
    }
}

fn rejected(delivery: &Delivery) -> (Outgoing, String) {
    match decide(delivery).verdict {
        Verdict::Reject(letter, reason) => (*letter, reason),
        other => panic!("not rejected: {other:?}"),
    }
}

fn header<'a>(message: &'a Outgoing, name: &str) -> &'a str {
    message.headers.get(name).unwrap_or_else(|| panic!("{name} is missing in {:?}", message.headers))
}

#[test]
fn bad_rows_die_alone_with_their_own_bytes() {
    let bad = row(2, "\"\\u4e5d\"");
    let rows = [row(1, "8.5"), bad.clone(), row(3, "0"), row(4, "[]")];
    let delivery = delivery(&meta(Dataset::TopScore), body(&rows));
    let (dead, valid, counts) = judged(&delivery);
    assert_eq!((counts.accepted, counts.dead), (2, 2));
    assert_eq!(dead[0].body, bad.as_bytes());
    assert_eq!(dead[1].body, rows[3].as_bytes());
    assert_ne!(dead[0].id, dead[1].id);
    let run = meta(Dataset::TopScore).run;
    let judge = Judge::embedded().hash().to_owned();
    assert_eq!(dead[0].subject, "dlq.validate.schema.top.score");
    assert_eq!(dead[0].id, format!("{run}:3:1:validate:{EPOCH}-{SEQ}:0:{judge}"));
    for (name, value) in [
        ("Dlq-Row", "1"),
        ("Dlq-Root", &*format!("{run}:3:1:validate")),
        ("Dlq-Stage", "validate"),
        ("Dlq-Reason", "schema"),
        ("Dlq-Pointer", "/score"),
        ("Dlq-Schema", "anime.v1"),
        ("Dlq-Stream", "RAW"),
        ("Dlq-Seq", "41"),
        ("Dlq-Consumer", "validator"),
        ("Dlq-Service", "validator/0.1.0/host-1"),
        ("Kansoku-Raw-Epoch", "1764000000000"),
        ("Kansoku-Row", "1"),
        ("Kansoku-Position", "21"),
        ("Kansoku-Limit", "10"),
    ] {
        assert_eq!(header(&dead[0], name), value, "{name}");
    }
    for (name, value) in delivery.stored.headers.iter().filter(|(name, _)| !name.starts_with("Nats-")) {
        assert_eq!(header(&dead[0], name), value, "{name} of the page");
    }

    assert_eq!(valid.subject, "valid.top.score");
    assert_eq!(valid.id, format!("raw:{EPOCH}:{SEQ}:{judge}"));
    let contract: SnapshotPage = serde_json::from_slice(&valid.body).unwrap();
    assert_eq!(contract.meta, meta(Dataset::TopScore));
    assert_eq!(contract.raw, Position { epoch: EPOCH, seq: SEQ });
    assert_eq!(contract.trace_id.as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
    assert_eq!((contract.stored_at, contract.judged_at), (noon(), noon() + TimeDelta::seconds(1)));
    let places: Vec<_> =
        contract.rows.iter().map(|row| (row.index, row.position, row.anime.mal_id)).collect();
    assert_eq!(places, [(0, 20, 1), (2, 22, 3)], "position = (page - 1) * limit + index");
    assert_eq!((contract.accounts.received, contract.accounts.accepted, contract.accounts.dead), (4, 2, 2));
    assert_eq!(contract.accounts.drift["score_zero"], 1);
    assert_eq!(contract.rows[1].anime.score, None);
    assert_eq!(valid.headers.get("traceparent"), None, "it gets that of its own publication");
}

#[test]
fn a_page_without_a_row_left_is_published_all_the_same() {
    let (dead, valid, _) = judged(&delivery(&meta(Dataset::TopScore), body(&[row(1, "99")])));
    assert_eq!(dead.len(), 1);
    let contract: SnapshotPage = serde_json::from_slice(&valid.body).unwrap();
    assert!(contract.rows.is_empty());
    assert_eq!(contract.accounts.received, 1);
    let (dead, valid, _) = judged(&delivery(&meta(Dataset::TopScore), r#"{"data":[]}"#));
    assert!(dead.is_empty());
    assert_eq!(serde_json::from_slice::<SnapshotPage>(&valid.body).unwrap().accounts.received, 0);
}

#[test]
fn genres_have_a_contract_of_their_own() {
    let body =
        r#"{"data":[{"mal_id":1,"name":"Action","url":"https://example.org/1","count":5},{"mal_id":2}]}"#;
    let (dead, valid, _) = judged(&delivery(&meta(Dataset::Genres), body));
    assert_eq!(dead[0].body, r#"{"mal_id":2}"#);
    assert_eq!(valid.subject, "valid.genres");
    let contract: GenrePage = serde_json::from_slice(&valid.body).unwrap();
    assert_eq!((contract.contract.as_str(), contract.rows[0].name.as_str()), ("genre-page.v1", "Action"));
}

#[test]
fn a_bad_page_dies_as_a_whole_with_its_reason() {
    let error = r#"{"status":404,"type":"BadResponseException","message":"Resource does not exist"}"#;
    for (body, reason) in [
        ("<html>", "not_json"),
        ("", "not_json"),
        (r#"{"data":[{"mal_id":1"#, "not_json"),
        (r#"{"rows":[]}"#, "envelope"),
        ("[]", "envelope"),
        (error, "upstream_error"),
    ] {
        let (letter, words) = rejected(&delivery(&meta(Dataset::TopScore), body));
        assert_eq!(letter.subject, format!("dlq.validate.{reason}.top.score"), "{body}");
        assert_eq!(letter.body, body);
        assert_eq!(header(&letter, "Dlq-Row"), "page");
        assert_eq!(header(&letter, "Dlq-Root"), format!("{}:3:page:validate", meta(Dataset::TopScore).run));
        assert!(words.starts_with(reason) && words.len() <= MAX_REASON, "{words}");
    }
}

#[test]
fn nothing_is_captured_in_the_future() {
    let within = PageMeta { captured_at: noon() + TimeDelta::minutes(5), ..meta(Dataset::TopScore) };
    judged(&delivery(&within, body(&[])));
    let beyond = PageMeta { captured_at: noon() + TimeDelta::milliseconds(300_001), ..within };
    let (letter, _) = rejected(&delivery(&beyond, body(&[])));
    assert_eq!(header(&letter, "Dlq-Reason"), "envelope");
    assert!(header(&letter, "Dlq-Error").contains("more than 5 minutes after it was stored"));
}

#[test]
fn a_page_that_does_not_say_what_it_is_is_dead_under_a_name_that_stays() {
    let mut bare = delivery(&meta(Dataset::TopScore), body(&[]));
    bare.stored.headers = Headers::new();
    let (letter, _) = rejected(&bare);
    assert_eq!(letter.subject, "dlq.validate.envelope.top.score");
    assert_eq!(rejected(&bare).0.id, letter.id);
    assert!(header(&letter, "Dlq-Error").contains("is missing"));
    let mut other = bare.clone();
    other.stored.body = Bytes::from_static(b"other");
    assert_ne!(rejected(&other).0.id, letter.id);

    let mut elsewhere = delivery(&meta(Dataset::TopScore), body(&[]));
    elsewhere.stored.subject = "raw.top.members".to_owned();
    let (letter, words) = rejected(&elsewhere);
    assert_eq!(letter.subject, "dlq.validate.envelope.top.members");
    assert!(words.contains("ce-subject says top.score"), "{words}");
    let zeroth = PageMeta { page: 0, ..meta(Dataset::TopScore) };
    assert!(rejected(&delivery(&zeroth, body(&[]))).1.contains("pages count from 1"));
}

#[test]
fn a_replayed_row_comes_back_to_its_place() {
    let meta = meta(Dataset::TopScore);
    let root = format!("{}:3:7:load", meta.run);
    let headers = [
        ("Kansoku-Row", "7"),
        ("Kansoku-Position", "57"),
        ("Dlq-Root", &*root),
        ("Dlq-Parent", "p"),
        ("Dlq-Replays", "2"),
    ];
    let wrap = |row: &str| format!(r#"{{"data":[{row}]}}"#);
    let (dead, valid, _) = judged(&replay(&meta, wrap(&row(1, "8")), &headers));
    assert!(dead.is_empty());
    let contract: SnapshotPage = serde_json::from_slice(&valid.body).unwrap();
    assert_eq!((contract.accounts.received, contract.accounts.accepted), (0, 1));
    assert_eq!((contract.rows[0].index, contract.rows[0].position), (7, 57));
    assert_eq!(contract.replay.unwrap().root.to_string(), root);

    let bad = row(1, "\"x\"");
    let (dead, valid, _) = judged(&replay(&meta, wrap(&bad), &headers));
    assert_eq!(dead[0].body, bad.as_bytes());
    assert_eq!(dead[0].subject, "dlq.validate.schema.top.score", "our stage, whatever the root's");
    assert_eq!(dead[0].id, format!("{root}:{EPOCH}-{SEQ}:2:{}", Judge::embedded().hash()));
    for (name, value) in
        [("Dlq-Root", &*root), ("Dlq-Parent", "p"), ("Dlq-Row", "7"), ("Dlq-Stage", "validate")]
    {
        assert_eq!(header(&dead[0], name), value, "{name}");
    }
    let contract: SnapshotPage = serde_json::from_slice(&valid.body).unwrap();
    assert_eq!((contract.accounts.received, contract.rows.len()), (0, 0));

    let (letter, _) = rejected(&replay(&meta, wrap("{\"mal_id\":"), &headers));
    assert_eq!(letter.body, "{\"mal_id\":", "what the next replay wraps again");
    assert_eq!(header(&letter, "Dlq-Root"), root);
}

#[test]
fn rows_of_a_replayed_page_start_roots_of_their_own() {
    let meta = meta(Dataset::TopScore);
    let root = format!("{}:3:page:validate", meta.run);
    let headers = [("Dlq-Root", &*root), ("Dlq-Replays", "1")];
    let (dead, valid, _) = judged(&replay(&meta, body(&[row(1, "8"), row(2, "99")]), &headers));
    assert_eq!(header(&dead[0], "Dlq-Root"), format!("{}:3:1:validate", meta.run));
    assert_eq!(header(&dead[0], "Dlq-Replays"), "0");
    let contract: SnapshotPage = serde_json::from_slice(&valid.body).unwrap();
    assert_eq!((contract.accounts.received, contract.replay.unwrap().row), (2, None));
    let (letter, _) = rejected(&replay(&meta, "<html>", &headers));
    assert_eq!(letter.id, format!("{root}:{EPOCH}-{SEQ}:1:{}", Judge::embedded().hash()));
}

#[test]
fn a_replay_that_contradicts_itself_is_refused() {
    let meta = meta(Dataset::TopScore);
    let root = |page: u32, row: &str| format!("{}:{page}:{row}:validate", meta.run);
    let one = format!(r#"{{"data":[{}]}}"#, row(1, "8"));
    let (own, other, whole) = (root(3, "7"), root(4, "7"), root(3, "page"));
    let complete = [("Kansoku-Row", "7"), ("Kansoku-Position", "57"), ("Dlq-Root", &*own)];
    judged(&replay(&meta, one.clone(), &complete));
    for (headers, words) in [
        (&complete[..1], "without Dlq-Root"),
        (&[complete[0], complete[2]][..], "has no header Kansoku-Position"),
        (&[complete[2]][..], "has no header Kansoku-Row"),
        (&[complete[0], complete[1], ("Dlq-Root", &*other)][..], "names"),
        (&[complete[0], complete[1], ("Dlq-Root", &*whole)][..], "names"),
        (&[("Dlq-Root", "nonsense")][..], "the header Dlq-Root holds"),
    ] {
        let reason = rejected(&replay(&meta, one.clone(), headers)).1;
        assert!(reason.contains(words), "{reason}");
    }
    let two = format!(r#"{{"data":[{},{}]}}"#, row(1, "8"), row(2, "8"));
    assert!(rejected(&replay(&meta, two, &complete)).1.contains("holds 2 rows"));
}

#[test]
fn a_page_of_countless_rows_is_one_letter() {
    let body = format!(r#"{{"data":[{}]}}"#, vec!["1"; 100_000].join(","));
    let (letter, reason) = rejected(&delivery(&meta(Dataset::TopScore), body.clone()));
    assert_eq!(letter.subject, "dlq.validate.too_large.top.score");
    assert!(reason.contains("100000 rows, where 5000 are the most"), "{reason}");
    assert_eq!(letter.body, body);
}

#[test]
fn a_contract_over_the_limit_is_refused_as_too_large() {
    // A genre's row in the contract is longer than upstream's by its index: this page grows over 1 MiB.
    let name = "n".repeat(160);
    let row = |id: usize| format!(r#"{{"mal_id":{id},"name":"{name}","url":"u","count":1}}"#);
    let rows: Vec<_> = (1..5_000).map(row).collect();
    let body = format!(r#"{{"data":[{}]}}"#, rows.join(","));
    assert!(body.len() < (1 << 20) - 4_096);
    let (letter, _) = rejected(&delivery(&meta(Dataset::Genres), body.clone()));
    assert_eq!(letter.subject, "dlq.validate.too_large.genres");
    assert_eq!(letter.body, body);
    assert!(letter.size() <= subject::limit(&letter.subject));
}

#[test]
fn a_replay_with_a_parent_that_no_stream_takes_is_rejected() {
    let meta = meta(Dataset::SeasonUpcoming);
    let root = format!("{}:3:7:validate", meta.run);
    let parent = "フ".repeat(11_000);
    let headers =
        [("Kansoku-Row", "7"), ("Kansoku-Position", "57"), ("Dlq-Root", &*root), ("Dlq-Parent", &parent)];
    let (letter, reason) = rejected(&replay(&meta, format!(r#"{{"data":[{}]}}"#, row(1, "8")), &headers));
    assert_eq!(letter.subject, "dlq.validate.too_large.season.upcoming");
    assert!(reason.contains("headers of 6"), "{reason}");
    letter.check_size().unwrap();
    assert_eq!(header(&letter, "Dlq-Left-Out"), "Dlq-Parent");
}

#[test]
fn two_bodies_of_one_page_are_two_letters_under_one_root() {
    let page = body(&[row(1, "8"), row(2, "99")]);
    let first = delivery(&meta(Dataset::TopScore), page.clone());
    let mut second = delivery(&meta(Dataset::TopScore), page);
    second.stored.seq += 1;
    let [first, second] = [first, second].map(|delivery| judged(&delivery).0.remove(0));
    assert_eq!(header(&first, "Dlq-Root"), header(&second, "Dlq-Root"));
    assert_ne!(first.id, second.id);
}

static VALIDATOR: LazyLock<Validator> = LazyLock::new(validator);

/// A header that a person may have set to anything, and what they may have set it to.
fn foreign() -> impl Strategy<Value = (String, String)> {
    const NAMES: [&str; 12] = [
        "Dlq-Parent",
        "Dlq-Replays",
        "Dlq-Anything",
        "Kansoku-Url",
        "Kansoku-Pages",
        "Kansoku-Anything",
        "ce-source",
        "ce-time",
        "ce-anything",
        "traceparent",
        "Nats-Msg-Id",
        "Anything",
    ];
    let name = prop_oneof![
        prop::sample::select(&NAMES[..]).prop_map(str::to_owned),
        (1usize..20_000).prop_map(|length| "X".repeat(length)),
    ];
    let text = prop::sample::select(&["a", "フ", "\\u", "\u{7f}", " ", "%", "𠮷"][..]);
    (name, text, 0usize..20_000).prop_map(|(name, text, count)| (name, text.repeat(count)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn all_that_is_decided_can_be_published(
        headers in prop::collection::vec(foreign(), 0..6),
        is_replay: bool,
        body in prop_oneof![
            Just(format!(r#"{{"data":[{}]}}"#, row(1, "8"))),
            Just(body(&[row(1, "8"), row(2, "99")])),
            Just(format!(r#"{{"data":["{}"]}}"#, "x".repeat((1 << 20) - 100_000))),
            ".{0,40}",
        ],
    ) {
        let meta = meta(Dataset::TopScore);
        let mut delivery = delivery(&meta, body);
        let set = &mut delivery.stored.headers;
        if is_replay {
            let root = format!("{}:3:7:validate", meta.run);
            set.extend([("Kansoku-Row", "7"), ("Kansoku-Position", "57"), ("Dlq-Root", &*root)]);
        }
        set.extend(headers);
        let page = RawPage { delivery: &delivery, epoch: EPOCH, now: noon() };
        let messages = match VALIDATOR.decide(&page).verdict {
            Verdict::Publish { mut dead, result } => {
                dead.push(*result);
                dead
            }
            Verdict::Reject(letter, _) => vec![*letter],
            Verdict::Done => Vec::new(),
        };
        prop_assert!(!messages.is_empty());
        for message in messages {
            prop_assert!(message.check_size().is_ok(), "{:?}", message.check_size());
            let wire = message.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
            prop_assert!(wire < 60 << 10);
        }
    }
}

#[test]
fn a_page_that_was_delivered_too_often_is_dead_as_it_is() {
    let delivery = delivery(&meta(Dataset::TopScore), "whatever");
    let page = RawPage { delivery: &delivery, epoch: EPOCH, now: noon() };
    let letter = validator().give_up(&page, &GiveUp::MaxDeliveries { deliveries: 6, most: 5 });
    assert_eq!(letter.subject, "dlq.validate.max_deliveries.top.score");
    assert_eq!(letter.body, "whatever");
    assert_eq!(header(&letter, "Dlq-Class"), "poison");
}

#[test]
fn the_contracts_hold_what_their_schemas_say() {
    let schema = |name: &str| -> Value {
        let path = format!("{}/../schemas/json/{name}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let genre = json!({"data": [{"mal_id": 1, "name": "Action", "url": "u", "count": 5}]}).to_string();
    for (dataset, body, name) in [
        (Dataset::TopScore, body(&[row(1, "8.5"), row(2, "99")]), "snapshot-page.v1"),
        (Dataset::Genres, genre, "genre-page.v1"),
        (Dataset::History, body(&[history::row("1", r#""score":8,"title":"A""#)]), "history-page.v1"),
    ] {
        let (_, valid, _) = judged(&delivery(&meta(dataset), body));
        let contract: Value = serde_json::from_slice(&valid.body).unwrap();
        let validator = jsonschema::validator_for(&schema(name)).unwrap();
        let faults: Vec<_> = validator.iter_errors(&contract).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
    }
}
