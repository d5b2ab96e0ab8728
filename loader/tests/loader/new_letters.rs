//! New dead letters are written as settling would leave them, in batches of any size.

use std::time::Duration;

use kansoku_loader::{
    letter::Letter,
    store::{First, Store},
};
use kansoku_stack::until;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    common::{tables, wipe},
    harness::{SOON, value},
    letters::{Fact, PROGRESS, apply, facts, letter, projection},
};

const ALL: First = First { epoch: 1, seq: 0 };

/// Writes the letters that follow one another together, at most so many.
async fn apply_together(store: &Store, facts: &[Fact], most: usize) {
    let is_letter = |fact: &Fact| matches!(fact, Fact::Letter(_));
    for run in facts.chunk_by(|one, next| is_letter(one) && is_letter(next)) {
        if !is_letter(&run[0]) {
            apply(store, run).await;
            continue;
        }
        for batch in run.chunks(most) {
            let batch: Vec<Letter> = batch.iter().map(unwrapped).collect();
            store.write_letters(&batch, PROGRESS).await.unwrap();
        }
    }
}

fn unwrapped(fact: &Fact) -> Letter {
    let Fact::Letter(letter) = fact else { panic!("no letter: {fact:?}") };
    (**letter).clone()
}

/// Every column of what is derived.
async fn derived(pool: &PgPool) -> Value {
    value(
        pool,
        "select (select jsonb_agg(d order by item) from dead_letter d) as items,
             (select jsonb_agg(f order by item, grp) from dead_letter_fault f) as faults,
             (select jsonb_agg(g order by grp) from dead_letter_group g) as groups,
             (select jsonb_agg(h order by grp, hour) from dead_letter_group_hour h) as hours,
             (select jsonb_agg(c order by state, stage, reason, dataset) from dead_letter_count c where items <> 0) as counts,
             (select jsonb_agg(c order by grp, state, stage, dataset) from dead_letter_group_count c where items <> 0) as sums",
    )
    .await
}

#[tokio::test]
async fn settling_again_changes_nothing_whatever_came_together() {
    let (store, pool, _database) = tables().await;
    apply(&store, &facts()).await;
    let expected = projection(&pool).await;
    let handle = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
        let letters_first =
            facts().into_iter().partition::<Vec<_>, _>(|fact| matches!(fact, Fact::Letter(_)));
        let letters_first = [letters_first.0, letters_first.1].concat();
        let order = prop_oneof![Just(letters_first), Just(facts()).prop_shuffle()];
        TestRunner::new(config)
            .run(&(order, 1..30usize), |(order, most)| {
                let (found, before, after) = handle.block_on(async {
                    wipe(&pool).await;
                    store.forget_dead_letters(ALL, ALL).await.unwrap();
                    apply_together(&store, &order, most).await;
                    let before = (projection(&pool).await, derived(&pool).await);
                    let settle = "select settle_dead_letters(array(select item from dead_letter))";
                    sqlx::query(settle).execute(&pool).await.unwrap();
                    (before.0, before.1, derived(&pool).await)
                });
                prop_assert_eq!(before, after);
                prop_assert_eq!(&found, &expected);
                Ok(())
            })
            .unwrap();
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_letter_by_the_id_of_another_is_left_out_and_the_others_are_written() {
    for together in [true, false] {
        let (store, pool, _database) = tables().await;
        let (first, third) = (unwrapped(&letter(1, 0, &["/score"])), unwrapped(&letter(3, 0, &["/score"])));
        let second = Letter { dlq_id: first.dlq_id.clone(), ..unwrapped(&letter(2, 0, &["/score"])) };
        let most = if together { 3 } else { 1 };
        for batch in [first, second, third].chunks(most) {
            store.write_letters(batch, PROGRESS).await.unwrap();
        }
        let items = "select row, version, letter is not null as has_letter from dead_letter order by row";
        let expect =
            |row: i64, version: i64| json!({"row": row, "version": version, "has_letter": version > 0});
        assert_eq!(value(&pool, items).await, json!([expect(1, 1), expect(2, 0), expect(3, 1)]));
        assert_eq!(
            value(&pool, "select sum(items)::int as open from dead_letter_count").await,
            json!([{"open": 2}])
        );
    }
}

#[tokio::test]
async fn two_that_write_of_one_place_at_once_share_its_item() {
    let (store, pool, _database) = tables().await;
    let (first, replay) = (unwrapped(&letter(1, 0, &["/score"])), unwrapped(&letter(1, 1, &["/members"])));
    let other = unwrapped(&letter(2, 0, &["/score"]));
    // Both have numbered the place before one of them writes its item.
    let mut held = pool.begin().await.unwrap();
    sqlx::query("select lock_dead_letters()").execute(&mut *held).await.unwrap();
    let release = async {
        until("both to wait", SOON, async || {
            let waiting = "select count(*)::int as n from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock'";
            value(&pool, waiting).await == json!([{"n": 2}])
        })
        .await
        .unwrap();
        held.rollback().await.unwrap();
    };
    let (together, one) = ([replay, other], [first]);
    let (written, and, ()) =
        tokio::join!(store.write_letters(&together, PROGRESS), store.write_letters(&one, PROGRESS), release);
    written.and(and).unwrap();
    let items = "select d.row, d.version, count(*)::int as letters from dead_letter d join dead_letter_letter l using (item)
        group by d.item order by d.row";
    let expected = json!([{"row": 1, "version": 2, "letters": 2}, {"row": 2, "version": 1, "letters": 1}]);
    assert_eq!(value(&pool, items).await, expected);
    let before = derived(&pool).await;
    let settle = "select settle_dead_letters(array(select item from dead_letter))";
    sqlx::query(settle).execute(&pool).await.unwrap();
    assert_eq!(derived(&pool).await, before, "as settling leaves it");
}

/// A night's flood fills young tables: what the planner takes for small now is not a minute later.
#[tokio::test]
async fn what_a_batch_reads_does_not_grow_with_the_letters_before_it() {
    const BATCHES: u32 = 30;
    const BATCH: u32 = 100;
    let (store, pool, database) = tables().await;
    for batch in 0..BATCHES {
        let rows = batch * BATCH..(batch + 1) * BATCH;
        let batch: Vec<Letter> = rows.map(|row| unwrapped(&letter(row, 0, &["/score"]))).collect();
        store.write_letters(&batch, PROGRESS).await.unwrap();
    }
    // A session counts what it read when it ends.
    pool.close().await;
    let pool = PgPool::connect(database.url()).await.unwrap();
    let sessions = "select count(*) from pg_stat_activity
        where datname = current_database() and application_name = 'kansoku-loader'";
    let ended = async || value(&pool, sessions).await == json!([{"count": 0}]);
    until("the loader's sessions to end", Duration::from_secs(20), ended).await.unwrap();
    let read = "select sum(seq_tup_read + idx_tup_fetch)::int as read from pg_stat_user_tables
        where relname in ('dead_letter', 'dead_letter_letter', 'dead_letter_fault')";
    let read = value(&pool, read).await[0]["read"].as_i64().unwrap();
    // Three times an item, twice a letter, once a fault.
    let expected = i64::from(BATCHES * BATCH) * 6;
    assert!((1..expected * 5 / 4).contains(&read), "{read} rows read where {expected} are enough");
}
