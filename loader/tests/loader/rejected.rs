//! What the loader rejects, as dead letters.

use bytes::Bytes;
use kansoku_nats::{Outgoing, page, subject};
use kansoku_schemas::{Dataset, Page, Position, Replay, Root, RunEvent, RunEventKind};
use kansoku_stack::postgres::Database;
use serde_json::json;

use crate::{
    common::{run_id, titles},
    harness::{Harness, event, judged, value},
};

#[tokio::test]
async fn a_row_that_does_not_fit_is_dead_with_its_own_bytes() {
    let pipeline = Harness::new(Database::migrated().await.unwrap()).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    pipeline.page(1, |page| titles(page)[1].anime.members = -5).await;
    pipeline.page(2, |_| ()).await;
    pipeline.settled("VALID", 2).await;
    let dead_letters = pipeline.dead_letters().await;
    assert_eq!(dead_letters.len(), 1, "{}", loader.logs());
    let dead_letter = &dead_letters[0];
    assert_eq!(dead_letter.subject, "dlq.load.db_data.top.score");
    assert_eq!(dead_letter.body, "{\"mal_id\":2,\"row\":1}");
    let header = |name| dead_letter.headers.get(name).unwrap();
    assert_eq!(header("Dlq-Root"), format!("{}:1:1:load", run_id(1)));
    assert_eq!(header("Dlq-Pointer"), "/members");
    let place = ["Kansoku-Row", "Kansoku-Position", "Kansoku-Limit"].map(header);
    assert_eq!(place, ["1", "1", "25"]);
    assert_eq!(header("ce-type"), "moe.kansoku.page.fetched.v1");
    assert_eq!(dead_letter.headers.get("Dlq-Body"), None);
    let pages = "select page, accepted, load_dead, stored from page order by page";
    assert_eq!(
        value(&pipeline.pool().await, pages).await,
        json!([
            {"page": 1, "accepted": 3, "load_dead": 1, "stored": 2},
            {"page": 2, "accepted": 3, "load_dead": 0, "stored": 3},
        ])
    );
}

/// The third row of a page as one that a person publishes with the page's own headers.
fn by_hand(page: &mut Page) {
    let rows = titles(page);
    rows.drain(..2);
    (rows[0].index, rows[0].position) = (0, 0);
    (page.body.counts.received, page.body.counts.accepted) = (1, 1);
}

#[tokio::test]
async fn a_row_published_by_hand_before_its_page_gives_way_to_it_and_that_is_said() {
    let pipeline = Harness::new(Database::migrated().await.unwrap()).await;
    let loader = pipeline.loader();
    pipeline.page_as("by hand", 1, by_hand).await;
    pipeline.settled("VALID", 1).await;
    pipeline.page(1, |_| ()).await;
    pipeline.settled("VALID", 2).await;
    assert_eq!(pipeline.dead_letters().await, []);
    let ranking = "select position, mal_id from ranking order by position limit 1";
    assert_eq!(value(&pipeline.pool().await, ranking).await, json!([{"position": 0, "mal_id": 1}]));
    let words = format!("page 1 of run {} has 3 rows, and came with 1 before", run_id(1));
    assert!(loader.logs().contains(&words), "{}", loader.logs());
}

#[tokio::test]
async fn a_row_published_by_hand_as_a_page_does_not_displace_the_first_of_the_ranking() {
    let pipeline = Harness::new(Database::migrated().await.unwrap()).await;
    let _loader = pipeline.loader();
    pipeline.page(1, |_| ()).await;
    pipeline.page_as("by hand", 1, by_hand).await;
    pipeline.settled("VALID", 2).await;
    let [dead_letter] = &pipeline.dead_letters().await[..] else { panic!("one dead letter") };
    assert_eq!(dead_letter.subject, "dlq.load.envelope.top.score");
    let header = |name| dead_letter.headers.get(name).unwrap();
    assert_eq!((header("Dlq-Row"), header("Dlq-Pointer")), ("page", "/data"));
    assert!(header("Dlq-Error").contains("send the headers Dlq-Root, Kansoku-Row and Kansoku-Position"));
    let ranking = "select position, mal_id from ranking order by position limit 1";
    assert_eq!(value(&pipeline.pool().await, ranking).await, json!([{"position": 0, "mal_id": 1}]));
}

#[tokio::test]
async fn a_row_that_only_the_tables_find_wrong_takes_its_page_and_no_other() {
    let pipeline = Harness::new(Database::migrated().await.unwrap()).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    let stricter = "alter table anime add constraint short check (length(title) < 40)";
    sqlx::query(stricter).execute(&pipeline.pool().await).await.unwrap();
    pipeline.page(1, |page| titles(page)[1].anime.title = "long ".repeat(40)).await;
    pipeline.page(2, |_| ()).await;
    pipeline.settled("VALID", 2).await;
    let [dead_letter] = &pipeline.dead_letters().await[..] else {
        panic!("one dead letter: {}", loader.logs())
    };
    assert_eq!(dead_letter.subject, "dlq.load.db_data.top.score");
    assert!(dead_letter.headers.get("Dlq-Error").unwrap().contains("violates check constraint \"short\""));
    let pages = "select page, stored from page order by page";
    assert_eq!(value(&pipeline.pool().await, pages).await, json!([{"page": 2, "stored": 3}]));
}

