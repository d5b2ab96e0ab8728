//! The loader as a process.

use std::time::Duration;

use kansoku_nats::topology;
use kansoku_schemas::RunEventKind;
use kansoku_stack::{postgres::Database, process, until};
use serde_json::json;

use crate::harness::{Harness, SOON, event, value};

#[tokio::test]
async fn pages_and_events_become_rows_and_sigterm_ends_it_well() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    pipeline.page(1, |_| ()).await;
    pipeline.page(2, |_| ()).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    pipeline.settled("VALID", 2).await;
    let pool = pipeline.pool().await;
    let counts =
        "select r.state, p.page, p.stored, p.duplicate from page p join run r using (run_id) order by page";
    let stored = |state: &str| {
        json!([
            {"state": state, "page": 1, "stored": 3, "duplicate": 0},
            {"state": state, "page": 2, "stored": 3, "duplicate": 0},
        ])
    };
    assert_eq!(value(&pool, counts).await, stored("stub"));
    pipeline.event(0, &event(RunEventKind::Started, vec![])).await;
    pipeline.event(1, &event(RunEventKind::Finished, vec![1, 2])).await;
    pipeline.settled("RUN", 2).await;
    assert_eq!(value(&pool, counts).await, stored("complete"));
    let balance = "select received, stored, dead, pages_in_flight, balanced from balance";
    assert_eq!(
        value(&pool, balance).await,
        json!([{"received": 6, "stored": 6, "dead": 0, "pages_in_flight": 0, "balanced": true}])
    );
    let (status, ready) = loader.get("/readyz").await.unwrap();
    assert_eq!(status, 200);
    assert!(ready.contains("postgres") && ready.contains("nats"), "{ready}");
    let (_, metrics) = loader.get("/metrics").await.unwrap();
    for line in
        ["kansoku_loader_rows_total{outcome=\"stored\"} 6", "kansoku_data_version{catalogue=\"sample\"}"]
    {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    assert!(loader.terminate().await.unwrap().success(), "{}", loader.logs());
    assert_eq!(pipeline.dead_letters().await, []);
}

#[tokio::test]
async fn while_postgres_is_unavailable_nothing_is_lost_and_readiness_says_so() {
    let pipeline = Harness::new(Database::alone().await.unwrap()).await;
    pipeline.database.server().stop().await.unwrap();
    let mut loader = pipeline.loader();
    let away = async |loader: &process::Running| {
        loader.get("/readyz").await.is_ok_and(|(status, body)| status == 503 && body.contains("postgres"))
    };
    until("readiness to name Postgres", SOON, || away(&loader)).await.unwrap();
    pipeline.page(1, |_| ()).await;
    pipeline.database.server().start_again().await.unwrap();
    loader.ready().await.unwrap();
    pipeline.settled("VALID", 1).await;
    pipeline.database.server().stop().await.unwrap();
    pipeline.page(2, |_| ()).await;
    until("readiness to name Postgres", SOON, || away(&loader)).await.unwrap();
    pipeline.database.server().start_again().await.unwrap();
    pipeline.settled("VALID", 2).await;
    loader.ready().await.unwrap();
    assert_eq!(
        value(&pipeline.pool().await, "select count(*) from observation").await,
        json!([{"count": 6}])
    );
    assert_eq!(pipeline.dead_letters().await, []);
}

#[tokio::test]
async fn a_capture_on_a_leap_second_is_refused_and_what_follows_is_stored() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    let loader = pipeline.loader();
    pipeline.page(1, |page| page.meta.captured_at = "2019-06-30T23:59:60Z".parse().unwrap()).await;
    pipeline.page(2, |_| ()).await;
    pipeline.settled("VALID", 2).await;
    let stored = value(&pipeline.pool().await, "select page, stored from page").await;
    assert_eq!(stored, json!([{"page": 2, "stored": 3}]), "{}", loader.logs());
    let [dead_letter] = &pipeline.dead_letters().await[..] else { panic!("one dead letter") };
    assert_eq!(dead_letter.subject, "dlq.load.envelope.top.score");
    assert!(dead_letter.headers.get("Dlq-Error").unwrap().contains("a leap second"));
}

