//! Postgres is away for longer than ten ack_waits while every service is restarted: nothing is lost, nothing is dead.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::time::Duration;

use kansoku_acceptance::{assert_same, ledger_balances, tables, undisturbed};
use kansoku_stack::{pipeline::Pipeline, until};

const LIMIT: Duration = Duration::from_secs(60);
/// Ten ack_waits of one second, and a little more.
const AWAY: Duration = Duration::from_secs(11);

async fn unready(service: &kansoku_stack::process::Running) {
    until("the loader to say that Postgres is away", LIMIT, || async {
        service.get("/readyz").await.is_ok_and(|(status, body)| status == 503 && body.contains("postgres"))
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_long_absence_of_postgres_kills_no_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sample.jsonl");
    Pipeline::archive(&["--days", "10", "--until", "2026-11-01T12:00:00Z", "--seed", "7"], &file).unwrap();
    let expected = undisturbed(&file).await.unwrap();

    let pipeline = Pipeline::with_own_database(&["--ack-wait", "1"]).await.unwrap();
    let mut validator = pipeline.ready("validator").await.unwrap();
    let mut loader = pipeline.ready("loader").await.unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let part = |name: &str, lines: &[&str]| {
        let file = folder.path().join(name);
        std::fs::write(&file, lines.join("\n") + "\n").unwrap();
        file
    };
    let half = lines.len() / 2;
    pipeline.import(&part("first.jsonl", &lines[..half])).unwrap();
    // In the middle of the work, whatever is in hand.
    until("the first pages", LIMIT, || async {
        pipeline.number("select count(*) from page").await.is_ok_and(|pages| pages > 0)
    })
    .await
    .unwrap();
    pipeline.database.server().stop().await.unwrap();
    let long = tokio::time::sleep(AWAY); // counts from now
    pipeline.import(&part("second.jsonl", &lines[half..])).unwrap();
    unready(&loader).await;
    assert!(loader.terminate().await.unwrap().success());
    assert!(validator.terminate().await.unwrap().success());
    validator = pipeline.ready("validator").await.unwrap();
    let mut loader = pipeline.service("loader").unwrap().spawn().unwrap();
    unready(&loader).await;
    loader.kill().await.unwrap();
    loader = pipeline.service("loader").unwrap().spawn().unwrap();
    unready(&loader).await;
    long.await;
    assert!(loader.ended().is_none(), "{}", loader.logs());

    pipeline.database.server().start_again().await.unwrap();
    loader.ready().await.unwrap();
    pipeline.at_rest().await.unwrap();
    assert_eq!(pipeline.messages("DLQ").await.unwrap(), 0);
    assert_same(&expected, &tables(&pipeline).await.unwrap());
    ledger_balances(&pipeline).await.unwrap();
    drop(validator);
}
