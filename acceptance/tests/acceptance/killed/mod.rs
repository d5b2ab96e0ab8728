//! Thousands of dead letters are replayed while everything that takes part is killed again and again, and the servers are
//! restarted: in the end every row is accounted for.
//!
//! `KANSOKU_KILLED_ITEMS` says how many (500). The seed, which it prints and takes from `KANSOKU_SEED`, says which rows are odd, in
//! which order services die and after how many passes; not at which instant.

#![cfg(feature = "failpoints")]
#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

mod books;
mod hands;
mod rows;
mod victims;

use std::{
    collections::BTreeSet,
    hash::{BuildHasher as _, RandomState},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use kansoku_acceptance::ledger_balances;
use kansoku_stack::{process::Running, tools, until};
use serde_json::Value;
use tokio::sync::Mutex;

use self::{
    hands::{AFTER, BEFORE, Hands},
    rows::{Sent, captured_at},
    victims::{LIMIT, LOADER, Point, REPLAYER, Stage, VALIDATOR, draws},
};
use crate::dead_letters::{SCHEMA, corrected};

/// How long a replay of all would take that nobody disturbs: longer than the killing.
const SECONDS: u32 = 60;
/// The replayer dies when it has judged the first members of a plan.
const VERDICTS: Point = ("replayer::after_verdicts", "");
/// It dies when it has begun with the job.
const STATE: Point = ("replayer::after_state", "");
/// Bad scores that the operator mends.
const MENDED: i64 = 1;
/// A title with this in it is one of those that are replayed until they may not be any more.
const UNLUCKY: &str = "7";

#[expect(clippy::disallowed_methods, reason = "how much a test does is told to its process")]
fn told(variable: &str) -> Option<u64> {
    Some(std::env::var(variable).ok()?.parse().unwrap_or_else(|_| panic!("{variable} is no number")))
}

/// Takes the drifted rows in, and has the corrected schema deployed.
async fn prepare(stage: &Arc<Stage>, sent: &mut Sent, seed: u64, items: u32) -> ([Running; 3], Hands) {
    let services =
        [stage.ready("loader").await, stage.ready("validator").await, stage.ready("replayer").await];
    let hands = Hands::at(stage).await;
    import(stage, &sent.drifted(seed, items)).await;
    let dead = i64::from(sent.dated + sent.huge);
    stage.above("select count(*) from dead_letter where state = 'open'", dead - 1).await;
    let mut schema: Value = serde_json::from_str(&corrected()).unwrap();
    schema["properties"]["members"].as_object_mut().unwrap().remove("maximum").unwrap();
    std::fs::write(stage.schemas.path().join(SCHEMA), schema.to_string()).unwrap();
    let deployed = async || {
        services[1..].iter().all(|judge| judge.logs().contains("the schemas have changed: judging by"))
    };
    until("both judges to take the schema up", LIMIT, deployed).await.unwrap();
    (services, hands)
}

/// Imports an archive; a server that is away is waited for.
async fn import(stage: &Stage, archive: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), archive).unwrap();
    let last = Mutex::new(None);
    let imported = async || {
        let imported = stage.pipeline.import(file.path());
        let is_done = imported.is_ok();
        *last.lock().await = Some(imported);
        is_done
    };
    let imported = until("the import", LIMIT, imported).await;
    imported.unwrap_or_else(|error| panic!("{error}: {last:?}"));
}

/// Captures keep coming, one when the last one is stored, until it is enough.
async fn feed(stage: Arc<Stage>, mut sent: Sent, enough: Arc<AtomicBool>) -> Sent {
    let captures = "select count(distinct run_id) from page";
    for minute in 1.. {
        import(&stage, &sent.later(minute)).await;
        stage.above(captures, minute.into()).await;
        shorten(&stage, minute).await;
        if enough.load(Ordering::Relaxed) {
            break;
        }
    }
    sent
}

