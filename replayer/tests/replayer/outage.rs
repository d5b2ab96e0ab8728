//! Servers that stop and start in the middle of a job.

use kansoku_stack::{pipeline::Pipeline, process::Running, until};

use crate::world::{LIMIT, World, genre};

const DEAD: u32 = 30;

/// A job that publishes thirty a second, for a second.
async fn in_the_middle() -> (World, Running) {
    let mut world = World::with(Pipeline::with_own_database(&[]).await.unwrap(), 10).await;
    let rows: Vec<String> = (1..=DEAD).map(|id| genre(id, 5)).collect();
    world.page(&rows, DEAD.into()).await;
    world.deploy("validator", 0);
    world.validate().await;
    let mut replayer = world.replayer().spawn().unwrap();
    replayer.ready().await.unwrap();
    world.plan(None, None).await;
    world.job(30, 0).await;
    (world, replayer)
}

#[tokio::test]
async fn a_job_outlives_its_servers() {
    let (world, replayer) = in_the_middle().await;
    let gone = |count: usize| {
        format!("select (select count(*) from dlq_plan_member where outcome = 'published') >= {count}")
    };
    world.until("some to go", &gone(3)).await;
    let names = async |dependency: &str| {
        let page = replayer.get("/readyz").await;
        page.is_ok_and(|(status, page)| status == 503 && page.contains(dependency))
    };
    world.pipeline.database.server().stop().await.unwrap();
    until("readiness to name Postgres", LIMIT, || names("connect to Postgres")).await.unwrap();
    world.pipeline.database.server().start_again().await.unwrap();
    world.until("more to go", &gone(10)).await;
    world.pipeline.nats.stop().await.unwrap();
    until("readiness to name NATS", LIMIT, || names("\"nats\":{\"ready\":false")).await.unwrap();
    world.pipeline.nats.start_again().await.unwrap();
    world.job_is("done").await;
    assert_eq!(world.replays().await.len(), DEAD as usize, "{}", replayer.logs());
    let resolved = "select count(*) from dead_letter where state = 'resolved'";
    assert_eq!(world.pipeline.number(resolved).await.unwrap(), i64::from(DEAD));
}

#[tokio::test]
async fn a_job_that_is_cancelled_while_nats_is_away_leaves_no_replay_in_between() {
    let (world, replayer) = in_the_middle().await;
    let some =
        |outcome: &str| format!("select exists (select from dlq_plan_member where outcome = '{outcome}')");
    world.until("some to go", &some("published")).await;
    world.pipeline.nats.stop().await.unwrap();
    world.until("one to be written down and not to go", &some("publishing")).await;
    world.ask("cancel").await;
    let waits =
        async || replayer.get("/readyz").await.is_ok_and(|(_, page)| page.contains("\"ready\":false"));
    until("readiness to name NATS", LIMIT, waits).await.unwrap();
    world.pipeline.nats.start_again().await.unwrap();
    world.job_is("cancelled").await;
    let between = "select count(*) from dlq_plan_member where outcome = 'publishing'";
    assert_eq!(world.pipeline.number(between).await.unwrap(), 0, "{}", replayer.logs());
    let gone = "select count(*) from dlq_plan_member where outcome = 'published'";
    assert_eq!(
        world.pipeline.number(gone).await.unwrap(),
        i64::try_from(world.replays().await.len()).unwrap()
    );
}

#[tokio::test]
async fn a_replayer_without_tables_has_no_lease_and_says_what_is_missing() {
    let pipeline = Pipeline::with_own_database(&[]).await.unwrap();
    let mut replayer = pipeline.service("replayer").unwrap().spawn().unwrap();
    let missing = async || replayer.get("/readyz").await.is_ok_and(|(_, page)| page.contains("dlq_plan"));
    until("readiness to name a table", LIMIT, missing).await.unwrap();
    let _loader = pipeline.ready("loader").await.unwrap();
    replayer.ready().await.unwrap();
    let logs = replayer.logs();
    assert_eq!(logs.matches("this replayer has the lease").count(), 1, "{logs}");
}
