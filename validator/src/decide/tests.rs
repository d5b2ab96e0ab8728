use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_nats::{Delivery, Headers, Stored, page};
use kansoku_schemas::{Catalogue, Dataset, Page, PageMeta, Position, Rows, RunId, SnapshotRow};
use proptest::prelude::*;
use serde_json::{Value, json};
use tracing::Span;

use super::*;

mod history;

const EPOCH: u64 = 1_764_000_000_000;
const SEQ: u64 = 41;

fn validator() -> Validator {
    let by = ServiceInstance { service: "validator", version: "0.1.0", instance: "host-1".to_owned() };
    Validator { judge: Judge::embedded().into(), by: by.into() }
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

fn judged(delivery: &Delivery) -> (Vec<Outgoing>, Outgoing, PageCounts) {
    let Decision { verdict, counts } = decide(delivery);
    match verdict {
        Verdict::Publish { dead, result } => (dead, *result, counts),
        other => panic!("not judged: {other:?}"),
    }
}

fn rejected(delivery: &Delivery) -> (Outgoing, String) {
    match decide(delivery).verdict {
        Verdict::Reject(dead_letter, reason) => (*dead_letter, reason),
        other => panic!("not rejected: {other:?}"),
    }
}

/// The judged page in a message for VALID.
fn page_in(valid: &Outgoing) -> Page {
    let Outgoing { subject, headers, body, .. } = valid.clone();
    page::judged(&Stored { subject, seq: 1, time: noon(), headers, body }).unwrap()
}

fn titles(page: &Page) -> &[SnapshotRow] {
    let Rows::Anime(rows) = &page.body.rows else { panic!("not titles: {page:?}") };
    rows
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
    let page = page_in(&valid);
    assert_eq!((&page.meta, &page.judge), (&meta(Dataset::TopScore), &judge));
    assert_eq!(page.raw, Position { epoch: EPOCH, seq: SEQ });
    assert_eq!(page.body.trace_id.as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
    assert_eq!((page.body.stored_at, page.body.judged_at), (noon(), noon() + TimeDelta::seconds(1)));
    let rows = titles(&page);
    let places: Vec<_> = rows.iter().map(|row| (row.index, row.position, row.anime.mal_id)).collect();
    assert_eq!(places, [(0, 20, 1), (2, 22, 3)], "position = (page - 1) * limit + index");
    let drift = [("score_zero".to_owned(), 1)].into();
    assert_eq!(page.body.counts, PageCounts { received: 4, accepted: 2, dead: 2, drift });
    assert_eq!(rows[1].anime.score, None);
    assert_eq!(valid.headers.get("traceparent"), None, "it gets that of its own publication");
}

#[test]
fn a_page_without_a_row_left_is_published_all_the_same() {
    let (dead, valid, _) = judged(&delivery(&meta(Dataset::TopScore), body(&[row(1, "99")])));
    assert_eq!(dead.len(), 1);
    let page = page_in(&valid);
    assert_eq!((page.body.rows.len(), page.body.counts.received), (0, 1));
    let (dead, valid, _) = judged(&delivery(&meta(Dataset::TopScore), r#"{"data":[]}"#));
    assert!(dead.is_empty());
    assert_eq!(page_in(&valid).body.counts.received, 0);
}

#[test]
fn genres_have_a_contract_of_their_own() {
    let body =
        r#"{"data":[{"mal_id":1,"name":"Action","url":"https://example.org/1","count":5},{"mal_id":2}]}"#;
    let (dead, valid, _) = judged(&delivery(&meta(Dataset::Genres), body));
    assert_eq!(dead[0].body, r#"{"mal_id":2}"#);
    assert_eq!(valid.subject, "valid.genres");
    let page = page_in(&valid);
    let Rows::Genres(rows) = &page.body.rows else { panic!("not genres: {page:?}") };
    assert_eq!((page.body.contract.as_str(), rows[0].name.as_str()), ("genre-page.v2", "Action"));
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
        let (dead_letter, words) = rejected(&delivery(&meta(Dataset::TopScore), body));
        assert_eq!(dead_letter.subject, format!("dlq.validate.{reason}.top.score"), "{body}");
        assert_eq!(dead_letter.body, body);
        assert_eq!(header(&dead_letter, "Dlq-Row"), "page");
        assert_eq!(
            header(&dead_letter, "Dlq-Root"),
            format!("{}:3:page:validate", meta(Dataset::TopScore).run)
        );
        assert!(words.starts_with(reason) && words.len() <= MAX_REASON, "{words}");
    }
}

#[test]
fn nothing_is_captured_in_the_future() {
    let within = PageMeta { captured_at: noon() + TimeDelta::minutes(5), ..meta(Dataset::TopScore) };
    judged(&delivery(&within, body(&[])));
    let beyond = PageMeta { captured_at: noon() + TimeDelta::milliseconds(300_001), ..within };
    let (dead_letter, _) = rejected(&delivery(&beyond, body(&[])));
    assert_eq!(header(&dead_letter, "Dlq-Reason"), "envelope");
    assert!(header(&dead_letter, "Dlq-Error").contains("more than 5 minutes after it was stored"));
}

#[test]
fn a_page_that_does_not_say_what_it_is_is_dead_under_a_name_that_stays() {
    let mut bare = delivery(&meta(Dataset::TopScore), body(&[]));
    bare.stored.headers = Headers::new();
    let (dead_letter, _) = rejected(&bare);
    assert_eq!(dead_letter.subject, "dlq.validate.envelope.top.score");
    assert_eq!(rejected(&bare).0.id, dead_letter.id);
    assert!(header(&dead_letter, "Dlq-Error").contains("is missing"));
    let mut other = bare.clone();
    other.stored.body = Bytes::from_static(b"other");
    assert_ne!(rejected(&other).0.id, dead_letter.id);

    let mut elsewhere = delivery(&meta(Dataset::TopScore), body(&[]));
    elsewhere.stored.subject = "raw.top.members".to_owned();
    let (dead_letter, words) = rejected(&elsewhere);
    assert_eq!(dead_letter.subject, "dlq.validate.envelope.top.members");
    assert!(words.contains("ce-subject says top.score"), "{words}");
    let zeroth = PageMeta { page: 0, ..meta(Dataset::TopScore) };
    assert!(rejected(&delivery(&zeroth, body(&[]))).1.contains("pages count from 1"));
}

#[test]
fn a_place_beyond_what_the_tables_count_is_refused_here() {
    let at =
        |page| delivery(&PageMeta { page, ..meta(Dataset::TopScore) }, body(&[row(1, "8"), row(2, "9")]));
    judged(&at(214_748_365));
    for (page, words) in [
        (214_748_366, "row 1 of page 214748366 of 10 rows has the position 2147483651"),
        (860_000_000, "row 1 of page 860000000 of 10 rows has the position 4294967295"),
        (3_000_000_000, "the header Kansoku-Page holds 3000000000"),
    ] {
        let (dead_letter, reason) = rejected(&at(page));
        assert!(reason.contains(words) && reason.contains("2147483647"), "{reason}");
        assert_eq!(header(&dead_letter, "Dlq-Reason"), "envelope");
    }
    let huge = body(&[row(1, "8")]).replace("\"per_page\":10", "\"per_page\":3000000000");
    let first = PageMeta { page: 1, ..meta(Dataset::TopScore) };
    assert!(rejected(&delivery(&first, huge)).1.contains("of 3000000000 rows"));
    let root = format!("{}:3:7:load", first.run);
    let headers = [("Kansoku-Row", "7"), ("Kansoku-Position", "2147483648"), ("Dlq-Root", &*root)];
    let one = format!(r#"{{"data":[{}]}}"#, row(1, "8"));
    assert!(rejected(&replay(&meta(Dataset::TopScore), one, &headers)).1.contains("position 2147483648"));
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
    let page = page_in(&valid);
    assert_eq!((page.body.counts.received, page.body.counts.accepted), (0, 1));
    assert_eq!((titles(&page)[0].index, titles(&page)[0].position), (7, 57));
    assert_eq!(page.replay.unwrap().root.to_string(), root);

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
    let body = page_in(&valid).body;
    assert_eq!((body.counts.received, body.rows.len()), (0, 0));

    let (dead_letter, _) = rejected(&replay(&meta, wrap("{\"mal_id\":"), &headers));
    assert_eq!(dead_letter.body, "{\"mal_id\":", "what the next replay wraps again");
    assert_eq!(header(&dead_letter, "Dlq-Root"), root);
}

#[test]
fn rows_of_a_replayed_page_start_roots_of_their_own() {
    let meta = meta(Dataset::TopScore);
    let root = format!("{}:3:page:validate", meta.run);
    let headers = [("Dlq-Root", &*root), ("Dlq-Replays", "1")];
    let (dead, valid, _) = judged(&replay(&meta, body(&[row(1, "8"), row(2, "99")]), &headers));
    assert_eq!(header(&dead[0], "Dlq-Root"), format!("{}:3:1:validate", meta.run));
    assert_eq!(header(&dead[0], "Dlq-Replays"), "0");
    let page = page_in(&valid);
    assert_eq!((page.body.counts.received, page.replayed_row()), (2, None));
    let (dead_letter, _) = rejected(&replay(&meta, "<html>", &headers));
    assert_eq!(dead_letter.id, format!("{root}:{EPOCH}-{SEQ}:1:{}", Judge::embedded().hash()));
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
fn a_page_of_countless_rows_is_one_dead_letter() {
    let body = format!(r#"{{"data":[{}]}}"#, vec!["1"; 100_000].join(","));
    let (dead_letter, reason) = rejected(&delivery(&meta(Dataset::TopScore), body.clone()));
    assert_eq!(dead_letter.subject, "dlq.validate.too_large.top.score");
    assert!(reason.contains("100000 rows, where 5000 are the most"), "{reason}");
    assert_eq!(dead_letter.body, body);
}

#[test]
fn a_contract_over_the_limit_is_refused_as_too_large() {
    // A genre's row in the contract is longer than upstream's by its index: this page grows over 1 MiB.
    let name = "n".repeat(160);
    let row = |id: usize| format!(r#"{{"mal_id":{id},"name":"{name}","url":"u","count":1}}"#);
    let rows: Vec<_> = (1..5_000).map(row).collect();
    let body = format!(r#"{{"data":[{}]}}"#, rows.join(","));
    assert!(body.len() < (1 << 20) - 4_096);
    let (dead_letter, _) = rejected(&delivery(&meta(Dataset::Genres), body.clone()));
    assert_eq!(dead_letter.subject, "dlq.validate.too_large.genres");
    assert_eq!(dead_letter.body, body);
    assert!(dead_letter.size() <= subject::limit(&dead_letter.subject));
}

#[test]
fn a_replay_with_a_parent_that_no_stream_takes_is_rejected() {
    let meta = meta(Dataset::SeasonUpcoming);
    let root = format!("{}:3:7:validate", meta.run);
    let parent = "フ".repeat(11_000);
    let headers =
        [("Kansoku-Row", "7"), ("Kansoku-Position", "57"), ("Dlq-Root", &*root), ("Dlq-Parent", &parent)];
    let (dead_letter, reason) =
        rejected(&replay(&meta, format!(r#"{{"data":[{}]}}"#, row(1, "8")), &headers));
    assert_eq!(dead_letter.subject, "dlq.validate.too_large.season.upcoming");
    assert!(reason.contains("headers of 6"), "{reason}");
    dead_letter.check_size().unwrap();
    assert_eq!(header(&dead_letter, "Dlq-Left-Out"), "Dlq-Parent");
}

#[test]
fn two_bodies_of_one_page_are_two_dead_letters_under_one_root() {
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
            Verdict::Reject(dead_letter, _) => vec![*dead_letter],
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
    let dead_letter = validator().give_up(&page, &GiveUp::MaxDeliveries { deliveries: 6, most: 5 });
    assert_eq!(dead_letter.subject, "dlq.validate.max_deliveries.top.score");
    assert_eq!(dead_letter.body, "whatever");
    assert_eq!(header(&dead_letter, "Dlq-Class"), "poison");
}

#[test]
fn the_contracts_hold_what_their_schemas_say() {
    let schema = |name: &str| -> Value {
        let path = format!("{}/../schemas/json/{name}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let genre = json!({"data": [{"mal_id": 1, "name": "Action", "url": "u", "count": 5}]}).to_string();
    for (dataset, body, name) in [
        (Dataset::TopScore, body(&[row(1, "8.5"), row(2, "99")]), "snapshot-page.v2"),
        (Dataset::Genres, genre, "genre-page.v2"),
        (Dataset::History, body(&[history::row("1", r#""score":8,"title":"A""#)]), "history-page.v2"),
    ] {
        let (_, valid, _) = judged(&delivery(&meta(dataset), body));
        let contract: Value = serde_json::from_slice(&valid.body).unwrap();
        let validator = jsonschema::validator_for(&schema(name)).unwrap();
        let faults: Vec<_> = validator.iter_errors(&contract).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
    }
}