/// The page of a capture comes once more, without rows: the loader rejects it whole. One that a server misses is no loss.
async fn shorten(stage: &Stage, minute: u32) {
    let at = captured_at(minute);
    let run = format!("select run as text from run where captured_at = '{at}'");
    let runs = stage.pipeline.json(&run).await.unwrap_or_default();
    let Some(run) = runs.first().and_then(|run| run["text"].as_str()) else { return };
    let headers = [
        "ce-source:jikan-sim",
        "ce-subject:top.members",
        &format!("ce-time:{at}"),
        "Kansoku-Catalogue:sample",
        &format!("Kansoku-Run:{run}"),
        "Kansoku-Page:1",
        &format!("Nats-Msg-Id:short:{run}"),
    ];
    let nats = &stage.pipeline.nats;
    let mut command = Command::new(tools::find("nats").unwrap());
    command.args(["--server", &nats.url(), "--inbox-prefix", "_INBOX.operator", "--nkey"]);
    command.arg(nats.key_file("operator")).args(["pub", "raw.top.members", "{\"data\":[]}"]);
    let output = command.args(headers.iter().flat_map(|header| ["-H", header])).output().unwrap();
    if !output.status.success() {
        println!("{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Restarts the servers, each when the replay has come on since the last thing happened.
async fn restart(stage: Arc<Stage>) {
    let published = "select count(*) from dlq_plan_member where outcome = 'published'";
    let resolved = "select count(*) from dead_letter where state = 'resolved'";
    stage.above(published, 20).await;
    stage.pipeline.nats.kill().await.unwrap();
    stage.pipeline.nats.start_again().await.unwrap();
    stage.note("NATS killed and started".to_owned());
    let before = stage.pipeline.number(resolved).await.unwrap();
    stage.above(resolved, before + 20).await;
    stage.pipeline.database.server().stop().await.unwrap();
    stage.pipeline.database.server().start_again().await.unwrap();
    stage.note("Postgres restarted".to_owned());
    let before = stage.pipeline.number(resolved).await.unwrap();
    stage.above(resolved, before + 20).await;
}

/// An operator works on dead letters that come in meanwhile; the API dies under each command.
async fn operate(stage: Arc<Stage>, mut hands: Hands) -> Hands {
    let open =
        "select root from dead_letter where state = 'open' and pointer = '/score' order by item limit 2";
    let known = async || stage.pipeline.json(open).await.is_ok_and(|found| found.len() == 2);
    until("two captures with a bad score", LIMIT, known).await.unwrap();
    let roots = stage.pipeline.json(open).await.unwrap();
    let [given_up, mended] = [0, 1].map(|number: usize| roots[number]["root"].as_str().unwrap());
    let is =
        |root: &str, what: &str| format!("select count(*) from dead_letter where root = '{root}' and {what}");
    let discard = ["dlq", "discard", given_up, "--reason", "no score is known"];
    hands.cut_off(BEFORE, &discard, &is(given_up, "state = 'discarded'")).await;
    let undo = ["dlq", "undo", given_up, "--reason", "somebody may know it"];
    hands.cut_off(AFTER, &undo, &is(given_up, "state = 'open'")).await;
    let edit = ["dlq", "edit", mended, "--set", "/score=7.5", "--reason", "as it stands on the page"];
    hands.cut_off(AFTER, &edit, &is(mended, "edited")).await;
    hands
}

/// Has a plan made of all that is open and a replay of it begun, while API and replayer die of both.
async fn begin(stage: &Arc<Stage>, hands: &mut Hands, mut replayer: Running, items: u32) -> Running {
    replayer.kill().await.unwrap();
    let mut dying = stage.doomed("replayer", VERDICTS, 0);
    dying.ready().await.unwrap();
    hands.cut_off(AFTER, &["dlq", "plan", "state:open"], "select count(*) from dlq_plan").await;
    stage.dies("replayer", VERDICTS, &mut dying).await;
    let mut dying = stage.doomed("replayer", STATE, 0);
    stage.above("select count(*) from dlq_plan where state = 'ready'", 0).await;
    let (plan, rate) =
        (stage.text("select plan as text from dlq_plan").await, items.div_ceil(SECONDS).to_string());
    let slowly =
        ["--rate", &rate, "--stop-share", "1", "--no-wait", "--yes", "--reason", "plain dates are right"];
    let replay = [&["dlq", "replay", &plan], &slowly[..]].concat();
    hands.cut_off(BEFORE, &replay, "select count(*) from dlq_job").await;
    stage.dies("replayer", STATE, &mut dying).await;
    stage.ready("replayer").await
}

/// Kills and restarts everything in the middle of the replay.
async fn disturb(
    stage: &Arc<Stage>,
    hands: Hands,
    seed: u64,
    [loader, validator, replayer]: [Running; 3],
) -> (Hands, [Running; 3]) {
    let torment = |number: usize, name: &'static str, running, points: &'static [Point]| {
        let (stage, seed) = (stage.clone(), draws(seed).nth(number).unwrap());
        tokio::spawn(async move { stage.torment(seed, name, running, points).await })
    };
    let loader = torment(0, "loader", loader, &LOADER);
    let validator = torment(1, "validator", validator, &VALIDATOR);
    let replayer = torment(2, "replayer", replayer, &REPLAYER);
    let restarted = tokio::spawn(restart(stage.clone()));
    let hands = tokio::spawn(operate(stage.clone(), hands)).await.unwrap();
    restarted.await.unwrap();
    (hands, [loader.await.unwrap(), validator.await.unwrap(), replayer.await.unwrap()])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn no_row_is_lost_or_stored_twice_whatever_is_killed_while_thousands_are_replayed() {
    let seed = told("KANSOKU_SEED").unwrap_or_else(|| RandomState::new().hash_one(()));
    let items = u32::try_from(told("KANSOKU_KILLED_ITEMS").unwrap_or(500)).unwrap();
    println!("KANSOKU_SEED={seed} KANSOKU_KILLED_ITEMS={items}");
    let (stage, mut sent) = (Arc::new(Stage::start().await), Sent::default());
    let ([loader, validator, replayer], mut hands) = prepare(&stage, &mut sent, seed, items).await;
    let replayer = begin(&stage, &mut hands, replayer, items).await;
    let enough = Arc::new(AtomicBool::new(false));
    let fed = tokio::spawn(feed(stage.clone(), sent, enough.clone()));
    let (hands, _services) = disturb(&stage, hands, seed, [loader, validator, replayer]).await;
    let alive = "select count(*) from dlq_job where state in ('canary', 'running')";
    let is_alive = stage.pipeline.number(alive).await.unwrap() == 1;
    assert!(is_alive, "the replay was over before everything was killed");
    enough.store(true, Ordering::Relaxed);
    sent = fed.await.unwrap();

    // The rest goes undisturbed.
    hands
        .kansoku(&["dlq", "jobs", &stage.text("select job as text from dlq_job").await, "cancel"])
        .ends(0, &[]);
    stage.above("select count(*) from dlq_job where state = 'cancelled'", 0).await;
    stage.above("select (count(*) filter (where state = 'published') = 0)::int from dead_letter", 0).await;
    hands.replay("state:open");
    hands.replay(&format!("state:failed title:{UNLUCKY}"));
    hands.replay(&format!("state:failed title:{UNLUCKY}"));
    let left = i64::from(sent.scored) - MENDED;
    let give_up =
        ["dlq", "discard", "state:open", "--expect", &left.to_string(), "--yes", "--reason", "unknown"];
    hands.kansoku(&give_up).ends(0, &[]);
    stage
        .above("select (count(*) filter (where audit_seq is null) = 0)::int from dead_letter_action", 0)
        .await;
    stage.pipeline.at_rest().await.unwrap();

    let ends = books::ends(&stage.pipeline).await;
    println!("{sent:?} {ends:?}");
    assert_eq!(ends.resolved, i64::from(sent.dated) + MENDED);
    assert_eq!(ends.failed + ends.quarantined, i64::from(sent.huge));
    assert_eq!(ends.discarded, left);
    assert!(ends.failed > 0 && ends.quarantined > 0, "{ends:?}");
    books::rows(&stage.pipeline, &sent, &ends).await;
    books::streams(&stage.pipeline).await;
    ledger_balances(&stage.pipeline).await.unwrap();
    hands.kansoku(&["ledger"]).ends(0, &["every row that came is accounted for"]);
    is_complete(&stage.injected());
}

/// Everything that is to be killed was.
fn is_complete(injected: &[String]) {
    let found: BTreeSet<&str> = injected.iter().map(|what| what.trim_end()).collect();
    let died = |name: &str, points: &[Point]| {
        points
            .iter()
            .map(|(point, subject)| format!("{name} died at {point} {subject}").trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    let all = [
        died("loader", &LOADER),
        died("validator", &VALIDATOR),
        died("replayer", &REPLAYER),
        died("replayer", &[VERDICTS, STATE]),
        died("query-api", &[BEFORE, AFTER]),
        [
            "loader killed",
            "validator killed",
            "replayer killed",
            "NATS killed and started",
            "Postgres restarted",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    let missing: Vec<_> = all.iter().flatten().filter(|what| !found.contains(what.as_str())).collect();
    assert!(missing.is_empty(), "not injected: {missing:?}");
    println!("injected {}", injected.len());
}
