use chrono::DateTime;
use kansoku_nats::dead_letter::{Cause, DeadLetter, ServiceInstance};
use kansoku_schemas::{Catalogue, Dataset, PageMeta, Position, Reason, Replay, RunId, Stage};
use serde_json::json;

use super::*;

const AT: DateTime<chrono::Utc> = DateTime::UNIX_EPOCH;

fn meta() -> PageMeta {
    PageMeta {
        catalogue: Catalogue::Sample,
        source: "jikan-sim".to_owned(),
        dataset: Dataset::TopScore,
        run: RunId::scheduled("s", &Dataset::TopScore, AT),
        page: 2,
        pages: Some(4),
        captured_at: AT,
        url: Some("https://example.org/v4/top/anime?page=2".to_owned()),
        status: Some(200),
    }
}

/// An item as the tables have it after the validator's dead letter.
fn item(row: Option<u32>, body: &[u8]) -> Item {
    let mut raw = page::raw(&meta(), Bytes::new());
    raw.headers.insert("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let root = Root { run: meta().run, page: 2, row, stage: Stage::Validate };
    let mut dead = DeadLetter {
        headers: &raw.headers,
        origin: None,
        root,
        stage: Stage::Validate,
        parent: None,
        attempt: 0,
        raw: Some(Position { epoch: 9, seq: 41 }),
        judge: "judge",
        dataset: "top.score",
        cause: &Cause::plain(Reason::Schema, "wrong"),
        body: Bytes::copy_from_slice(body),
        by: &ServiceInstance { service: "validator", version: "0", instance: "one".to_owned() },
        at: AT,
    }
    .build();
    if let Some(row) = row {
        page::put_row(&mut dead.headers, row, 25 + row, 25);
    }
    let headers: Map<String, Value> =
        dead.headers.iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    Item {
        root: root.to_string(),
        item: Some(1),
        version: Some(1),
        state: Some("open".to_owned()),
        correction: None,
        stands: None,
        failures: Some(0),
        stage: Some("validate".to_owned()),
        dataset: Some("top.score".to_owned()),
        parent: Some(dead.id),
        headers: Some(headers.into()),
        body: Some(body.to_vec()),
        edit: None,
        replays: Some(0),
        hold: None,
    }
}

#[test]
fn the_replay_of_a_row_is_a_page_of_that_row_at_its_place() {
    let item = item(Some(3), b"{ \"mal_id\" : 12345678901234567890, \"t\":\"\\u3042\" }");
    let Prepared { n, message, edit, .. } = item.prepare(1, Scope::Many, None).unwrap();
    assert_eq!((n, edit), (1, None));
    assert_eq!(
        message.body,
        &b"{\"data\":[{ \"mal_id\" : 12345678901234567890, \"t\":\"\\u3042\" }]}"[..],
        "the bytes that came"
    );
    assert_eq!(message.subject, "raw.top.score");
    assert_eq!(message.id, format!("replay:{}:1", item.root));
    assert_eq!(page::meta(&message.headers).unwrap(), meta());
    let root = item.root.parse().unwrap();
    let expected = Replay { root, parent: item.parent.clone(), row: Some(3), position: Some(28), attempt: 1 };
    assert_eq!(page::replay(&message.headers).unwrap(), Some(expected));
    assert_eq!(message.headers.get("Kansoku-Limit"), Some("25"));
    let foreign = ["traceparent", "Kansoku-Raw-Seq", "Dlq-Error", "Dlq-Id", "Nats-Msg-Id"];
    assert!(foreign.into_iter().all(|name| message.headers.get(name).is_none()), "{message:?}");
}

#[test]
fn the_replay_of_a_page_is_its_body() {
    let item = Item { replays: Some(2), ..item(None, b"{\"data\": 3}") };
    let Prepared { n, message, .. } = item.prepare(1, Scope::Many, None).unwrap();
    assert_eq!((n, &message.body[..]), (3, &b"{\"data\": 3}"[..]));
    let replay = page::replay(&message.headers).unwrap().unwrap();
    assert_eq!((replay.row, replay.position, replay.attempt), (None, None, 3));
}

#[test]
fn what_may_not_be_replayed_says_why() {
    let row = || item(Some(3), b"{}");
    let state = |state: &str| Item { state: Some(state.to_owned()), ..row() };
    let held = Item { hold: Some("schema /aired/from pattern".to_owned()), ..row() };
    let mut contract = row();
    contract.headers.as_mut().unwrap()["Dlq-Body"] = json!("contract");
    for (item, why) in [
        (Item { item: None, state: None, version: None, ..row() }, "no such item"),
        (state("resolved"), "resolved already"),
        (state("published"), "under way"),
        (state("quarantined"), "three replays failed"),
        (state("discarded"), "discarded"),
        (Item { version: Some(2), ..row() }, "version 1 then, 2 now"),
        (held.clone(), "on hold: schema /aired/from pattern"),
        (contract.clone(), "edit it first"),
        (Item { stage: Some("fetch".to_owned()), ..row() }, "edit it first"),
        (Item { headers: Some(json!({})), ..row() }, "is missing"),
        (item(None, &vec![b' '; 2 << 20]), "too large"),
        (Item { replays: Some(i32::MAX), ..row() }, "the greatest there is"),
    ] {
        let refused = item.prepare(1, Scope::Many, None).unwrap_err();
        assert!(refused.contains(why), "{refused} for {why}");
    }
    assert!(held.prepare(1, Scope::One, None).is_ok(), "a hold keeps replays of many away");
    for (scope, may) in [(Scope::Many, false), (Scope::One, false), (Scope::Forced, true)] {
        assert_eq!(state("quarantined").prepare(1, scope, None).is_ok(), may, "{scope:?}");
        assert!(state("discarded").prepare(1, scope, None).is_err(), "force is for quarantined ones");
    }
    contract.edit = Some("{\"mal_id\":1}".to_owned());
    assert_eq!(
        contract.prepare(1, Scope::Many, None).unwrap().message.body,
        &b"{\"data\":[{\"mal_id\":1}]}"[..]
    );
}

#[test]
fn what_is_stored_is_replayed_only_as_a_correction_of_what_stands() {
    let stored = |correction: Option<&str>, stands, failures| Item {
        state: Some("resolved".to_owned()),
        correction: correction.map(str::to_owned),
        stands: Some(stands),
        failures: Some(failures),
        replays: Some(1),
        edit: Some("{}".to_owned()),
        ..item(Some(0), b"{}")
    };
    let why = |item: Item| item.prepare(1, Scope::One, None).map(|prepared| prepared.n);
    assert_eq!(why(stored(Some("waiting"), true, 0)), Ok(2));
    assert_eq!(why(stored(Some("failed"), true, 2)), Ok(2));
    for (item, words) in [
        (stored(None, true, 0), "resolved already"),
        (stored(Some("published"), true, 0), "a correction of it is under way"),
        (stored(Some("failed"), true, 3), "quarantined: three replays failed"),
        (stored(Some("waiting"), false, 0), "what it corrects was overwritten since"),
    ] {
        assert_eq!(why(item), Err(words.to_owned()));
    }
}
