//! Publishing to and reading from a real server.

use std::collections::BTreeMap;

use crate::common::{World, message};
use kansoku_nats::{Outgoing, PublishError, topology::Overrides};

#[tokio::test]
async fn a_second_message_with_the_same_id_is_not_stored() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    let first = fetcher.publish(message("raw.top.score", "r:1", "one")).await.unwrap();
    let second = fetcher.publish(message("raw.top.score", "r:1", "two")).await.unwrap();
    assert!(!first.duplicate && second.duplicate);
    assert_eq!((first.seq, first.stream.as_str()), (second.seq, "RAW"));
    assert_eq!(fetcher.stream_state("RAW").await.unwrap().messages, 1);
}

#[tokio::test]
async fn what_is_stored_is_what_was_sent() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    let mut sent = message("raw.season.2026.fall", "r:7", [0, 159, 146, 150]);
    sent.headers.insert("Kansoku-Title", "葬送のフリーレン");
    sent.headers.insert("Kansoku-Json", r#"{"a":"\\u0041"}"#);
    let ack = fetcher.publish(sent.clone()).await.unwrap();
    let by_seq = fetcher.get("RAW", ack.seq).await.unwrap().unwrap();
    let viewer = world.user("viewer").await.client;
    let by_subject = viewer.last_on_subject("RAW", "raw.season.2026.fall").await.unwrap().unwrap();
    assert_eq!(by_seq, by_subject);
    assert_eq!((by_seq.subject, by_seq.body), (sent.subject, sent.body));
    sent.headers.insert("Nats-Msg-Id", "r:7");
    let mut headers: Vec<_> = sent.headers.iter().collect();
    headers.sort_unstable();
    assert_eq!(by_seq.headers.iter().collect::<Vec<_>>(), headers);
    let state = fetcher.stream_state("RAW").await.unwrap();
    assert_eq!(fetcher.raw_epoch().await.unwrap(), state.epoch());
    assert!(by_seq.time >= state.created);
}

#[tokio::test]
async fn what_is_not_there_is_none() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    assert_eq!(fetcher.get("RAW", 1).await.unwrap(), None);
    assert_eq!(fetcher.next_on_subject("RAW", ">", 1).await.unwrap(), None);
    assert_eq!(fetcher.last_on_subject("RUN", "run.top.score.x").await.unwrap(), None);
}

#[tokio::test]
async fn a_stream_is_walked_from_any_place() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    for id in ["a", "b", "c"] {
        fetcher.publish(message("raw.top.score", id, id)).await.unwrap();
    }
    assert_eq!(fetcher.next_on_subject("RAW", ">", 0).await.unwrap().unwrap().seq, 1);
    assert_eq!(fetcher.next_on_subject("RAW", ">", 3).await.unwrap().unwrap().body.as_ref(), b"c");
    assert_eq!(fetcher.next_on_subject("RAW", ">", 4).await.unwrap(), None);
}

#[tokio::test]
async fn messages_on_a_subject_are_found_since_an_instant() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    for (id, subject) in [("a", "top.score"), ("b", "top.score"), ("c", "genres"), ("d", "top.score")] {
        fetcher.publish(message(&format!("raw.{subject}"), id, id)).await.unwrap();
    }
    let second = fetcher.get("RAW", 2).await.unwrap().unwrap().time;
    let since = async |subject: &str, since| -> Vec<u64> {
        let found = fetcher.since("RAW", subject, since).await.unwrap();
        found.into_iter().map(|stored| stored.seq).collect()
    };
    assert_eq!(since("raw.top.score", second).await, [2, 4]);
    assert_eq!(since("raw.*", chrono::DateTime::UNIX_EPOCH).await, [3]);
    assert_eq!(since("raw.>", second + chrono::TimeDelta::days(1)).await, [0; 0]);
}

#[tokio::test]
async fn an_unexpected_last_sequence_is_told_apart() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    let event = |id: &str, last| Outgoing { expect_last: Some(last), ..message("run.top.score.a", id, "{}") };
    let first = fetcher.publish(event("a:started:0:x", 0)).await.unwrap();
    let refused = fetcher.publish(event("a:started:0:y", 0)).await.unwrap_err();
    assert!(matches!(refused, PublishError::WrongLastSequence { .. }), "{refused}");
    // The check runs before deduplication: a repeated message is refused as well, not a duplicate.
    let repeated = fetcher.publish(event("a:started:0:x", 0)).await.unwrap_err();
    assert!(matches!(repeated, PublishError::WrongLastSequence { .. }), "{repeated}");
    fetcher.publish(event("a:progress:1:x", first.seq)).await.unwrap();
}

#[tokio::test]
async fn a_batch_is_stored_whole_and_in_order() {
    let world = World::start().await;
    let validator = world.user("validator").await.client;
    let dead_letters: Vec<_> = (0..12)
        .map(|row| message("dlq.validate.schema.top.score", &format!("r:1:{row}"), row.to_string()))
        .collect();
    let acks = validator.publish_batch(dead_letters).await.unwrap();
    assert_eq!(acks.iter().map(|ack| ack.seq).collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>());
    let viewer = world.user("viewer").await.client;
    for ack in &acks {
        let stored = viewer.get("DLQ", ack.seq).await.unwrap().unwrap();
        assert_eq!(stored.body.as_ref(), (ack.seq - 1).to_string().as_bytes());
        assert!(stored.headers.get("Nats-Batch-Id").is_some(), "it went in one batch");
    }
}

