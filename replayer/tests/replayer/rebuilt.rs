//! Dead letters that are made again from the streams in the middle of a job.

use kansoku_stack::until;

use crate::world::{LIMIT, World, genre};

const DEAD: u32 = 20;

#[tokio::test]
async fn a_job_waits_while_dead_letters_are_made_again_and_skips_none() {
    let mut world = World::start(10).await;
    let rows: Vec<String> = (1..=DEAD).map(|id| genre(id, 5)).collect();
    world.page(&rows, DEAD.into()).await;
    world.deploy("validator", 0);
    world.validate().await;
    let mut replayer = world.replayer().spawn().unwrap();
    replayer.ready().await.unwrap();
    world.plan(None, None).await;
    // A rebuilding was begun, and ended before it had made anything.
    let interrupted = "insert into dead_letter_rebuilding (since) values (now());
        truncate dead_letter, dead_letter_letter, dead_letter_fault";
    world.pipeline.execute(interrupted).await.unwrap();
    world.job(1_000, 0).await;
    let told = async || {
        let page = replayer.get("/readyz").await;
        page.is_ok_and(|(_, page)| page.contains("loader rebuild --dead-letters"))
    };
    until("the replayer to say what it waits for", LIMIT, told).await.unwrap();
    let touched = "select count(*) from dlq_plan_member where outcome is not null";
    assert_eq!(world.pipeline.number(touched).await.unwrap(), 0);
    let database = [("LOADER_POSTGRES__URL", world.pipeline.database.url())];
    let rebuilt = world.pipeline.program("loader", &database, ["rebuild", "--dead-letters"]).unwrap();
    assert!(rebuilt.status.success(), "{rebuilt:?}");
    world.job_is("done").await;
    let resolved = "select count(*) from dead_letter where state = 'resolved'";
    assert_eq!(world.pipeline.number(resolved).await.unwrap(), i64::from(DEAD), "{}", replayer.logs());
}
