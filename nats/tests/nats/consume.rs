//! The consume loop against a real server: what is settled when, and what is never lost.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use futures::StreamExt;
use kansoku_nats::topology;
use kansoku_service::{Clock, SystemClock};

use crate::common::{
    Consuming, LIMIT, World, async_nats_of, feed,
    handler::{Act, Scripted, Seen},
    message, numbers, open, until,
};

#[tokio::test]
async fn a_backlog_comes_in_whole_batches_and_is_settled() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..55)).await;
    let handler = Scripted::new(|_| Act::Done);
    let consuming = Consuming::start(&world, &handler, 20).await;
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert_eq!(handler.done(), numbers(0..55));
    let sizes: Vec<_> = handler.calls().iter().map(Vec::len).collect();
    assert_eq!(sizes, [20, 20, 15]);
    assert!(consuming.user.health.is_ready());
    let metrics = consuming.user.metrics.encode();
    let consumed =
        r#"messaging_client_consumed_messages_total{stream_name="RAW",consumer_name="validator"} 55"#;
    assert!(metrics.contains(consumed), "{metrics}");
    consuming.end().await;
}

#[tokio::test]
async fn a_message_that_comes_alone_does_not_wait_for_others() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    let handler = Scripted::new(|_| Act::Done);
    // A pull that waited for a whole batch would end after the test's own limit.
    let validator = ("validator", "RAW", "validator");
    let consuming = Consuming::with(&world, validator, &handler, 100, LIMIT).await;
    until("an idle pull", || async { consuming.user.health.is_ready() }).await;
    let idle = SystemClock.monotonic();
    feed(&fetcher, numbers(0..1)).await;
    until("the message to be handled", || async { handler.done().len() == 1 }).await;
    assert!(idle.elapsed() < LIMIT / 2, "{:?}", idle.elapsed());
    consuming.end().await;
}

#[tokio::test]
async fn while_a_dependency_is_away_the_batch_is_held() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..10)).await;
    let away = Arc::new(AtomicBool::new(true));
    let is_away = away.clone();
    let handler =
        Scripted::new(move |_| if is_away.load(Ordering::SeqCst) { Act::Unavailable } else { Act::Done });
    let consuming = Consuming::start(&world, &handler, 10).await;
    // Pauses of 50 ms, 100 ms … 3.2 s: eight tries take more than six ack_waits of a second.
    until("the effect to be tried eight times", || async { handler.calls().len() >= 8 }).await;
    assert!(!consuming.user.health.is_ready());
    assert!(
        handler.calls().iter().flatten().all(|seen| seen.deliveries == 1),
        "the messages were ours all along"
    );
    assert_eq!(open(&fetcher).await, (10, 0));
    away.store(false, Ordering::SeqCst);
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert_eq!(handler.done(), numbers(0..10));
    assert!(consuming.user.health.is_ready());
    let state = fetcher.consumer_state("RAW", "validator").await.unwrap();
    assert_eq!(state.num_redelivered, 0);
    assert_eq!(world.user("viewer").await.client.stream_state("DLQ").await.unwrap().messages, 0);
    consuming.end().await;
}

#[tokio::test]
async fn nothing_is_pulled_before_the_dependencies_answer() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..3)).await;
    let handler = Scripted::new(|_| Act::Done);
    handler.set_ready(false);
    let consuming = Consuming::start(&world, &handler, 10).await;
    until("readiness to name postgres", || async { consuming.user.names("postgres") }).await;
    assert!(!consuming.user.health.is_ready());
    assert_eq!(open(&fetcher).await, (0, 3));
    handler.set_ready(true);
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert!(consuming.user.health.is_ready());
    consuming.end().await;
}

#[tokio::test]
async fn a_stop_while_held_leaves_the_messages_to_others() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..4)).await;
    let held = Scripted::new(|_| Act::Unavailable);
    let consuming = Consuming::start(&world, &held, 10).await;
    until("the batch to be held", || async { !held.calls().is_empty() }).await;
    consuming.end().await;
    assert_eq!(open(&fetcher).await, (4, 0), "nothing was settled or given back");
    let next = Scripted::new(|_| Act::Done);
    let consuming = Consuming::start(&world, &next, 10).await;
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert_eq!(next.done(), numbers(0..4));
    assert!(next.calls().iter().all(|batch| batch.len() == 1), "one at a time: {:?}", next.calls());
    consuming.end().await;
}

