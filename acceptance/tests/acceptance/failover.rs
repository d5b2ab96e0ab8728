//! The primary of Postgres dies, or stays up, while pages come, and its standby is promoted.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{path::PathBuf, sync::Arc, time::Duration};

use kansoku_acceptance::{assert_same, ledger_balances, operator::installer, parts, tables, undisturbed};
use kansoku_stack::{
    pipeline::Pipeline,
    postgres::{Replication, Server},
    process::Running,
    until,
};
use serde_json::Value;
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(60);
const BAD_ROWS: u64 = 6;
const PAGES: &str = "select count(*) from page";
/// What the loader reads and would have to read again.
const READ: [&str; 4] = ["VALID", "RUN", "DLQ", "AUDIT"];

struct Sample {
    parts: Vec<PathBuf>,
    pages: i64,
    expected: Vec<String>,
    _folder: TempDir,
}

async fn sample(count: usize) -> Sample {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sample.jsonl");
    let bad = BAD_ROWS.to_string();
    let options = ["--days", "10", "--until", "2026-11-01T12:00:00Z", "--seed", "7", "--bad-rows", &bad];
    Pipeline::archive(&options, &file).unwrap();
    let pages = std::fs::read_to_string(&file).unwrap().lines().count();
    let expected = undisturbed(&file).await.unwrap();
    let parts = parts(&file, count).unwrap();
    Sample { parts, pages: i64::try_from(pages).unwrap(), expected, _folder: folder }
}

/// So many messages of VALID, from the first on, are acknowledged.
fn acknowledged(pipeline: &Pipeline) -> i64 {
    let info = pipeline.nats_cli(&["consumer", "info", "VALID", "loader", "--json"]).unwrap();
    serde_json::from_slice::<Value>(&info).unwrap()["ack_floor"]["stream_seq"].as_i64().unwrap()
}

/// Pages that a server has, whatever it is.
async fn pages_on(pipeline: &Pipeline, server: &Server) -> i64 {
    pipeline.number_on(server, PAGES).await.unwrap()
}

/// All that the standby has got is to be seen there.
async fn replayed(pipeline: &Pipeline) {
    let behind = "select (pg_last_wal_receive_lsn() - pg_last_wal_replay_lsn())::bigint";
    let standby = pipeline.database.standby();
    until("the standby to replay", LIMIT, || async {
        standby.number(behind).await.is_ok_and(|behind| behind <= 0)
    })
    .await
    .unwrap();
}

async fn says(service: &Running, words: &[&str]) {
    let what = format!("{words:?}");
    let is_said =
        |(status, body): (u16, String)| status == 503 && words.iter().all(|word| body.contains(word));
    let said = until(&what, LIMIT, || async { service.get("/readyz").await.is_ok_and(is_said) }).await;
    assert!(said.is_ok(), "{said:?}: {:?} {}", service.get("/readyz").await, service.logs());
}

async fn import(pipeline: &Pipeline, part: &std::path::Path) {
    let table = pipeline.import(part).unwrap();
    assert_eq!(table["failed"], 0, "{table}");
    pipeline.at_rest().await.unwrap();
}

