//! Two batches of dead letters in hand at once.

use std::time::Duration;

use kansoku_nats::topology::Overrides;
use kansoku_stack::{postgres::Database, until};
use serde_json::json;

use crate::{
    harness::{Harness, value},
    letters::dead,
};

/// A killed loader's messages come again one by one.
const LONG: Duration = Duration::from_secs(120);

/// Of two batches that are written at once, one waits for an id that the other holds.
#[tokio::test]
async fn many_at_once_are_written_and_an_id_that_comes_twice_stops_nothing() {
    for (twice, expected) in [(None, 1_000), (Some(520), 999)] {
        let pipeline = Harness::new(Database::migrated().await.unwrap()).await;
        let same = dead(480, 0, &["/score"]).id;
        let letters = (0..1_000).map(|row| {
            let mut letter = dead(row, 0, &["/score"]);
            if Some(row) == twice {
                letter.headers.insert("Dlq-Id", same.as_str());
            }
            letter
        });
        pipeline.validator.publish_batch(letters.collect()).await.unwrap();
        let mut loader = pipeline.loader();
        loader.ready().await.unwrap();
        pipeline.settled("DLQ", 1_000).await;
        let pool = pipeline.pool().await;
        let kept = value(
            &pool,
            "select count(*)::int as letters, (select sum(items)::int from dead_letter_count) as open from dead_letter_letter",
        )
        .await;
        assert_eq!(kept, json!([{"letters": expected, "open": expected}]));
    }
}

#[tokio::test]
async fn what_a_killed_loader_had_written_is_noted_once_the_batch_before_it_is_written() {
    let overrides = Overrides { ack_wait: Some(Duration::from_secs(3)), ..Overrides::default() };
    let pipeline = Harness::with(Database::migrated().await.unwrap(), overrides).await;
    let letters: Vec<_> = (0..600).map(|row| dead(row, 0, &["/score"])).collect();
    let held_up = letters[100].id.clone();
    pipeline.validator.publish_batch(letters).await.unwrap();
    let pool = pipeline.pool().await;
    // Somebody else is about to write one of the first five hundred.
    let mut other = pool.begin().await.unwrap();
    sqlx::query(
        "insert into dead_letter_letter (dlq_id, epoch, seq, item, attempt, at, stage, reason, pointer, message, faults, judge,
             headers, body)
         values ($1, 1, 1, 0, 0, now(), 'load', 'x', '', '', '[]', '', '{}', '')",
    )
    .bind(held_up)
    .execute(&mut *other)
    .await
    .unwrap();
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    let state = async || pipeline.reader.consumer_state("DLQ", "loader").await.unwrap();
    until("the second batch to be settled", LONG, async || {
        let state = state().await;
        state.num_ack_pending == 500 && state.delivered == 600
    })
    .await
    .unwrap();
    let progress = "select seq, last_seq from dlq_progress where stream = 'DLQ'";
    assert_eq!(
        value(&pool, progress).await,
        json!([{"seq": 0, "last_seq": 600}]),
        "the first is not written"
    );
    loader.kill().await.unwrap();
    other.rollback().await.unwrap();
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    until("all to be settled", LONG, async || state().await.ack_floor == 600).await.unwrap();
    let is_noted = async || value(&pool, progress).await == json!([{"seq": 600, "last_seq": 600}]);
    until("all to be noted", LONG, is_noted).await.unwrap();
    assert!(loader.terminate().await.unwrap().success());
}