#[tokio::test]
async fn a_stop_lets_the_effect_in_hand_finish() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..4)).await;
    let tries = Arc::new(AtomicUsize::new(0));
    let stop = kansoku_service::Stop::new();
    let (counted, signal) = (tries.clone(), stop.clone());
    // The signal comes while the effect is under way.
    let handler = Scripted::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        signal.stop();
        Act::Done
    });
    let user = world.user("validator").await;
    let spec = kansoku_nats::ConsumerSpec {
        stream: "RAW",
        durable: "validator",
        batch: 10,
        batch_bytes: 1 << 20,
        expires: std::time::Duration::from_secs(2),
        at_once: 2,
    };
    user.client.consume(spec, &handler, &stop, &user.health).await.unwrap();
    assert_eq!(tries.load(Ordering::SeqCst), 1);
    assert_eq!(open(&fetcher).await, (0, 0), "what was done was acknowledged");
}

#[tokio::test]
async fn a_rejected_message_is_in_dlq_before_it_is_terminated() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    let mut advisories =
        async_nats_of(&world, "viewer").await.subscribe("$JS.EVENT.ADVISORY.CONSUMER.>").await.unwrap();
    feed(&fetcher, numbers(0..3)).await;
    let handler = Scripted::new(|_| Act::Reject);
    let consuming = Consuming::start(&world, &handler, 10).await;
    let viewer = world.user("viewer").await.client;
    for _ in 0..3 {
        let advisory: serde_json::Value =
            serde_json::from_slice(&advisories.next().await.unwrap().payload).unwrap();
        assert_eq!(advisory["reason"], "schema: /score");
        let letters = viewer.stream_state("DLQ").await.unwrap().messages;
        assert_eq!(letters, 3, "all letters of the batch were there before the first termination");
    }
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    consuming.end().await;
}

#[tokio::test]
async fn results_of_a_batch_are_stored_at_once_after_their_dead_letters() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..8)).await;
    let handler = Scripted::new(|_| Act::Publish);
    let consuming = Consuming::start(&world, &handler, 8).await;
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    let viewer = world.user("viewer").await.client;
    let mut batches = BTreeSet::new();
    for seq in 1..=8 {
        let result = viewer.get("VALID", seq).await.unwrap().unwrap();
        assert_eq!(result.body, format!("{:04}", seq - 1), "in the order of the messages");
        batches.insert(result.headers.get("Nats-Batch-Id").unwrap().to_owned());
        assert!(viewer.get("DLQ", seq).await.unwrap().unwrap().time < result.time);
    }
    assert_eq!(batches.len(), 1, "one batch, one fsync");
    consuming.end().await;
}

#[tokio::test]
async fn what_cannot_be_published_becomes_a_dead_letter_and_nothing_waits_for_it() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..4)).await;
    let oversize = |seen: &[Seen]| seen.iter().any(|seen| seen.body == "0002");
    let handler = Scripted::new(move |seen| if oversize(seen) { Act::Oversize } else { Act::Done });
    let consuming = Consuming::start(&world, &handler, 1).await;
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert_eq!(handler.done(), ["0000", "0001", "0003"]);
    let viewer = world.user("viewer").await.client;
    let last = viewer.last_on_subject("DLQ", "dlq.validate.too_large.top.score").await.unwrap().unwrap();
    assert_eq!(last.body, "0002");
    assert_eq!(
        viewer.stream_state("DLQ").await.unwrap().messages,
        1,
        "its rows are not dead one by one as well"
    );
    assert_eq!(viewer.stream_state("VALID").await.unwrap().messages, 0);
    consuming.end().await;
    // Where there are no dead letters it is noted.
    feed(&fetcher, numbers(4..5)).await;
    let handler = Scripted::new(|_| Act::Oversize).without_letters();
    let consuming = Consuming::start(&world, &handler, 1).await;
    until("the note", || async { handler.unreadable() == [5] }).await;
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    consuming.end().await;
}