#[tokio::test]
#[ignore = "takes minutes: make scale-test"]
async fn what_was_acknowledged_survives_the_primary() {
    let Sample { parts, pages, expected, _folder } = sample(4).await;
    let pipeline = Arc::new(Pipeline::with_standby(Replication::Synchronous).await.unwrap());
    let (primary, standby) = (pipeline.database.server(), pipeline.database.standby());
    let both = [primary, standby].map(|server| format!("127.0.0.1:{}", server.options.port));
    let both = both.each_ref().map(String::as_str);
    let _validator = pipeline.ready("validator").await.unwrap();
    let mut loader = pipeline.ready("loader").await.unwrap();
    let mut others = Vec::new();
    for name in ["loader", "replayer", "query-api"] {
        others.push(pipeline.ready(name).await.unwrap());
    }

    // In the middle of the work.
    let importing = {
        let (pipeline, part) = (Arc::clone(&pipeline), parts[0].clone());
        tokio::task::spawn_blocking(move || pipeline.import(&part))
    };
    until("the first pages", LIMIT, || async { pipeline.number(PAGES).await.is_ok_and(|pages| pages > 0) })
        .await
        .unwrap();
    primary.kill().await.unwrap();
    assert_eq!(importing.await.unwrap().unwrap()["failed"], 0);
    says(&loader, &both).await;
    for other in &others {
        says(other, &both).await;
    }
    replayed(&pipeline).await;
    let (kept, acknowledged) = (pages_on(&pipeline, standby).await, acknowledged(&pipeline));
    assert!((1..pages).contains(&acknowledged) && kept >= acknowledged, "{kept} of {acknowledged}");

    standby.execute("select pg_promote()").await.unwrap();
    for service in others.iter_mut().chain([&mut loader]) {
        service.ready().await.unwrap();
    }
    import(&pipeline, &parts[1]).await;
    assert!(installer(&pipeline, &["list"]).is_ok(), "a command finds it too");

    // The former primary comes back as one, and nobody has told it.
    primary.start_again().await.unwrap();
    let left = pages_on(&pipeline, primary).await;
    loader.kill().await.unwrap();
    let loader = pipeline.ready("loader").await.unwrap();
    import(&pipeline, &parts[2]).await;
    assert_eq!(pages_on(&pipeline, primary).await, left, "nothing is written there any more");

    // The new one takes no writes for a while.
    standby.execute("alter system set default_transaction_read_only = on").await.unwrap();
    standby.execute("select pg_reload_conf()").await.unwrap();
    pipeline.import(&parts[3]).unwrap();
    says(
        &loader,
        &[&format!("{} takes no writes", both[1]), &format!("{} is of timeline 1, and 2 was seen", both[0])],
    )
    .await;
    standby.execute("alter system reset default_transaction_read_only").await.unwrap();
    standby.execute("select pg_reload_conf()").await.unwrap();
    pipeline.at_rest().await.unwrap();

    assert_eq!(pipeline.messages("VALID").await.unwrap(), u64::try_from(pages).unwrap());
    assert_eq!(pipeline.messages("DLQ").await.unwrap(), BAD_ROWS);
    assert_same(&expected, &tables(&pipeline).await.unwrap());
    ledger_balances(&pipeline).await.unwrap();
}

#[tokio::test]
#[ignore = "takes minutes: make scale-test"]
async fn what_an_asynchronous_standby_never_got_is_read_again_from_the_streams() {
    let Sample { parts, pages, expected, _folder } = sample(3).await;
    let pipeline = Pipeline::with_standby(Replication::Asynchronous).await.unwrap();
    let (primary, standby) = (pipeline.database.server(), pipeline.database.standby());
    let _validator = pipeline.ready("validator").await.unwrap();
    let mut loader = pipeline.ready("loader").await.unwrap();
    import(&pipeline, &parts[0]).await;
    replayed(&pipeline).await;

    // It falls behind, and nobody waits for it.
    standby.execute("alter system set primary_conninfo = ''").await.unwrap();
    standby.execute("select pg_reload_conf()").await.unwrap();
    until("the standby to follow no more", LIMIT, || async {
        primary.number("select count(*) from pg_stat_replication").await.ok() == Some(0)
    })
    .await
    .unwrap();
    import(&pipeline, &parts[1]).await;
    let acknowledged = acknowledged(&pipeline);
    primary.kill().await.unwrap();
    standby.execute("select pg_promote()").await.unwrap();
    let kept = pages_on(&pipeline, standby).await;
    assert!(kept < acknowledged, "{kept} pages are left of {acknowledged} acknowledged");
    import(&pipeline, &parts[2]).await;
    assert!(pipeline.number(PAGES).await.unwrap() < pages, "they do not come back by themselves");
    println!("{kept} pages are left of {acknowledged} acknowledged; the rest is read again");

    assert!(loader.terminate().await.unwrap().success());
    for stream in READ {
        pipeline.reset_consumer(stream, "loader").unwrap();
    }
    let _loader = pipeline.ready("loader").await.unwrap();
    pipeline.at_rest().await.unwrap();
    assert_same(&expected, &tables(&pipeline).await.unwrap());
    ledger_balances(&pipeline).await.unwrap();
}