#[tokio::test]
async fn a_duplicate_in_a_batch_keeps_none_of_the_others_out() {
    let world = World::start().await;
    let validator = world.user("validator").await;
    let dead_letter =
        |row: u32| message("dlq.validate.schema.top.score", &format!("r:1:{row}"), row.to_string());
    validator.client.publish(dead_letter(1)).await.unwrap();
    let acks = validator.client.publish_batch((0..3).map(dead_letter).collect()).await.unwrap();
    assert_eq!(acks.iter().map(|ack| ack.duplicate).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(world.user("viewer").await.client.stream_state("DLQ").await.unwrap().messages, 3);
    let metrics = validator.metrics.encode();
    assert!(
        metrics.contains(r#"kansoku_dead_letters_total{stage="validate",reason="schema"} 3"#),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_batch_may_be_longer_than_the_server_takes_at_once() {
    let world = World::start().await;
    let validator = world.user("validator").await.client;
    let dead_letters =
        (0..1_201).map(|row| message("dlq.validate.schema.anime", &format!("r:{row}"), "x")).collect();
    let acks = validator.publish_batch(dead_letters).await.unwrap();
    assert_eq!((acks.len(), acks.last().unwrap().seq), (1_201, 1_201));
}

#[tokio::test]
async fn more_batches_than_the_server_has_open_at_once_are_all_taken_whole() {
    let world = World::start().await;
    let validator = world.user("validator").await.client;
    let dead_letters = |page: u32| {
        let dead_letter = |row: u32| message("dlq.validate.schema.anime", &format!("r:{page}:{row}"), "x");
        (0..3).map(dead_letter).collect()
    };
    let batches = (0..200).map(|page| validator.publish_batch(dead_letters(page)));
    let acks = futures::future::try_join_all(batches).await.unwrap();
    let viewer = world.user("viewer").await.client;
    for ack in acks.iter().flatten() {
        let stored = viewer.get("DLQ", ack.seq).await.unwrap().unwrap();
        assert!(stored.headers.get("Nats-Batch-Id").is_some(), "{} went alone", ack.seq);
    }
}

#[tokio::test]
async fn a_message_too_large_for_its_stream_is_refused_here() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await;
    let (mib, half) = (1 << 20, 1 << 19);
    let large = fetcher.client.publish(message("raw.anime", "r:1", vec![b' '; mib])).await.unwrap_err();
    assert!(matches!(large, PublishError::TooLarge { limit, .. } if limit == mib), "{large}");
    let dead_letter = message("dlq.fetch.too_large.anime", "fetch:1", vec![b' '; mib + half - 1_000]);
    fetcher.client.publish(dead_letter).await.unwrap();
    assert!(fetcher.health.is_ready(), "the connection is still the same");
}

#[tokio::test]
async fn headers_over_what_the_server_takes_are_refused_here() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    let with = |subject: &str, size: usize| {
        let mut message = message(subject, &size.to_string(), "x");
        message.headers.insert("A", "x".repeat(size));
        message
    };
    fetcher.publish(with("raw.anime", 31 << 10)).await.unwrap();
    fetcher.publish(with("dlq.fetch.envelope.anime", 59 << 10)).await.unwrap();
    for (subject, size) in [("raw.anime", 33 << 10), ("dlq.fetch.envelope.anime", 61 << 10)] {
        let large = fetcher.publish(with(subject, size)).await.unwrap_err();
        assert!(matches!(large, PublishError::TooLarge { part: "headers", .. }), "{large}");
    }
}

#[tokio::test]
async fn a_full_stream_is_away_and_the_cure_is_named() {
    let max_bytes = BTreeMap::from([("DLQ".to_owned(), 4_096)]);
    let world = World::with(Overrides { max_bytes, ..Overrides::default() }).await;
    let validator = world.user("validator").await.client;
    let dead_letter = |n: u32| message("dlq.validate.schema.anime", &format!("r:{n}"), vec![b'x'; 1_500]);
    let mut stored = 0;
    let full = loop {
        match validator.publish(dead_letter(stored)).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(stored, 2);
    let PublishError::Unavailable(why) = full else { panic!("{full}") };
    assert_eq!(why.dependency, "nats");
    assert!(why.remediation.unwrap().contains("max_bytes"));
    let batch = validator.publish_batch((2..5).map(dead_letter).collect()).await.unwrap_err();
    assert!(matches!(batch, PublishError::Unavailable(ref why) if why.remediation.is_some()), "{batch}");
    // More capacity, and the same message goes through.
    let roomy =
        Overrides { max_bytes: BTreeMap::from([("DLQ".to_owned(), 1 << 20)]), ..Overrides::default() };
    kansoku_nats::topology::apply(&world.settings("admin"), &roomy).await.unwrap();
    validator.publish_batch((2..5).map(dead_letter).collect()).await.unwrap();
}

#[tokio::test]
async fn without_its_stream_the_cure_is_the_topology() {
    let server = kansoku_stack::nats::Server::temporary().await.unwrap();
    let world = World { server };
    let fetcher = world.user("fetcher").await.client;
    let nowhere = fetcher.publish(message("raw.anime", "r:1", "x")).await.unwrap_err();
    let PublishError::Unavailable(why) = nowhere else { panic!("{nowhere}") };
    assert!(why.remediation.unwrap().contains("`make up` makes them"));
}
