//! A plan of many members.

use kansoku_stack::{pipeline::Pipeline, world::until};

use crate::world::PLAN;

const MEMBERS: i64 = 4_000;

#[tokio::test]
async fn each_member_of_a_plan_is_read_once() {
    let pipeline = Pipeline::start().await.unwrap();
    pipeline.ready("loader").await.unwrap().terminate().await.unwrap();
    let mut replayer = pipeline.ready("replayer").await.unwrap();
    // Of items that are no more, which is a verdict as good as another.
    let freeze = format!(
        "insert into dlq_plan (plan, created_at, created_by, filter) values ('{PLAN}', now(), 'night-shift', '');
         insert into dlq_plan_member (plan, root, version)
         select '{PLAN}', gen_random_uuid() || ':1:1:validate', 0 from generate_series(1, {MEMBERS});
         notify kansoku_replayer"
    );
    pipeline.execute(&freeze).await.unwrap();
    let number = async |sql| pipeline.number(sql).await.unwrap();
    until("the plan", async || number("select count(*) from dlq_plan where state = 'ready'").await == 1)
        .await;
    replayer.terminate().await.unwrap();
    // A session counts what it read when it ends.
    let sessions = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'kansoku-replayer'";
    until("its session's end", async || number(sessions).await == 0).await;
    let read =
        "select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relname = 'dlq_plan_member'";
    let read = number(read).await;
    let judged = number("select count(*) from dlq_plan_member where verdict = 'fail'").await;
    assert_eq!(judged, MEMBERS);
    // To be judged, and to take the verdict; a little more for members that came between.
    assert!((2 * MEMBERS..=3 * MEMBERS).contains(&read), "{read} members read of {MEMBERS}");
}
