//! What becomes of pages.

use std::{collections::BTreeSet, process::Command};

use kansoku_nats::{Stored, id, page, topology::Overrides};
use kansoku_schemas::{Judge, Page};
use kansoku_stack::tools;

use crate::world::{World, meta, page_of, readiness, row, scored, until};

#[tokio::test(flavor = "multi_thread")]
async fn two_bad_rows_of_25_die_alone() {
    let world = World::start(Overrides::default()).await;
    let mut validator = world.validator().await;
    let mut rows: Vec<String> = (1..=25).map(row).collect();
    rows[3] = scored(4, "\"九\"");
    rows[20] = scored(21, "11");
    let raw = world.feed(&meta(1), page_of(&rows)).await;
    world.settled().await;

    let [page]: [Page; 1] = world.judged().await.try_into().unwrap();
    let counts = &page.body.counts;
    assert_eq!((counts.received, counts.accepted, counts.dead), (25, 23, 2));
    let indexes: Vec<_> = (0..23).filter_map(|at| page.body.rows.index(at)).collect();
    assert_eq!(indexes, (0..25).filter(|index| ![3, 20].contains(index)).collect::<Vec<_>>());
    assert_eq!(page.meta, meta(1));
    assert_eq!(page.raw.seq, raw.seq);
    assert_eq!(page.raw.epoch, world.viewer.stream_state("RAW").await.unwrap().epoch());

    let dead_letters = world.all("DLQ").await;
    let original = world.viewer.get("RAW", raw.seq).await.unwrap().unwrap();
    assert_eq!(dead_letters.len(), 2);
    for (dead_letter, index) in dead_letters.iter().zip([3, 20]) {
        assert_eq!(dead_letter.subject, "dlq.validate.schema.top.score");
        assert_eq!(dead_letter.body, rows[index].trim(), "the bytes that came");
        for (name, value) in original.headers.iter().filter(|(name, _)| !name.starts_with("Nats-")) {
            assert_eq!(dead_letter.headers.get(name), Some(value), "{name} of the page");
        }
        let header = |name: &str| {
            dead_letter.headers.get(name).unwrap_or_else(|| panic!("{name} is missing")).to_owned()
        };
        assert_eq!(header("Dlq-Row"), index.to_string());
        assert_eq!((header("Dlq-Reason"), header("Dlq-Pointer")), ("schema".to_owned(), "/score".to_owned()));
        assert_eq!(header("Dlq-Schema-Hash").len(), 64);
        assert_eq!(header("Dlq-Judge"), Judge::embedded().hash());
        assert_eq!(header("Dlq-Deliveries"), "1");
        assert!(header("Kansoku-Url").ends_with("観測"));
    }
    let numbers = validator.get("/metrics").await.unwrap().1;
    for line in [
        "kansoku_validator_rows_total{outcome=\"accepted\"} 23",
        "kansoku_validator_rows_total{outcome=\"dead\"} 2",
        "kansoku_validator_pages_total{outcome=\"judged\"} 1",
        "kansoku_judge_info{hash=",
    ] {
        assert!(numbers.contains(line), "{line} in\n{numbers}");
    }
    assert!(validator.terminate().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_page_does_not_take_the_next_one_down() {
    let world = World::start(Overrides::default()).await;
    world.feed(&meta(1), "<html>busy</html>").await;
    world.feed(&meta(2), page_of(&[row(1)])).await;
    let mut bare = page::raw(&meta(3), page_of(&[row(1)]).into());
    bare.headers.remove("Kansoku-Run");
    world.publish(bare).await;
    let mut validator = world.validator().await;
    world.settled().await;
    assert_eq!(world.judged().await.iter().map(|page| page.meta.page).collect::<Vec<_>>(), [2]);
    let dead_letters = world.all("DLQ").await;
    let mut subjects: Vec<_> = dead_letters.iter().map(|dead_letter| dead_letter.subject.as_str()).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["dlq.validate.envelope.top.score", "dlq.validate.not_json.top.score"]);
    assert!(dead_letters.iter().any(|dead_letter| dead_letter.body == "<html>busy</html>"));
    assert!(validator.terminate().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_pages_are_judged_once_each() {
    let world = World::start(Overrides::default()).await;
    for number in 1..=150 {
        world.feed(&meta(number), page_of(&[row(number), scored(number + 1_000, "[]")])).await;
    }
    let mut validator = world.validator().await;
    world.settled().await;
    assert!(validator.terminate().await.unwrap().success());
    let mut pages: Vec<_> = world.judged().await.into_iter().map(|page| page.meta.page).collect();
    pages.sort_unstable();
    assert_eq!(pages, (1..=150).collect::<Vec<_>>());
    assert_eq!(world.messages("DLQ").await, 150);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_at_the_start_or_in_the_middle_is_waited_for() {
    let world = World::start(Overrides::default()).await;
    world.server.stop().await.unwrap();
    let mut validator = world.spawn();
    // It answers before it has compiled its schemas and turned to NATS.
    until("readiness to name NATS", || async {
        let (status, body) = readiness(&validator).await;
        status == 503 && body["dependencies"]["nats"]["ready"] == false
    })
    .await;
    assert_eq!(validator.get("/livez").await.unwrap().0, 200);
    world.server.start_again().await.unwrap();
    validator.ready().await.unwrap();
    assert_eq!(readiness(&validator).await.1["dependencies"]["schemas"]["ready"], true);

    world.server.kill().await.unwrap();
    until("readiness to go", || async { readiness(&validator).await.0 == 503 }).await;
    world.server.start_again().await.unwrap();
    validator.ready().await.unwrap();
    until("the fetcher to be back", || async {
        world.fetcher.publish(page::raw(&meta(1), page_of(&[row(1)]).into())).await.is_ok()
    })
    .await;
    until("the page", || async { world.messages("VALID").await == 1 }).await;
    assert!(validator.terminate().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_of_one_place_are_dead_letters_of_their_own() {
    let world = World::start(Overrides::default()).await;
    // Headers by hand: nothing in them tells one message from the other.
    for number in 0..8 {
        let mut bare = page::raw(&meta(1), format!("by hand {number}").into());
        bare.id = format!("hand:{number}");
        match number % 4 {
            0 => bare.headers.remove("Kansoku-Page"),
            1 => bare.headers.remove("ce-time"),
            2 => bare.headers.insert("ce-source", "x".repeat(6_000)),
            _ => {
                bare.headers.insert("Dlq-Root", format!("{}:1:page:validate", meta(1).run));
                bare.headers.insert("X-Mine", "x".repeat(20_000));
            }
        }
        world.publish(bare).await;
    }
    let mut validator = world.validator().await;
    world.settled().await;
    let dead_letters = world.all("DLQ").await;
    let mut bodies: Vec<_> = dead_letters
        .iter()
        .map(|dead_letter| String::from_utf8(dead_letter.body.to_vec()).unwrap())
        .collect();
    bodies.sort();
    assert_eq!(bodies, (0..8).map(|number| format!("by hand {number}")).collect::<Vec<_>>());
    assert_eq!(world.messages("VALID").await, 0);
    validator.ready().await.unwrap();
    assert!(validator.terminate().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bodies_of_one_page_are_two_dead_letters_under_one_root() {
    let world = World::start(Overrides::default()).await;
    let bad = page_of(&[row(1), scored(2, "\"x\"")]);
    world.feed(&meta(1), bad.clone()).await;
    world.publish(page::raw_as(&meta(1), None, id::another(&meta(1).run, 1, "other"), bad.into())).await;
    let mut validator = world.validator().await;
    world.settled().await;
    let dead_letters = world.all("DLQ").await;
    let values = |name: &str| -> BTreeSet<_> {
        dead_letters.iter().map(|dead_letter| dead_letter.headers.get(name).unwrap().to_owned()).collect()
    };
    assert_eq!((dead_letters.len(), values("Dlq-Root").len(), values("Dlq-Id").len()), (2, 1, 2));
    let dead: Vec<_> = world.judged().await.iter().map(|page| page.body.counts.dead).collect();
    assert_eq!(dead, [1, 1], "VALID counts as many as there are dead letters");
    assert!(validator.terminate().await.unwrap().success());
}

/// By the nats CLI, which writes a header's text as it is: in VALID it would take twice as many bytes, more than fit.
#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_fits_into_raw_alone_stops_nobody() {
    let Ok(nats) = tools::find("nats") else {
        println!("SKIPPED: the nats CLI is not installed");
        return;
    };
    let world = World::start(Overrides::default()).await;
    let by_hand = page::raw(&meta(1), page_of(&[row(1)]).into());
    let mut command = Command::new(nats);
    command.args(["--server", &world.server.url(), "--inbox-prefix", "_INBOX.operator", "--nkey"]);
    command.arg(world.server.key_file("operator")).args(["pub", &by_hand.subject]);
    for (name, value) in by_hand.headers.iter() {
        command.args(["-H", &format!("{name}:{value}")]);
    }
    let root = format!("{}:1:0:validate", meta(1).run);
    let parent = "フ".repeat(11_000);
    for (name, value) in
        [("Dlq-Root", &*root), ("Dlq-Parent", &*parent), ("Kansoku-Row", "0"), ("Kansoku-Position", "0")]
    {
        command.args(["-H", &format!("{name}:{value}")]);
    }
    command.arg(page_of(&[row(1)]));
    assert!(command.output().unwrap().status.success());
    world.feed(&meta(2), page_of(&[row(2)])).await;
    let mut validator = world.validator().await;
    world.settled().await;
    let [dead_letter]: [Stored; 1] = world.all("DLQ").await.try_into().unwrap();
    assert_eq!(dead_letter.subject, "dlq.validate.too_large.top.score");
    assert_eq!(dead_letter.headers.get("Dlq-Left-Out"), Some("Dlq-Parent"));
    assert_eq!(dead_letter.headers.get("Dlq-Deliveries"), Some("1"));
    assert_eq!(world.judged().await.iter().map(|page| page.meta.page).collect::<Vec<_>>(), [2]);
    validator.ready().await.unwrap();
    assert!(validator.terminate().await.unwrap().success());
}
