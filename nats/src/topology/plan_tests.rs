//! What may change, what is refused, what is no difference.

use proptest::prelude::*;
use serde_json::json;

use super::{super::files, *};

/// A server as it is after `apply`, with its own additions.
fn applied() -> (Desired, Actual) {
    let desired = files::desired(&files::Overrides::default()).unwrap();
    let mut actual = Actual::default();
    for stream in &desired.streams {
        let mut config = stream.clone();
        config["metadata"]["_nats.level"] = json!("4");
        config.retain(|_, value| !is_zero(value));
        config.insert("consumer_limits".to_owned(), json!({}));
        let name = text(stream, "name");
        actual.streams.insert(name, ActualStream { config, ..ActualStream::default() });
    }
    for (stream, consumer) in &desired.consumers {
        let mut config = consumer.clone();
        config.retain(|_, value| !is_zero(value));
        actual.streams.get_mut(stream).unwrap().consumers.insert(text(consumer, "name"), config);
    }
    (desired, actual)
}

fn stream<'a>(desired: &'a mut Desired, name: &str) -> &'a mut Config {
    desired.streams.iter_mut().find(|stream| text(stream, "name") == name).unwrap()
}

#[test]
fn an_empty_server_gets_everything_streams_first() {
    let (desired, _) = applied();
    let changes = plan(&desired, &Actual::default());
    let lines: Vec<_> = changes.iter().map(ToString::to_string).collect();
    let expected = [
        "+ stream RAW",
        "+ stream VALID",
        "+ stream DLQ",
        "+ stream RUN",
        "+ stream AUDIT",
        "+ stream KV_UPSTREAM",
        "+ consumer RAW.validator",
        "+ consumer VALID.loader",
        "+ consumer RUN.loader",
        "+ consumer DLQ.loader",
        "+ consumer AUDIT.loader",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn what_the_server_adds_is_no_difference() {
    let (desired, mut actual) = applied();
    actual.streams.insert("OTHERS".to_owned(), ActualStream::default());
    assert_eq!(plan(&desired, &actual), []);
}

#[test]
fn an_update_keeps_what_nobody_named_and_says_what_changes() {
    let (mut desired, mut actual) = applied();
    stream(&mut desired, "DLQ").insert("max_bytes".to_owned(), json!(4_294_967_296u64));
    stream(&mut desired, "DLQ")["metadata"]["owner"] = json!("somebody");
    let dlq = actual.streams.get_mut("DLQ").unwrap();
    dlq.config.insert("placement".to_owned(), json!({"tags": ["ssd"]}));
    let changes = plan(&desired, &actual);
    let [Change::Update(target, config, _)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(target, &Target::Stream("DLQ".to_owned()));
    assert_eq!(config["placement"], json!({"tags": ["ssd"]}));
    assert_eq!(config["metadata"], json!({"managed-by": "nats/", "owner": "somebody"}));
    assert_eq!(
        changes[0].to_string(),
        "~ stream DLQ\n    max_bytes: 2147483648 -> 4294967296\n    metadata.owner: \"validator\" -> \"somebody\""
    );
}

#[test]
fn what_would_lose_data_is_refused_with_the_reason() {
    let losses = [
        ("subjects", json!(["raw.top.>"]), "subject"),
        ("storage", json!("memory"), "made anew"),
        ("retention", json!("workqueue"), "made anew"),
        ("max_bytes", json!(999), "more bytes"),
        ("max_msgs", json!(9), "more messages"),
        ("max_age", json!(1_000_000_000), "older"),
        ("max_msgs_per_subject", json!(1), "oldest"),
        ("deny_delete", json!(false), "protection"),
    ];
    for (field, to, why) in losses {
        let (mut desired, mut actual) = applied();
        let raw = actual.streams.get_mut("RAW").unwrap();
        (raw.messages, raw.bytes, raw.oldest) = (10, 1_000, Duration::from_secs(60));
        stream(&mut desired, "RAW").insert(field.to_owned(), to);
        let changes = plan(&desired, &actual);
        let [Change::Refuse(_, difference, reason)] = &changes[..] else { panic!("{field}: {changes:?}") };
        assert_eq!(difference.field, field);
        assert!(reason.contains(why), "{field}: {reason}");
    }
}

#[test]
fn limits_that_hold_what_is_there_may_shrink() {
    for (field, to) in
        [("max_bytes", json!(1_000)), ("max_msgs", json!(10)), ("max_age", json!(61_000_000_000u64))]
    {
        let (mut desired, mut actual) = applied();
        let raw = actual.streams.get_mut("RAW").unwrap();
        (raw.messages, raw.bytes, raw.oldest) = (10, 1_000, Duration::from_secs(60));
        stream(&mut desired, "RAW").insert(field.to_owned(), to);
        let changes = plan(&desired, &actual);
        assert!(matches!(&changes[..], [Change::Update(..)]), "{field}: {changes:?}");
    }
}

#[test]
fn a_consumer_keeps_its_position() {
    let refused = [
        ("deliver_policy", json!("new")),
        ("ack_policy", json!("all")),
        ("filter_subject", json!("raw.top.>")),
        ("max_deliver", json!(5)),
    ];
    for (field, to) in refused {
        let (mut desired, actual) = applied();
        desired.consumers[0].1.insert(field.to_owned(), to);
        let changes = plan(&desired, &actual);
        assert!(matches!(&changes[..], [Change::Refuse(..)]), "{field}: {changes:?}");
    }
    let (mut desired, actual) = applied();
    desired.consumers[0].1.insert("ack_wait".to_owned(), json!(1));
    assert!(matches!(&plan(&desired, &actual)[..], [Change::Update(Target::Consumer(..), _, _)]));
}

proptest! {
    #[test]
    fn after_an_update_nothing_is_left_to_do(max_bytes in 1_000i64..9_000_000_000, max_age in 0i64..9, direct: bool) {
        let (mut desired, mut actual) = applied();
        let valid = stream(&mut desired, "VALID");
        valid.insert("max_bytes".to_owned(), json!(max_bytes));
        valid.insert("max_age".to_owned(), json!(max_age));
        valid.insert("allow_direct".to_owned(), json!(direct));
        for change in plan(&desired, &actual) {
            let Change::Update(Target::Stream(name), config, _) = change else { panic!("{change}") };
            actual.streams.get_mut(&name).unwrap().config = config;
        }
        prop_assert_eq!(plan(&desired, &actual), []);
    }
}
