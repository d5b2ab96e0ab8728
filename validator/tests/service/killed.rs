//! Processes that are killed at the worst moments, and start again when the server has forgotten what they published.

use std::{collections::BTreeSet, os::unix::process::ExitStatusExt, time::Duration};

use kansoku_nats::{
    Stored,
    topology::{Change, Overrides, Target, Topology, desired},
};
use kansoku_service::{Clock, SystemClock};

use crate::world::{LIMIT, World, meta, page_of, row, scored, until};

const WINDOW: Duration = Duration::from_secs(2);
const PAGES: u32 = 40;
/// Each page is killed over at most four times: the sixth delivery would reject it.
const POINTS: [&str; 4] = ["consume::handle", "consume::result", "consume::settle", "consume::result"];

/// Gives the streams that the validator writes a short memory.
async fn shorten_windows(world: &World, overrides: &Overrides) {
    let topology = Topology::connect(&world.settings("admin")).await.unwrap();
    for mut stream in desired(overrides).unwrap().streams {
        let name = stream["name"].as_str().unwrap().to_owned();
        if ["DLQ", "VALID"].contains(&name.as_str()) {
            stream.insert("duplicate_window".to_owned(), u64::try_from(WINDOW.as_nanos()).unwrap().into());
            topology.make(&Change::Update(Target::Stream(name), stream, Vec::new())).await.unwrap();
        }
    }
}

async fn forgotten(world: &World) {
    until("the server to forget the ids", || async {
        let last = [world.all("DLQ").await, world.all("VALID").await].concat();
        let last = last.iter().map(|stored| stored.time).max();
        last.is_none_or(|last| SystemClock.now() - last > chrono::TimeDelta::from_std(WINDOW).unwrap())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_published_twice_by_processes_that_are_killed_after_the_duplicate_window() {
    let overrides = Overrides { ack_wait: Some(Duration::from_secs(1)), ..Overrides::default() };
    let world = World::start(overrides.clone()).await;
    shorten_windows(&world, &overrides).await;
    for number in 1..=PAGES {
        let dead = (2..6).map(|id| scored(id, "\"x\""));
        world.feed(&meta(number), page_of(&[row(1)].into_iter().chain(dead).collect::<Vec<_>>())).await;
    }
    let mut injected = 0;
    for point in POINTS {
        let mut validator = world.spawn_with("FAILPOINTS", &format!("{point}=return"));
        let ended = validator.wait(LIMIT).await.unwrap();
        assert_eq!(ended.signal(), Some(9), "{point} was not reached: {}", validator.logs());
        injected += 1;
        forgotten(&world).await;
    }
    println!("killed {injected} processes");
    let before = (world.messages("DLQ").await, world.messages("VALID").await);
    assert!(before.0 > 0 && before.1 > 0, "some pages were published by killed processes: {before:?}");
    let mut validator = world.validator().await;
    world.settled().await;
    let ids = |stored: &[Stored]| -> BTreeSet<String> {
        stored.iter().map(|stored| stored.headers.get("Nats-Msg-Id").unwrap().to_owned()).collect()
    };
    let (dead_letters, contracts) = (world.all("DLQ").await, world.all("VALID").await);
    assert_eq!((ids(&dead_letters).len(), ids(&contracts).len()), (PAGES as usize * 4, PAGES as usize));
    assert_eq!((dead_letters.len(), contracts.len()), (PAGES as usize * 4, PAGES as usize), "each once");
    assert!(dead_letters.iter().all(|dead_letter| dead_letter.subject == "dlq.validate.schema.top.score"));
    assert!(validator.terminate().await.unwrap().success());
}
