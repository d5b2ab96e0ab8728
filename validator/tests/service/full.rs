//! A full DLQ: a dependency that is unavailable.

use std::{collections::BTreeMap, time::Duration};

use kansoku_nats::{Headers, Outgoing, PublishError, topology};
use kansoku_stack::process::Running;

use crate::world::{World, meta, page_of, readiness, row, scored, until};

const SMALL: u64 = 64 << 10;

fn overrides(dead_letters: u64) -> topology::Overrides {
    topology::Overrides {
        max_bytes: BTreeMap::from([("DLQ".to_owned(), dead_letters)]),
        // So that a page that is not kept with signs of life comes again within the test.
        ack_wait: Some(Duration::from_secs(1)),
        ..topology::Overrides::default()
    }
}

/// A bad row that DLQ has no capacity for.
fn large(mal_id: u32) -> String {
    scored(mal_id, &format!("\"{}\"", "x".repeat(70 << 10)))
}

/// Puts dead letters into DLQ until it takes no more; says how many it took.
async fn fill(world: &World) -> u64 {
    let validator = world.user("validator").await;
    for size in [8 << 10, 64] {
        for number in 0.. {
            let dead_letter = Outgoing {
                subject: "dlq.validate.schema.top.members".to_owned(),
                id: format!("{size}:{number}"),
                headers: Headers::new(),
                body: vec![b' '; size].into(),
                expect_last: None,
            };
            match validator.publish(dead_letter).await {
                Ok(_) => {}
                Err(PublishError::Unavailable(_)) => break,
                Err(other) => panic!("{other}"),
            }
        }
    }
    world.messages("DLQ").await
}

async fn waits(validator: &Running) {
    until("readiness to name the remediation", || async {
        let (status, body) = readiness(validator).await;
        let reason = body["dependencies"]["nats"]["reason"].as_str().unwrap_or_default().to_owned();
        status == 503
            && reason.contains("the stream is full")
            && reason.contains("raise max_bytes in its file")
    })
    .await;
}

/// Pauses between tries double from 50 ms, so the seventh comes after more than three seconds.
async fn tried_for_three_seconds(validator: &Running) {
    until("the seventh try", || async {
        let numbers = validator.get("/metrics").await.unwrap().1;
        let tries = numbers.lines().find_map(|line| {
            let labels = line.strip_prefix("messaging_client_operation_duration_seconds_count{")?;
            let (labels, count) = labels.rsplit_once(' ')?;
            let failed = labels.contains("\"publish\"") && labels.contains("error_type=\"away\"");
            failed.then(|| count.parse::<u64>().unwrap())
        });
        tries >= Some(7)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_dlq_makes_the_page_wait_and_loses_nothing() {
    let world = World::start(overrides(SMALL)).await;
    let mut validator = world.validator().await;
    let bad = page_of(&[row(1), scored(2, "\"x\""), large(3)]);
    world.feed(&meta(1), bad).await;
    waits(&validator).await;
    assert_eq!(world.messages("VALID").await, 0, "dead letters come before VALID");
    assert_eq!(world.messages("DLQ").await, 1, "the one that fits");

    // Longer than ack_wait: were the page not kept with signs of life, it would be redelivered.
    let state = async || world.viewer.consumer_state("RAW", "validator").await.unwrap();
    tried_for_three_seconds(&validator).await;
    assert_eq!((state().await.num_ack_pending, state().await.num_redelivered), (1, 0));

    // Stopped while it waits, it ends well and leaves the page to the next one.
    assert!(validator.terminate().await.unwrap().success());
    let mut validator = world.spawn();
    waits(&validator).await;

    topology::apply(&world.settings("admin"), &overrides(1 << 20)).await.unwrap();
    world.settled().await;
    assert_eq!(world.messages("DLQ").await, 2);
    let pages = world.judged().await;
    assert_eq!((pages.len(), pages[0].body.rows.len()), (1, 1));
    validator.ready().await.unwrap();
    assert!(validator.terminate().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn good_pages_beside_a_waiting_one_are_published_once() {
    let world = World::start(overrides(SMALL)).await;
    for number in 1..=10 {
        world.feed(&meta(number), page_of(&[row(number)])).await;
    }
    world.feed(&meta(11), page_of(&[large(1)])).await;
    let mut validator = world.spawn();
    waits(&validator).await;
    until("the good pages", || async { world.messages("VALID").await == 10 }).await;
    // A batch that waits is tried again and again; its published pages are not.
    let sent = async || {
        let numbers = validator.get("/metrics").await.unwrap().1;
        let line = numbers.lines().find(|line| {
            line.starts_with("messaging_client_sent_messages_total{") && line.contains("duplicate=\"true\"")
        });
        line.map(str::to_owned)
    };
    tried_for_three_seconds(&validator).await;
    assert_eq!(sent().await, None);
    topology::apply(&world.settings("admin"), &overrides(1 << 20)).await.unwrap();
    world.settled().await;
    assert_eq!((world.messages("VALID").await, world.messages("DLQ").await), (11, 1));
    assert!(validator.terminate().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_while_dlq_is_full_count_as_no_deliveries() {
    let world = World::start(overrides(SMALL)).await;
    let before = fill(&world).await;
    world.feed(&meta(1), page_of(&[row(1), scored(2, "\"x\"")])).await;
    for _ in 0..7 {
        let mut validator = world.spawn();
        waits(&validator).await;
        assert!(validator.terminate().await.unwrap().success());
    }
    topology::apply(&world.settings("admin"), &overrides(8 << 20)).await.unwrap();
    let mut validator = world.validator().await;
    world.settled().await;
    let dead_letters = world.all("DLQ").await;
    assert_eq!(dead_letters.len() as u64, before + 1);
    let dead_letter = dead_letters.last().unwrap();
    assert_eq!(dead_letter.subject, "dlq.validate.schema.top.score", "not max_deliveries");
    assert_eq!(dead_letter.headers.get("Dlq-Deliveries"), Some("1"));
    assert_eq!(world.messages("VALID").await, 1);
    assert!(validator.terminate().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn valid_keeps_what_the_loader_has_not_read() {
    let small = |bytes: u64| topology::Overrides {
        max_bytes: BTreeMap::from([("VALID".to_owned(), bytes)]),
        ..topology::Overrides::default()
    };
    let world = World::start(small(64 << 10)).await;
    let rows: Vec<String> = (1..=10).map(row).collect();
    let mut validator = world.validator().await;
    let mut fed = 0;
    let waiting = || async {
        let (status, body) = readiness(&validator).await;
        let reason = body["dependencies"]["loader"]["reason"].as_str().unwrap_or_default().to_owned();
        status == 503 && reason.contains("VALID is half full") && reason.contains("start the loader")
    };
    while !waiting().await {
        fed += 1;
        world.feed(&meta(fed), page_of(&rows)).await;
        until("the page, or waiting", || async {
            world.messages("VALID").await == u64::from(fed) || waiting().await
        })
        .await;
    }
    world.feed(&meta(fed + 1), page_of(&rows)).await;
    let state = world.viewer.stream_state("VALID").await.unwrap();
    assert_eq!(state.first_seq, 1, "nothing was dropped");
    assert!(state.bytes > 32 << 10);
    topology::apply(&world.settings("admin"), &small(1 << 20)).await.unwrap();
    world.settled().await;
    assert_eq!(world.messages("VALID").await, u64::from(fed) + 1);
    validator.ready().await.unwrap();
    assert!(validator.terminate().await.unwrap().success());
}
