//! A dead letter that somebody takes out of DLQ before it is projected is missed by the ledger, which names its place.

use std::time::Duration;

use kansoku_acceptance::operator::Operator;
use kansoku_stack::{pipeline::Pipeline, until, world};

use crate::export::letter;

const ROWS: u64 = 12;
const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_dead_letter_that_is_taken_out_of_dlq_is_missing() {
    let pipeline = Pipeline::start().await.unwrap();
    // It makes the tables, and reads DLQ only when a letter has been taken out.
    pipeline.ready("loader").await.unwrap().terminate().await.unwrap();
    let (_validator, api) =
        (pipeline.ready("validator").await.unwrap(), pipeline.ready("query-api").await.unwrap());
    let ada = Operator::add(&pipeline, &api.url(), "ada", "read").unwrap();
    let rows: Vec<String> = (1..=ROWS).map(|id| format!("{{\"mal_id\":{id}}}")).collect();
    let body = format!("{{\"data\":[{}]}}", rows.join(","));
    let page = world::capture("top.score".parse().unwrap(), "2026-10-18T12:00:00Z", 1, 1);
    let page = page.with_body(body.into_bytes());
    let file = ada.file("rows.jsonl", std::str::from_utf8(&world::lines(&[page])).unwrap()).unwrap();
    pipeline.import(&file).unwrap();
    let are_there = async || pipeline.messages("DLQ").await.is_ok_and(|letters| letters == ROWS);
    until("every row to be in DLQ", LIMIT, are_there).await.unwrap();
    let row: u32 = letter(&pipeline, 3).unwrap()["Dlq-Row"].parse().unwrap();
    pipeline.nats_cli(&["stream", "rmm", "DLQ", "3", "--force"]).unwrap();

    let _loader = pipeline.ready("loader").await.unwrap();
    pipeline.at_rest().await.unwrap();
    // A person counts the rows of a page from 1.
    let words = format!("row {} of page 1", row + 1);
    ada.kansoku(&["ledger"]).ends(1, &["missing", &words, "missing 1"]);
}