#[tokio::test]
async fn restarts_while_the_tables_are_broken_count_as_no_deliveries() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    assert!(loader.terminate().await.unwrap().success());
    let pool = pipeline.pool().await;
    sqlx::query("alter table genre_observation rename to gone").execute(&pool).await.unwrap();
    pipeline.page(1, |_| ()).await;
    pipeline.event(0, &event(RunEventKind::Started, vec![])).await;
    for _ in 0..7 {
        let mut loader = pipeline.loader();
        let waits = async || {
            loader
                .get("/readyz")
                .await
                .is_ok_and(|(status, body)| status == 503 && body.contains("waits for a repair"))
        };
        until("readiness to name the tables", SOON, waits).await.unwrap();
        assert!(loader.terminate().await.unwrap().success());
    }
    sqlx::query("alter table gone rename to genre_observation").execute(&pool).await.unwrap();
    let mut loader = pipeline.loader();
    pipeline.settled("VALID", 1).await;
    pipeline.settled("RUN", 1).await;
    loader.ready().await.unwrap();
    assert_eq!(pipeline.dead_letters().await, []);
    let counted =
        "select (select count(*) from unreadable) as unreadable, (select count(*) from page) as pages";
    assert_eq!(value(&pool, counted).await, json!([{"unreadable": 0, "pages": 1}]));
}

#[tokio::test]
async fn a_page_that_is_given_up_is_dead_with_its_own_bytes() {
    let impatient = topology::Overrides { ack_wait: Some(Duration::from_secs(1)), ..Default::default() };
    let pipeline = Harness::with(Database::fresh().await.unwrap(), impatient).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    assert!(loader.terminate().await.unwrap().success());
    let pool = pipeline.pool().await;
    // Only a month that is not now is broken, so no write probe shows it.
    let broken = "select make_observation_partition('2020-10-01');
         create function broken() returns trigger language plpgsql as
             $$ begin raise exception 'broken' using errcode = 'XX001'; end $$;
         create trigger broken before insert on observation_2020_10 for each row execute function broken();";
    sqlx::raw_sql(broken).execute(&pool).await.unwrap();
    pipeline.page(1, |page| page.meta.captured_at = "2020-10-05T12:00:00Z".parse().unwrap()).await;
    for _ in 0..5 {
        let mut loader = pipeline.loader();
        let waits = async || {
            let readyz = loader.get("/readyz").await;
            readyz.is_ok_and(|(status, body)| status == 503 && body.contains("waits for a repair"))
        };
        until("readiness to name the tables", SOON, waits).await.unwrap();
        assert!(loader.terminate().await.unwrap().success());
    }
    let _loader = pipeline.loader();
    pipeline.settled("VALID", 1).await;
    let [dead_letter] = &pipeline.dead_letters().await[..] else { panic!("one dead letter") };
    assert_eq!(dead_letter.subject, "dlq.load.max_deliveries.top.score");
    assert!(dead_letter.body.starts_with(b"{\"data\":[{\"mal_id\":1,\"row\":0}"), "{:?}", dead_letter.body);
    assert_eq!(dead_letter.headers.get("Dlq-Body"), None);
}

#[tokio::test]
async fn tables_that_cannot_be_migrated_are_waited_for() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    assert!(loader.terminate().await.unwrap().success());
    let pool = pipeline.pool().await;
    let flip = "update _sqlx_migrations set checksum = set_byte(checksum, 0, get_byte(checksum, 0) # 1) where version = 1";
    sqlx::query(flip).execute(&pool).await.unwrap();
    pipeline.page(1, |_| ()).await;
    let mut loader = pipeline.loader();
    let waits = async || {
        loader
            .get("/readyz")
            .await
            .is_ok_and(|(status, body)| status == 503 && body.contains("brought up to date"))
    };
    until("readiness to name the tables", SOON, waits).await.unwrap();
    sqlx::query(flip).execute(&pool).await.unwrap();
    loader.ready().await.unwrap();
    pipeline.settled("VALID", 1).await;
    assert!(loader.terminate().await.unwrap().success());
}

#[tokio::test]
async fn migrating_is_a_command_that_can_be_repeated() {
    let database = Database::fresh().await.unwrap();
    for _ in 0..2 {
        let service = process::Service::new("loader").unwrap().arg("migrate");
        let mut migrating = service.env("LOADER_POSTGRES__URL", database.url()).spawn().unwrap();
        assert!(migrating.wait(SOON).await.unwrap().success(), "{}", migrating.logs());
        assert!(migrating.logs().contains("the tables are up to date"));
    }
}
