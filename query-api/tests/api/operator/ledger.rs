//! The ledger finds each row that is missing or too many, by its place.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{get, read, refusal, service};
use crate::support::execute;

/// The page whose twelve rows are dead, as the loader would commit it.
const PAGE: &str = "
    insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received,
        accepted, dead, load_dead, committed, drift, warnings, stored_at, judged_at, committed_at)
    select epoch, 100, run_id, 2, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, 12, 0, 12, 0, '{}', '{}',
        '[]', stored_at, judged_at, committed_at from page where run_id = 5;
    update run set pages_got = '{1,2}' where run_id = 5;";

fn places(rows: &[i32]) -> Value {
    rows.iter().map(|row| json!({"page": 2, "row": row})).collect()
}

#[tokio::test]
async fn what_is_missing_and_what_is_too_many_is_named() {
    let (database, service) = service().await;
    let before = read(&service, "ledger").await;
    assert_eq!(before["balanced"], false, "no page received the twelve rows");
    assert_eq!(
        (&before["runs"][0]["extra"], before["runs"].as_array().map(Vec::len)),
        (&places(&(0..12).collect::<Vec<_>>()), Some(1))
    );

    execute(&database, PAGE).await;
    let good = read(&service, "ledger").await;
    assert_eq!((&good["balanced"], &good["runs"]), (&json!(true), &json!([])), "{good}");
    let totals = &good["totals"];
    assert_eq!(
        (&totals["received"], &totals["dead_open"], &totals["stored"]),
        (&json!(35), &json!(13), &json!(22))
    );
    let one = read(&service, "ledger?run=00000000-0000-5000-8000-000000000003").await;
    let books = json!({"run": "00000000-0000-5000-8000-000000000003", "dataset": "top.score", "captured_at": "2026-11-13T04:00:00Z",
        "received": 5, "stored": 4, "duplicate": 0, "dead_open": 1, "dead_quarantined": 0, "dead_discarded": 0,
        "in_flight_pages": 0, "missing": [], "extra": []});
    assert_eq!(one["runs"], json!([books]));

    // One row lost and another too many: the sums agree, the places do not.
    execute(&database, "update dead_letter set row = 12 where title = 'Row 7'").await;
    let odd = read(&service, "ledger").await;
    assert_eq!(odd["balanced"], false);
    assert_eq!((&odd["runs"][0]["missing"], &odd["runs"][0]["extra"]), (&places(&[7]), &places(&[12])));
    assert_eq!((&odd["totals"]["missing"], &odd["totals"]["extra"]), (&json!(1), &json!(1)));

    // A row that is stored and dead as well.
    let both = "update dead_letter set row = 7 where title = 'Row 7';
        update page set committed = '{3}' where seq = 100;";
    execute(&database, both).await;
    assert_eq!(read(&service, "ledger").await["runs"][0]["extra"], places(&[3]));
    // Resolved, it is stored alone.
    execute(&database, "update dead_letter set state = 'resolved' where title = 'Row 3'").await;
    assert_eq!(read(&service, "ledger").await["balanced"], true);
    execute(&database, "update dead_letter set state = 'discarded' where title in ('Row 1', 'Row 2')").await;
    execute(&database, "update dead_letter set state = 'quarantined' where title = 'Row 4'").await;
    let states = &read(&service, "ledger").await["totals"];
    assert_eq!(
        (&states["dead_open"], &states["dead_discarded"], &states["dead_quarantined"]),
        (&json!(9), &json!(2), &json!(1))
    );
}

#[tokio::test]
async fn a_page_on_its_way_is_neither_missing_nor_too_many() {
    let (database, service) = service().await;
    // The dead letters of a page come before the page itself.
    execute(&database, "update run set pages_got = '{1,2}' where run_id = 5").await;
    let early = read(&service, "ledger?run=00000000-0000-5000-8000-000000000005").await;
    assert_eq!(
        (&early["balanced"], &early["runs"][0]["in_flight_pages"]),
        (&json!(true), &json!(1)),
        "{early}"
    );
    execute(&database, "update run set pages_got = '{1}', state = 'running' where run_id = 5").await;
    assert_eq!(read(&service, "ledger").await["balanced"], true);
    // A page that is dead as a whole is not on its way.
    execute(&database, "update run set pages_got = '{1,2,3,4}' where run_id = 4").await;
    let dead = read(&service, "ledger?run=00000000-0000-5000-8000-000000000004").await;
    assert_eq!(dead["runs"][0]["in_flight_pages"], 1);
    refusal(&get(&service, "ledger?run=00000000-0000-5000-8000-000000000099").await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_replay_fills_the_place_that_was_dead() {
    let (database, service) = service().await;
    execute(&database, PAGE).await;
    let replay = "insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit,
            received, accepted, dead, load_dead, stored, committed, drift, warnings, replay_root, replay_row, stored_at, judged_at, committed_at)
        select epoch, 101, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, 0, 1, 0, 0, 1, '{5}',
            drift, warnings, '00000000-0000-5000-8000-000000000005:2:5:validate', 5, stored_at, judged_at, committed_at
        from page where seq = 100;
        select lock_dead_letters();
        select settle_dead_letters(array(select item from dead_letter where title = 'Row 5'));";
    execute(&database, replay).await;
    let run = read(&service, "ledger?run=00000000-0000-5000-8000-000000000005").await;
    let books = &run["runs"][0];
    assert_eq!(
        (&run["balanced"], &books["received"], &books["stored"], &books["dead_open"]),
        (&json!(true), &json!(17), &json!(6), &json!(11))
    );
    assert_eq!(books["duplicate"], 0);
}
