//! What becomes of groups: fixed, regressed, and named whatever their place is called.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    common::{noon, replay, tables},
    harness::value,
    letters::{Fact, action, apply, letter},
};

#[tokio::test]
async fn a_new_row_after_the_fix_makes_a_group_regressed() {
    let (store, pool, _database) = tables().await;
    let judged = |row, attempt, judge: &str, minute: i64| {
        let Fact::Letter(mut letter) = letter(row, attempt, &["/score"]) else { unreachable!() };
        letter.judge = judge.to_owned();
        letter.at = noon(24) + TimeDelta::minutes(minute);
        letter.dlq_id.push_str(judge);
        Fact::Letter(letter)
    };
    let fixed = {
        let mut page = replay(1, 1, 0, 40, 77);
        page.judge = "second".to_owned();
        Fact::Stored(Box::new(page))
    };
    apply(&store, &[judged(0, 0, "first", -9), action(1, 0, "replay", Some(1), json!({})), fixed]).await;
    let group = "select fixed_by, regressed_at is not null as regressed from dead_letter_group";
    assert_eq!(value(&pool, group).await, json!([{"fixed_by": "second", "regressed": false}]));
    apply(&store, &[judged(1, 0, "first", -1)]).await;
    assert_eq!(
        value(&pool, group).await[0]["regressed"],
        false,
        "it died before the fix and was written late"
    );
    apply(&store, &[judged(2, 0, "first", 6)]).await;
    assert_eq!(value(&pool, group).await[0]["regressed"], true, "also when the schemas of before are back");
}

/// An index holds some 2,700 bytes.
#[tokio::test]
async fn a_fault_at_a_place_of_any_length_stops_nobody() {
    let (store, pool, _database) = tables().await;
    // Compression would make a word that comes again short.
    let long: String =
        (0..3_000_u32).map(|n| char::from(b'!' + (n.wrapping_mul(n + 7) % 14) as u8)).collect();
    apply(&store, &[letter(0, 0, &[&format!("/{long}/3")])]).await;
    let kind = "select length(path) as characters, keyword from dead_letter_group";
    assert_eq!(value(&pool, kind).await, json!([{"characters": 500, "keyword": "type"}]));
}

/// What a person mended passes by any judge; whether the edit is known before its row is stored or after.
#[tokio::test]
async fn a_row_that_was_mended_does_not_fix_its_group() {
    let (store, pool, _database) = tables().await;
    let by_second = |row| {
        let mut page = replay(1, 1, row, 40 + u64::from(row), 77 + row.cast_signed());
        page.judge = "second".to_owned();
        Fact::Stored(Box::new(page))
    };
    let edit = action(1, 0, "edit", None, json!({"text": "{}"}));
    let replayed = |id, row| action(id, row, "replay", Some(1), json!({}));
    let fixed = "select fixed_by from dead_letter_group where fixed_at is not null";
    apply(&store, &[letter(0, 0, &["/score"]), edit, replayed(2, 0), by_second(0)]).await;
    assert_eq!(value(&pool, fixed).await, json!([]), "the edit came first");

    apply(&store, &[letter(1, 0, &["/score"]), by_second(1)]).await;
    assert_eq!(value(&pool, fixed).await, json!([{"fixed_by": "second"}]), "no edit is known");
    apply(&store, &[action(3, 1, "edit", None, json!({"text": "{}"})), replayed(4, 1)]).await;
    assert_eq!(value(&pool, fixed).await, json!([]), "the edit came last");

    apply(&store, &[letter(2, 0, &["/score"]), replayed(5, 2), by_second(2)]).await;
    assert_eq!(value(&pool, fixed).await, json!([{"fixed_by": "second"}]), "this one passed as it came");
}