#[tokio::test]
async fn a_page_of_another_run_is_rejected_whole() {
    let pipeline = Harness::new(Database::migrated().await.unwrap()).await;
    pipeline.page(1, |_| ()).await;
    pipeline.page(2, |page| page.meta.source = "elsewhere".to_owned()).await;
    let loader = pipeline.loader();
    pipeline.settled("VALID", 2).await;
    let [dead_letter] = &pipeline.dead_letters().await[..] else {
        panic!("one dead letter: {}", loader.logs())
    };
    assert_eq!(dead_letter.subject, "dlq.load.envelope.top.score");
    assert!(dead_letter.body.starts_with(b"{\"data\":"), "the page's own bytes");
    let header = |name| dead_letter.headers.get(name).unwrap();
    assert_eq!((header("Dlq-Row"), header("Dlq-Pointer")), ("page", "/source"));
    let words = format!("the source is \"elsewhere\", and \"jikan-sim\" in run {}: ", run_id(1));
    assert!(header("Dlq-Error").starts_with(&words), "{}", header("Dlq-Error"));
    assert_eq!(
        value(&pipeline.pool().await, "select page, stored from page").await,
        json!([{"page": 1, "stored": 3}])
    );
}

#[tokio::test]
async fn the_replay_of_a_row_that_dies_here_keeps_its_root() {
    let pipeline = Harness::new(Database::migrated().await.unwrap()).await;
    let root: Root = format!("{}:1:1:validate", run_id(1)).parse().unwrap();
    let replay = Replay { root, parent: None, row: Some(1), position: Some(1), attempt: 2 };
    let at = Position { epoch: 1, seq: 9 };
    let mut page = judged(1, at);
    page.replay = Some(replay);
    let rows = titles(&mut page);
    rows.truncate(1);
    (rows[0].index, rows[0].position, rows[0].anime.members) = (1, 1, -5);
    pipeline.validator.publish(page::valid(&page).unwrap()).await.unwrap();
    let loader = pipeline.loader();
    pipeline.settled("VALID", 1).await;
    let dead_letters = pipeline.dead_letters().await;
    assert_eq!(dead_letters.len(), 1, "{}", loader.logs());
    let header = |name| dead_letters[0].headers.get(name).unwrap();
    assert_eq!(dead_letters[0].subject, "dlq.load.db_data.top.score");
    assert_eq!(
        (header("Dlq-Root"), header("Dlq-Stage"), header("Dlq-Replays")),
        (&*root.to_string(), "load", "2")
    );
    let place = ["Kansoku-Row", "Kansoku-Position", "Kansoku-Limit"].map(header);
    assert_eq!(place, ["1", "1", "25"]);
}

#[tokio::test]
async fn texts_too_long_for_the_tables_are_rejected() {
    let pipeline = Harness::new(Database::migrated().await.unwrap()).await;
    pipeline.page(1, |page| page.meta.source = "x".repeat(6_000)).await;
    pipeline.page(2, |_| ()).await;
    pipeline.event(0, &RunEvent { source: "x".repeat(6_000), ..event(RunEventKind::Started, vec![]) }).await;
    let loader = pipeline.loader();
    pipeline.settled("VALID", 2).await;
    pipeline.settled("RUN", 1).await;
    let dead_letters = pipeline.dead_letters().await;
    assert_eq!(dead_letters.len(), 1, "{}", loader.logs());
    assert_eq!(
        dead_letters[0].headers.get("Dlq-Error"),
        Some("/source cannot be stored: the text is too long")
    );
    let pool = pipeline.pool().await;
    assert_eq!(value(&pool, "select page, stored from page").await, json!([{"page": 2, "stored": 3}]));
    assert_eq!(
        value(&pool, "select stream, seq from unreadable").await,
        json!([{"stream": "RUN", "seq": 1}])
    );
}

#[tokio::test]
async fn an_unreadable_message_is_rejected_and_its_neighbours_go_on() {
    let pipeline = Harness::new(Database::migrated().await.unwrap()).await;
    pipeline.page(1, |page| page.body.contract = "snapshot-page.v9".to_owned()).await;
    pipeline.page(2, |_| ()).await;
    let garbage = Outgoing {
        subject: subject::run(&Dataset::TopScore, &run_id(1)),
        id: "garbage".to_owned(),
        headers: Default::default(),
        body: Bytes::from_static(br#"{"an\u0000other":1}"#),
        expect_last: None,
    };
    pipeline.fetcher.publish(garbage).await.unwrap();
    let archive = Outgoing {
        subject: subject::archive(1, 1),
        id: "archive".to_owned(),
        headers: Default::default(),
        body: Bytes::from_static(
            br#"{"epoch":1,"first":1,"last":9,"file":"raw-1.jsonl.zst","captures":9,"bytes":70,"sha256":"ab","instance":"x",
                "at":"2026-11-24T00:00:00Z"}"#,
        ),
        expect_last: None,
    };
    pipeline.fetcher.publish(archive).await.unwrap();
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    pipeline.settled("VALID", 2).await;
    pipeline.settled("RUN", 2).await;
    let dead_letters = pipeline.dead_letters().await;
    assert_eq!(dead_letters.len(), 1);
    assert_eq!(dead_letters[0].subject, "dlq.load.envelope.top.score");
    assert!(dead_letters[0].body.starts_with(b"{\"data\":"), "the page's own bytes");
    assert_eq!(dead_letters[0].headers.get("Dlq-Root").unwrap(), format!("{}:1:page:load", run_id(1)));
    let pool = pipeline.pool().await;
    assert_eq!(value(&pool, "select page, stored from page").await, json!([{"page": 2, "stored": 3}]));
    assert_eq!(
        value(
            &pool,
            "select stream, seq, reason like 'unknown field `an\u{fffd}other`%' as why from unreadable"
        )
        .await,
        json!([{"stream": "RUN", "seq": 1, "why": true}])
    );
    assert_eq!(
        value(&pool, "select epoch, first, last, file from archive_file").await,
        json!([{"epoch": 1, "first": 1, "last": 9, "file": "raw-1.jsonl.zst"}])
    );
}
