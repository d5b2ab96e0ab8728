//! Messages that kill their process: they come alone, take no neighbour with them, and are given up on in the end.

use std::time::Duration;

use futures::StreamExt;
use kansoku_service::{Clock, SystemClock};

use crate::common::{
    Consuming, LIMIT, World, async_nats_of, feed,
    handler::{Act, Scripted, Seen},
    numbers, open, until,
};

#[tokio::test]
async fn in_a_mixed_batch_new_messages_go_first_and_redelivered_ones_alone() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    let handler = Scripted::new(|_| Act::Done);
    handler.set_ready(false);
    // Bound while nothing is open, so it takes whole batches; the closed gate keeps it from pulling.
    let consuming = Consuming::start(&world, &handler, 10).await;
    until("the loop to wait", || async { consuming.user.names("postgres") }).await;
    feed(&fetcher, numbers(0..3)).await;
    let killed = Scripted::new(|_| Act::Hang);
    let other = Consuming::start(&world, &killed, 10).await;
    until("the other to have three messages", || async { !killed.calls().is_empty() }).await;
    other.kill().await;
    feed(&fetcher, numbers(3..6)).await;
    // What tells that ack_wait has passed is a later message that is open for as long.
    until("ack_wait to pass", || async { redeliverable(&world).await }).await;
    handler.set_ready(true);
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    let calls: Vec<Vec<(String, u64)>> = handler
        .calls()
        .into_iter()
        .map(|batch| batch.into_iter().map(|seen| (seen.body, seen.deliveries)).collect())
        .collect();
    let one = |body: &str, deliveries: u64| (body.to_owned(), deliveries);
    assert_eq!(
        calls,
        [
            vec![one("0003", 1), one("0004", 1), one("0005", 1)],
            vec![one("0000", 2)],
            vec![one("0001", 2)],
            vec![one("0002", 2)],
        ]
    );
    consuming.end().await;
}

/// Whether the server would deliver the messages in hand again: asked of its own clock, by their ages.
async fn redeliverable(world: &World) -> bool {
    let viewer = world.user("viewer").await.client;
    let first = viewer.get("RAW", 1).await.unwrap().unwrap();
    SystemClock.now() - first.time > chrono::Duration::milliseconds(1_600)
}

#[tokio::test]
async fn a_poison_message_takes_no_neighbour_with_it() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    let viewer = world.user("viewer").await.client;
    let mut advisories =
        async_nats_of(&world, "viewer").await.subscribe("$JS.EVENT.ADVISORY.CONSUMER.>").await.unwrap();
    let mut bodies = numbers(0..12);
    bodies[5] = "poison".to_owned();
    feed(&fetcher, bodies.clone()).await;
    let handler =
        Scripted::new(
            |batch| {
                if batch.iter().any(|seen| seen.body == "poison") { Act::Hang } else { Act::Done }
            },
        );
    // Each time the handler meets the poison message, the process is gone and another one starts.
    for death in 1.. {
        let consuming = Consuming::start(&world, &handler, 12).await;
        let deaths = || handler.calls().iter().flatten().filter(|seen| seen.body == "poison").count();
        until("a death or the end", || async { deaths() == death || open(&fetcher).await == (0, 0) }).await;
        if deaths() < death {
            consuming.end().await;
            break;
        }
        consuming.kill().await;
    }
    let deaths: Vec<_> = handler.calls().into_iter().flatten().filter(|seen| seen.body == "poison").collect();
    assert_eq!(deaths.iter().map(|seen| seen.deliveries).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let mut done = handler.done();
    done.sort();
    bodies.retain(|body| body != "poison");
    assert_eq!(done, bodies, "every neighbour, once");
    let dead_letter = viewer.get("DLQ", 1).await.unwrap().unwrap();
    assert_eq!(
        (dead_letter.subject.as_str(), dead_letter.body.as_ref()),
        ("dlq.validate.max_deliveries.top.score", &b"poison"[..])
    );
    assert_eq!(viewer.stream_state("DLQ").await.unwrap().messages, 1);
    let terminated = advisories.next().await.unwrap();
    let advisory: serde_json::Value = serde_json::from_slice(&terminated.payload).unwrap();
    assert_eq!(
        advisory["reason"],
        "max_deliveries: delivered 6 times where 5 are allowed, and never settled"
    );
    assert_eq!(advisory["stream_seq"], 6);
}