/// A look, silence included, and the five seconds that a session has to be old.
const SECONDS: Duration = Duration::from_secs(20);

/// What the old primary does once its standby is promoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Old {
    /// It was told to take no writes.
    ReadOnly,
    /// It goes on, and its commits wait for a standby that is none any more.
    Writable,
}

/// Sessions of the services that are older than a look for the primary; not those whose client is gone: a former
/// primary that waits for its standby, or for the locks of whoever does, does not notice.
const THEIRS: &str = "from pg_stat_activity where backend_start < now() - interval '5 seconds'
    and wait_event is distinct from 'SyncRep' and wait_event_type is distinct from 'Lock' and application_name in ('kansoku-loader', 'kansoku-replayer', 'query-api')";
const LEASES: &str =
    "select count(*) from pg_locks where locktype = 'advisory' and objid = 7243002 and granted";

async fn all_follow(sample: &Sample, old: Old, is_busy: bool) {
    let pipeline = Arc::new(Pipeline::with_standby(Replication::Synchronous).await.unwrap());
    let (primary, standby) = (pipeline.database.server(), pipeline.database.standby());
    let _validator = pipeline.ready("validator").await.unwrap();
    let mut services = Vec::new();
    for name in ["loader", "replayer", "query-api"] {
        services.push(pipeline.ready(name).await.unwrap());
    }
    import(&pipeline, &sample.parts[0]).await;
    let theirs = format!("select count(distinct application_name) {THEIRS}");
    until("all to be there", LIMIT, || async { primary.number(&theirs).await.ok() == Some(3) })
        .await
        .unwrap();

    let busy = is_busy.then(|| {
        let (pipeline, part) = (Arc::clone(&pipeline), sample.parts[1].clone());
        tokio::task::spawn_blocking(move || pipeline.import(&part).unwrap())
    });
    if is_busy {
        let before = pages_on(&pipeline, primary).await;
        until("more pages", LIMIT, || async { pages_on(&pipeline, primary).await > before }).await.unwrap();
    }
    if old == Old::ReadOnly {
        primary.execute("alter system set default_transaction_read_only = on").await.unwrap();
        primary.execute("select pg_reload_conf()").await.unwrap();
    }
    standby.execute("select pg_promote()").await.unwrap();
    until("all to follow", SECONDS, || async {
        primary.number(&theirs).await.ok() == Some(0) && standby.number(&theirs).await.ok() == Some(3)
    })
    .await
    .unwrap();
    println!("{old:?}, busy: {is_busy}: all have followed");
    until("one lease", LIMIT, || async { standby.number(LEASES).await.ok() == Some(1) }).await.unwrap();
    let left = pages_on(&pipeline, primary).await;

    match busy {
        Some(importing) => assert_eq!(importing.await.unwrap()["failed"], 0),
        None => import(&pipeline, &sample.parts[1]).await,
    }
    pipeline.at_rest().await.unwrap();
    for service in &mut services {
        service.ready().await.unwrap();
    }
    assert_eq!(pages_on(&pipeline, primary).await, left, "nothing is written there any more");
    assert_eq!(pages_on(&pipeline, standby).await, sample.pages);
    assert_same(&sample.expected, &tables(&pipeline).await.unwrap());
    ledger_balances(&pipeline).await.unwrap();
}

#[tokio::test]
#[ignore = "takes minutes: make scale-test"]
async fn all_follow_though_the_old_primary_stays_up() {
    let sample = sample(2).await;
    for (old, is_busy) in [(Old::ReadOnly, false), (Old::Writable, false), (Old::Writable, true)] {
        all_follow(&sample, old, is_busy).await;
    }
}
