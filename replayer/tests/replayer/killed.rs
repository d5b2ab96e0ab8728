//! A replayer that is killed in the middle of a job, after the server has forgotten what it published.

use std::{collections::BTreeSet, os::unix::process::ExitStatusExt as _};

use crate::world::{LIMIT, World, genre};

const DEAD: u32 = 20;

#[tokio::test]
async fn each_member_is_in_raw_once_whenever_its_replayer_is_killed() {
    let mut world = World::start(10).await;
    let rows: Vec<String> = (1..=DEAD).map(|id| genre(id, 5)).collect();
    world.page(&rows, DEAD.into()).await;
    world.deploy("validator", 0);
    world.validate().await;
    world.pipeline.set_duplicate_window("100ms").unwrap();
    let mut planning = world.replayer().spawn().unwrap();
    planning.ready().await.unwrap();
    world.plan(None, None).await;
    planning.kill().await.unwrap();
    world.job(50, 5).await;
    let mut injected = 0;
    for point in [
        "replayer::after_intent",
        "replayer::after_publish",
        "replayer::after_publish",
        "replayer::after_audit",
    ] {
        let mut dying = world.replayer().env("FAILPOINTS", format!("{point}=return")).spawn().unwrap();
        let ended = dying.wait(LIMIT).await.unwrap();
        assert_eq!(ended.signal(), Some(9), "{point} killed nobody: {}", dying.logs());
        injected += 1;
    }
    println!("killed the replayer {injected} times");
    let mut replayer = world.replayer().spawn().unwrap();
    replayer.ready().await.unwrap();
    world.job_is("done").await;
    let replays = world.replays().await;
    let distinct: BTreeSet<&String> = replays.iter().collect();
    assert_eq!((replays.len(), distinct.len()), (DEAD as usize, DEAD as usize), "{}", replayer.logs());
    let resolved = "select count(*) from dead_letter where state = 'resolved'";
    assert_eq!(world.pipeline.number(resolved).await.unwrap(), i64::from(DEAD));
    let placed =
        "select count(*) from dlq_plan_member where outcome = 'published' and raw_seq is not null and n = 1";
    assert_eq!(world.pipeline.number(placed).await.unwrap(), i64::from(DEAD));
    assert_eq!(injected, 4);
}