#[tokio::test]
async fn isolation_mode_begins_with_open_messages_and_ends_when_they_are_settled() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..5)).await;
    let killed = Scripted::new(|_| Act::Hang);
    let other = Consuming::start(&world, &killed, 5).await;
    until("the other to have its messages", || async { !killed.calls().is_empty() }).await;
    other.kill().await;
    feed(&fetcher, numbers(5..400)).await;
    let handler = Scripted::new(|_| Act::Done);
    let consuming = Consuming::start(&world, &handler, 50).await;
    let isolated = |value: u8| {
        format!("kansoku_consumer_careful{{stream_name=\"RAW\",consumer_name=\"validator\"}} {value}")
    };
    until("isolation mode", || async { consuming.user.metrics.encode().contains(&isolated(1)) }).await;
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    let calls = handler.calls();
    let again = |batch: &Vec<Seen>| batch.iter().any(|seen| seen.deliveries > 1);
    let last = calls.iter().rposition(again).unwrap();
    assert_eq!(calls.iter().filter(|batch| again(batch)).count(), 5);
    assert!(
        calls[..=last].iter().all(|batch| batch.len() == 1),
        "nothing in whole batches while five were open"
    );
    assert!(consuming.user.metrics.encode().contains(&isolated(0)));
    let before = handler.calls().len();
    handler.set_ready(false);
    feed(&fetcher, numbers(400..450)).await;
    handler.set_ready(true);
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert!(handler.calls()[before..].iter().any(|batch| batch.len() > 1), "whole batches again");
    let mut done = handler.done();
    done.sort();
    assert_eq!(done, numbers(0..450));
    consuming.end().await;
}

/// Each replica that meets the poison message is gone and another one takes its place, while new messages come all the time.
async fn poison_among_replicas(replicas: usize) {
    let world = World::impatient().await;
    let (fetcher, viewer) = (world.user("fetcher").await.client, world.user("viewer").await.client);
    let mut bodies = numbers(0..40);
    bodies[17] = "poison".to_owned();
    feed(&fetcher, bodies).await;
    let start = async || {
        let kills = |batch: &[Seen]| batch.iter().any(|seen| seen.body == "poison");
        let handler = Scripted::new(move |batch| if kills(batch) { Act::Hang } else { Act::Done });
        let consuming = Consuming::start(&world, &handler, 50).await;
        (handler, consuming)
    };
    let mut running = Vec::new();
    for _ in 0..replicas {
        running.push(start().await);
    }
    let (mut gone, mut fed) = (Vec::new(), 40);
    let mut rate = tokio::time::interval(Duration::from_millis(20));
    let dying = async {
        while viewer.stream_state("DLQ").await.unwrap().messages == 0 {
            rate.tick().await;
            feed(&fetcher, numbers(fed..fed + 1)).await;
            fed += 1;
            let met = |(handler, _): &(Scripted, _)| {
                handler.calls().iter().flatten().any(|seen| seen.body == "poison")
            };
            if let Some(index) = running.iter().position(met) {
                let (handler, consuming) = running.remove(index);
                consuming.kill().await;
                gone.push(handler);
                running.push(start().await);
            }
        }
    };
    tokio::time::timeout(LIMIT, dying).await.unwrap();
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    let handlers = gone.iter().chain(running.iter().map(|(handler, _)| handler));
    let mut done: Vec<_> = handlers.flat_map(Scripted::done).collect();
    done.sort();
    done.dedup();
    let mut expected = numbers(0..fed);
    expected.remove(17);
    assert_eq!(done, expected, "every neighbour is stored");
    assert_eq!(gone.len(), 5, "it is handled five times");
    assert_eq!(viewer.stream_state("DLQ").await.unwrap().messages, 1);
    assert_eq!(viewer.get("DLQ", 1).await.unwrap().unwrap().body.as_ref(), b"poison");
    for (_, consuming) in running {
        consuming.end().await;
    }
}

#[tokio::test]
async fn a_poison_message_among_two_replicas_under_feed_is_the_only_dead_letter() {
    poison_among_replicas(2).await;
}

#[tokio::test]
async fn a_poison_message_among_three_replicas_under_feed_is_the_only_dead_letter() {
    poison_among_replicas(3).await;
}
