//! Dead letters that are made again: what is kept meanwhile, and what numbers are given out.

use kansoku_loader::{
    action::Action,
    store::{First, Store},
};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    common::{noon, tables},
    harness::value,
    letters::{Fact, PROGRESS, action, apply, facts, projection},
};

/// An operator's words about a group.
fn note(id: i64, path: &str, words: &str) -> Action {
    let about = json!({"reason": "schema", "path": path, "keyword": "type", "set": {"note": words}});
    let Fact::Action(group) = action(id, 0, "group", None, about) else { unreachable!() };
    Action { root: None, ..*group }
}

async fn number(pool: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

/// What the streams tell again.
async fn tell(store: &Store, facts: Vec<Fact>, letters: First, actions: First) {
    let is_there = |fact: &Fact| match fact {
        Fact::Letter(letter) => letter.seq >= letters.seq,
        Fact::Action(action) => action.audit_seq >= actions.seq,
        Fact::Stored(_) => false,
    };
    apply(store, &facts.into_iter().filter(is_there).collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn what_the_streams_do_not_have_any_more_is_kept() {
    let (store, pool, _database) = tables().await;
    apply(&store, &facts()).await;
    sqlx::raw_sql(
        "insert into dead_letter_action (at, actor, action, detail) select at, actor, action,
             detail || '{\"path\": \"/members\", \"set\": {\"note\": \"not told yet\"}}' from dead_letter_action where id = 21;
         select set_dead_letter_group(detail) from dead_letter_action where audit_seq is null",
    )
    .execute(&pool)
    .await
    .unwrap();
    let before = projection(&pool).await;
    let notes = "select path, note, version from dead_letter_group where note is not null order by path";
    let notes_before = value(&pool, notes).await;
    assert_eq!(
        (&notes_before[0]["note"], &notes_before[1]["note"]),
        (&json!("not told yet"), &json!("last words"))
    );
    // DLQ begins in the middle of the letters, AUDIT after the first note: who has purged them does not matter.
    let [letters, actions] = [31, 21].map(|seq| First { epoch: 1, seq });
    store.begin_rebuilding(noon(25)).await.unwrap();
    store.forget_dead_letters(letters, actions).await.unwrap();
    assert_eq!(number(&pool, "select count(*) from dead_letter_rebuilding").await, 1);
    assert_eq!(number(&pool, "select count(*) from dead_letter_letter where seq >= 31").await, 0);
    assert!(number(&pool, "select count(*) from dead_letter_letter").await > 0);
    tell(&store, facts(), letters, actions).await;
    store.end_rebuilding().await.unwrap();
    assert_eq!(projection(&pool).await, before);
    assert_eq!(value(&pool, notes).await, notes_before);
    assert_eq!(number(&pool, "select count(*) from dead_letter_rebuilding").await, 0);
}

#[tokio::test]
async fn a_stream_that_was_made_anew_takes_nothing_away() {
    let (store, pool, _database) = tables().await;
    apply(&store, &facts()).await;
    let before: Value = projection(&pool).await;
    let anew = First { epoch: 2, seq: 1 };
    store.begin_rebuilding(noon(25)).await.unwrap();
    store.forget_dead_letters(anew, anew).await.unwrap();
    store.end_rebuilding().await.unwrap();
    assert_eq!(projection(&pool).await, before);
}

#[tokio::test]
async fn an_emptied_database_gives_no_number_out_that_audit_may_have() {
    let (store, pool, _database) = tables().await;
    let new = "insert into dead_letter_action (at, actor, action) values (now(), 'me', 'group') returning id";
    // Before AUDIT has told of the actions of another database, that was set up a minute ago.
    let first = number(&pool, new).await;
    store
        .write_actions(&[note(41, "/score", "a"), note(first - 1_000, "/score", "b")], PROGRESS)
        .await
        .unwrap();
    assert_eq!(number(&pool, "select count(*) from dead_letter_action").await, 3);
    assert_eq!(number(&pool, "select count(*) from dead_letter_action where audit_seq is null").await, 1);
    store.write_actions(&[note(first + 100, "/score", "c")], PROGRESS).await.unwrap();
    assert_eq!(number(&pool, new).await, first + 101, "numbers that AUDIT brings are taken");
    store.write_actions(&[note(first + 101, "/score", "d")], PROGRESS).await.unwrap();
    let unsent = number(&pool, "select count(*) from dead_letter_action where audit_seq is null").await;
    assert_eq!(unsent, 2, "another action of that number is not the one that waits");
}

#[tokio::test]
async fn a_promoted_standby_gives_no_number_out_that_audit_may_have() {
    let (store, pool, _database) = tables().await;
    let new = "insert into dead_letter_action (at, actor, action) values (now(), 'me', 'group') returning id";
    let behind = number(&pool, new).await;
    // The primary gave out hundreds more, and its standby has heard of none of them.
    let promote = "create or replace function timeline() returns int language sql as 'select 2'";
    sqlx::query(promote).execute(&pool).await.unwrap();
    let after = number(&pool, new).await;
    assert!(after > behind + 1_000_000, "{after}");
    assert_eq!(number(&pool, new).await, after + 1, "and goes on from there");
    // What AUDIT knows of the lost ones finds its place.
    store.write_actions(&[note(behind + 1, "/score", "lost")], PROGRESS).await.unwrap();
    assert_eq!(number(&pool, "select count(*) from dead_letter_action").await, 4);
    let unsent = number(&pool, "select count(*) from dead_letter_action where audit_seq is null").await;
    assert_eq!(unsent, 3, "none of the new ones is taken for it");
}
