//! Pages of a history: a contract of their own, and dead letters row by row.

use super::*;

/// A row as the import writes it.
pub(super) fn row(mal_id: &str, numbers: &str) -> String {
    format!(r#"{{"captured_at":"2026-11-23T12:00:00Z","mal_id":{mal_id},{numbers}}}"#)
}

#[test]
fn rows_of_a_history_have_a_contract_of_their_own_and_die_alone() {
    let bad = [row("\"5a\"", "\"score\":8"), row("6", "\"members\":\"1,024\""), row("7", "\"rank\":null")];
    let rows =
        [row("1", "\"score\":0,\"members\":12.0"), bad[0].clone(), bad[1].clone(), row("3", "\"score\":7.5")];
    let page = body(&[&rows[..], &bad[2..]].concat());
    let (dead, valid, counts) = judged(&delivery(&meta(Dataset::History), page));
    assert_eq!((counts.accepted, counts.dead, counts.drift["score_zero"]), (2, 3, 1));
    for (dead_letter, (bytes, pointer)) in dead.iter().zip(bad.iter().zip(["/mal_id", "/members", ""])) {
        assert_eq!(dead_letter.subject, "dlq.validate.schema.history");
        assert_eq!(dead_letter.body, bytes.as_bytes());
        assert_eq!(
            (header(dead_letter, "Dlq-Pointer"), header(dead_letter, "Dlq-Schema")),
            (pointer, "history.v1")
        );
    }
    assert_eq!(valid.subject, "valid.history");
    let page = page_in(&valid);
    assert_eq!((page.body.contract.as_str(), page.body.limit), ("history-page.v2", 10));
    let Rows::History(rows) = &page.body.rows else { panic!("no history: {page:?}") };
    let found: Vec<_> = rows.iter().map(|row| (row.index, row.position, row.mal_id)).collect();
    assert_eq!(found, [(0, 20, 1), (3, 23, 3)]);
    assert_eq!((rows[0].score, rows[0].members), (None, Some(12)), "0 is unknown");
    assert_eq!((rows[1].score, rows[1].members), (Some(7.5), None), "so is what is not there");
}

#[test]
fn the_replay_of_a_row_has_the_place_of_its_row() {
    let meta = meta(Dataset::History);
    let body = format!("{{\"data\":[{}]}}", row("1", "\"score\":8"));
    let root = format!("{}:3:7:validate", meta.run);
    let headers = [("Dlq-Root", root.as_str()), ("Kansoku-Row", "7"), ("Dlq-Replays", "1")];
    let (_, valid, _) = judged(&replay(&meta, body, &headers));
    let Rows::History(rows) = page_in(&valid).body.rows else { panic!("no history: {valid:?}") };
    assert_eq!((rows[0].index, rows[0].position), (7, 507), "two full pages come before it");
}
