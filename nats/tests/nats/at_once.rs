//! Handling two batches of a backlog at once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use kansoku_nats::ConsumerSpec;
use kansoku_service::Stop;

use crate::common::{
    Consuming, World, feed,
    handler::{Act, Scripted},
    numbers, open, until,
};

/// What was done, in the order of the stream.
fn done(handler: &Scripted) -> Vec<String> {
    let mut done = handler.done();
    done.sort_by_key(|body| numbers(0..100).iter().position(|number| number == body));
    done
}

#[tokio::test]
async fn two_batches_are_held_while_both_wait_and_no_third_is_pulled() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..35)).await;
    let away = Arc::new(AtomicBool::new(true));
    let is_away = away.clone();
    let handler =
        Scripted::new(move |_| if is_away.load(Ordering::SeqCst) { Act::Unavailable } else { Act::Done });
    let consuming = Consuming::start(&world, &handler, 10).await;
    until("two batches to be in hand", || async { open(&fetcher).await == (20, 15) }).await;
    // Eight tries of one take more than six ack_waits of a second.
    until("the effect to be tried often", || async { handler.calls().len() >= 16 }).await;
    assert!([1, 11].into_iter().all(|first| handler.calls().iter().any(|batch| batch[0].seq == first)));
    assert_eq!(open(&fetcher).await, (20, 15), "two batches, and no more");
    away.store(false, Ordering::SeqCst);
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert_eq!(done(&handler), numbers(0..35));
    assert!(handler.calls().iter().flatten().all(|seen| seen.deliveries == 1), "ours all along");
    consuming.end().await;
}

#[tokio::test]
async fn those_that_follow_go_on_while_one_batch_waits() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..35)).await;
    let away = Arc::new(AtomicBool::new(true));
    let is_away = away.clone();
    let handler = Scripted::new(move |batch| {
        if batch[0].seq == 1 && is_away.load(Ordering::SeqCst) { Act::Unavailable } else { Act::Done }
    });
    let consuming = Consuming::start(&world, &handler, 10).await;
    until("all but the first batch to be settled", || async { open(&fetcher).await == (10, 0) }).await;
    assert_eq!(done(&handler), numbers(10..35));
    away.store(false, Ordering::SeqCst);
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert_eq!(done(&handler), numbers(0..35));
    assert!(handler.calls().iter().flatten().all(|seen| seen.deliveries == 1), "ours all along");
    consuming.end().await;
}

#[tokio::test]
async fn nothing_is_pulled_beside_another_while_a_dependency_is_not_ready() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..35)).await;
    let away = Arc::new(AtomicBool::new(true));
    let is_away = away.clone();
    let handler =
        Scripted::new(move |_| if is_away.load(Ordering::SeqCst) { Act::Unavailable } else { Act::Done });
    handler.set_ready(false);
    let consuming = Consuming::start(&world, &handler, 10).await;
    until("readiness to name postgres", || async { consuming.user.names("postgres") }).await;
    assert_eq!(open(&fetcher).await, (0, 35), "nothing is pulled");
    handler.set_ready(true);
    until("two batches to be in hand", || async { open(&fetcher).await == (20, 15) }).await;
    handler.set_ready(false);
    away.store(false, Ordering::SeqCst);
    until("what is in hand to be settled", || async { open(&fetcher).await == (0, 15) }).await;
    handler.set_ready(true);
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert_eq!(done(&handler), numbers(0..35));
    consuming.end().await;
}

#[tokio::test]
async fn what_was_pulled_beside_another_is_handled_after_the_stop() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..25)).await;
    let stop = Stop::new();
    let signal = stop.clone();
    // The signal comes while the first batch is handled.
    let handler = Scripted::new(move |_| {
        signal.stop();
        Act::Done
    });
    let user = world.user("validator").await;
    let spec = ConsumerSpec {
        stream: "RAW",
        durable: "validator",
        batch: 10,
        batch_bytes: 1 << 20,
        expires: std::time::Duration::from_secs(2),
        at_once: 2,
    };
    user.client.consume(spec, &handler, &stop, &user.health).await.unwrap();
    assert_eq!(done(&handler), numbers(0..20));
    assert_eq!(open(&fetcher).await, (0, 5), "nothing waits for its ack_wait");
}