#[tokio::test]
async fn a_consumer_without_dead_letters_notes_and_terminates() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    fetcher.publish(message("run.top.score.a", "a:started:0:x", "poison")).await.unwrap();
    let run = ("loader", "RUN", "loader");
    let handler = Scripted::new(|_| Act::Hang).without_letters();
    for death in 1..=5 {
        let consuming = Consuming::on(&world, run, &handler, 10).await;
        until("the message", || async { handler.calls().len() == death }).await;
        consuming.kill().await;
    }
    let consuming = Consuming::on(&world, run, &handler, 10).await;
    until("the note", || async { handler.unreadable() == [1] }).await;
    let viewer = world.user("viewer").await.client;
    until("the message to be settled", || async {
        viewer.consumer_state("RUN", "loader").await.unwrap().num_ack_pending == 0
    })
    .await;
    assert_eq!(handler.calls().len(), 5, "it never saw the handler again");
    assert!(consuming.user.metrics.encode().contains("kansoku_unreadable_messages_total"));
    consuming.end().await;
}

#[tokio::test]
async fn what_was_dropped_before_it_came_is_said() {
    let max_bytes = [("RAW".to_owned(), 2 << 10)].into();
    let world = World::with(topology::Overrides { max_bytes, ..topology::Overrides::default() }).await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..40)).await;
    let first = fetcher.stream_state("RAW").await.unwrap().first_seq;
    assert!((2..40).contains(&first));
    let handler = Scripted::new(|_| Act::Done);
    let consuming = Consuming::start(&world, &handler, 40).await;
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    let lost = first - 1;
    let dropped =
        format!("kansoku_dropped_messages_total{{stream_name=\"RAW\",consumer_name=\"validator\"}} {lost}\n");
    let metrics = consuming.user.metrics.encode();
    assert!(metrics.contains(&dropped), "{metrics}");
    consuming.end().await;
}

#[tokio::test]
async fn a_restarted_server_finds_the_loop_again() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..3)).await;
    let handler = Scripted::new(|_| Act::Done);
    let consuming = Consuming::start(&world, &handler, 10).await;
    until("three settled messages", || async { open(&fetcher).await == (0, 0) }).await;
    world.server.kill().await.unwrap();
    until("readiness to go", || async { !consuming.user.health.is_ready() }).await;
    world.server.start_again().await.unwrap();
    until("readiness to come back", || async { consuming.user.health.is_ready() }).await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(3..6)).await;
    // The server writes down what was settled a moment after it has confirmed it: killed in between, it delivers again.
    until("six messages", || async { BTreeSet::from_iter(handler.done()).len() == 6 }).await;
    until("all of them settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert_eq!(BTreeSet::from_iter(handler.done()), BTreeSet::from_iter(numbers(0..6)), "none is lost");
    consuming.end().await;
}

#[tokio::test]
async fn two_replicas_share_the_work() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    let handler = Scripted::new(|_| Act::Done);
    let one = Consuming::start(&world, &handler, 10).await;
    let two = Consuming::start(&world, &handler, 10).await;
    feed(&fetcher, numbers(0..200)).await;
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    let mut done = handler.done();
    done.sort();
    assert_eq!(done, numbers(0..200));
    one.end().await;
    two.end().await;
}

#[tokio::test]
async fn a_stop_at_any_moment_leaves_nothing_in_flight() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    for round in 0..12 {
        feed(&fetcher, numbers(round * 40..round * 40 + 40)).await;
        let handler = Scripted::new(|_| Act::Done);
        let consuming = Consuming::start(&world, &handler, 3).await;
        let enough = usize::try_from(round).unwrap() * 4;
        until("some messages", || async { handler.done().len() >= enough.min(40) }).await;
        consuming.end().await;
        let (unsettled, _) = open(&fetcher).await;
        assert_eq!(unsettled, 0, "round {round}: the next one would take it for what a killed process left");
    }
}
