//! Pulling the next batch of a backlog while one is handled.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use kansoku_nats::ConsumerSpec;
use kansoku_service::{Clock, Stop, SystemClock};

use crate::common::{
    Consuming, World, feed,
    handler::{Act, Scripted},
    numbers, open, until,
};

#[tokio::test]
async fn one_batch_is_pulled_ahead_and_held_with_the_one_in_hand() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..35)).await;
    let away = Arc::new(AtomicBool::new(true));
    let is_away = away.clone();
    let handler =
        Scripted::new(move |_| if is_away.load(Ordering::SeqCst) { Act::Unavailable } else { Act::Done });
    let consuming = Consuming::start(&world, &handler, 10).await;
    until("the next batch to be pulled", || async { open(&fetcher).await == (20, 15) }).await;
    // Eight tries take more than six ack_waits of a second.
    until("the effect to be tried eight times", || async { handler.calls().len() >= 8 }).await;
    assert_eq!(open(&fetcher).await, (20, 15), "one batch, and no more");
    away.store(false, Ordering::SeqCst);
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert_eq!(handler.done(), numbers(0..35), "in their order");
    assert!(handler.calls().iter().flatten().all(|seen| seen.deliveries == 1), "ours all along");
    consuming.end().await;
}

#[tokio::test]
async fn a_batch_that_was_pulled_ahead_is_held_while_a_dependency_is_not_ready() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..20)).await;
    let ready = Arc::new(OnceLock::<Scripted>::new());
    let scripted = ready.clone();
    let handler = Scripted::new(move |batch| {
        // After the first batch nothing answers.
        if let Some(handler) = scripted.get() {
            handler.set_ready(batch[0].seq > 10);
        }
        Act::Done
    });
    let _ = ready.set(handler.clone());
    let consuming = Consuming::start(&world, &handler, 10).await;
    until("readiness to name postgres", || async { consuming.user.names("postgres") }).await;
    let since = SystemClock.monotonic();
    until("three ack_waits to pass", || async { since.elapsed().as_secs() >= 3 }).await;
    assert_eq!(open(&fetcher).await, (10, 0));
    handler.set_ready(true);
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert_eq!(handler.done(), numbers(0..20));
    assert!(handler.calls().iter().flatten().all(|seen| seen.deliveries == 1), "ours all along");
    consuming.end().await;
}

#[tokio::test]
async fn what_was_pulled_ahead_is_handled_after_the_stop() {
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
        ahead: true,
    };
    user.client.consume(spec, &handler, &stop, &user.health).await.unwrap();
    assert_eq!(handler.done(), numbers(0..20));
    assert_eq!(open(&fetcher).await, (0, 5), "nothing waits for its ack_wait");
}
