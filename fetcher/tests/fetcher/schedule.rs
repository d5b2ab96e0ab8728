//! The service on its schedule.

use chrono::{TimeDelta, Utc};
use kansoku_fetcher::schedule::Slots;
use kansoku_schemas::{Capture, Catalogue, Dataset, RunEventKind};
use kansoku_stack::process::{Running, Service};

use crate::world::{World, capture, end, run, until, upstream};

/// Short, so that a run whose process died does not wait for long.
const HEARTBEAT_MS: u32 = 500;
/// A slot of a month: no test runs into the next one.
const MONTHLY: &str = "0 0 1 * *";

#[expect(clippy::disallowed_methods, reason = "the service under test has the machine's clock too")]
fn now() -> chrono::DateTime<Utc> {
    Utc::now()
}

/// A service with one entry for each of these datasets, of at most two pages.
pub(crate) fn service(world: &World, upstream: &str, datasets: &[Dataset]) -> Service {
    service_of(world, upstream, "jikan-sim", datasets)
}

fn service_of(world: &World, upstream: &str, source: &str, datasets: &[Dataset]) -> Service {
    let mut config = format!(
        "[client]\ninterval_ms = 1\nheartbeat_ms = {HEARTBEAT_MS}\n[[upstream]]\nurl = \"{upstream}\"\nsource = \"{source}\"\ncatalogue = \"sample\"\n"
    );
    for dataset in datasets {
        config += &format!(
            "[[schedule]]\ndataset = \"{dataset}\"\ncron = \"{MONTHLY}\"\npages = 2\njitter_s = 0\n"
        );
    }
    let config = world.file("fetcher.toml", config);
    let service = Service::new("fetcher").unwrap().arg("--config").arg(config).arg("run");
    let service = service.env("FETCHER_NATS__URL", world.server.url());
    service.env("FETCHER_NATS__NKEY_FILE", world.server.key_file("fetcher"))
}

pub(crate) async fn complete(world: &World, dataset: Dataset, count: usize) {
    until(&format!("{count} complete runs of {dataset}"), || async {
        world.runs_of(dataset).await.iter().filter(|run| run.is_complete()).count() == count
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_captured_in_this_slot_is_not_captured_again() {
    let (world, upstream) = (World::start().await, upstream().await);
    let now = now();
    let begin = Slots::try_from(MONTHLY.to_owned()).unwrap().slot(now).unwrap();
    let recent = (now - TimeDelta::minutes(1)).max(begin).to_rfc3339();
    let before = (begin - TimeDelta::minutes(1)).to_rfc3339();
    let real = |capture: Capture| Capture { catalogue: Catalogue::Mal, ..capture };
    let mut captures = run(Dataset::TopScore, &recent, 2);
    captures.extend(run(Dataset::TopMembers, &before, 2));
    captures.extend(run(Dataset::TopAiring, &recent, 2).into_iter().map(real));
    captures.push(capture(Dataset::TopFavorites, &recent, 1, 2));
    captures.extend(run(Dataset::SeasonUpcoming, &recent, 1));
    // An older capture that is imported last hides nothing.
    captures.extend(run(Dataset::TopScore, &before, 2));
    let said = world.import(&world.archive_of("a.jsonl", &captures)).await;
    assert_eq!(said.code, Some(0), "{said:?}");

    let datasets = [
        Dataset::TopScore,
        Dataset::TopMembers,
        Dataset::TopAiring,
        Dataset::TopFavorites,
        Dataset::SeasonUpcoming,
        Dataset::Genres,
    ];
    let mut service = service(&world, &upstream, &datasets).spawn().unwrap();
    // Entries are taken in turn: when the last one is there, all others are decided.
    complete(&world, Dataset::Genres, 1).await;
    let own = async |dataset| {
        world.runs_of(dataset).await.into_iter().filter(|run| run.source == "jikan-sim").collect::<Vec<_>>()
    };
    assert_eq!(own(Dataset::TopScore).await, [], "it was captured a minute ago");
    assert!(service.logs().contains("top.score was captured at"), "{}", service.logs());
    for (dataset, why) in [
        (Dataset::TopMembers, "the other capture is of the slot before"),
        (Dataset::TopAiring, "the other capture is of other titles"),
        (Dataset::TopFavorites, "the other capture misses a page"),
        (Dataset::SeasonUpcoming, "the other capture was cut after one page of two"),
    ] {
        let own = own(dataset).await;
        assert!(own.len() == 1 && own[0].is_complete(), "{dataset} was not captured, and {why}");
    }
    assert!(service.terminate().await.unwrap().success());

    // A new process finds what the old one did, and does the rest.
    let ends = world.ends().await;
    let mut service = self::service(&world, &upstream, &[&datasets[..], &[Dataset::SeasonNow]].concat())
        // No sign of life but the start and the end, however slow the machine is.
        .env("FETCHER_CLIENT__HEARTBEAT_MS", "30000")
        .spawn()
        .unwrap();
    complete(&world, Dataset::SeasonNow, 1).await;
    let [raw, run, dlq] = world.ends().await;
    assert_eq!([raw, run, dlq], [ends[0] + 2, ends[1] + 2, ends[2]], "two pages, a start and an end");
    assert!(service.terminate().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_begun_in_this_slot_is_finished() {
    let (world, upstream) = (World::start().await, upstream().await);
    let mut service = service(&world, &upstream, &[Dataset::SeasonNow, Dataset::TopScore]).spawn().unwrap();
    until("a first page", || async { world.messages("RAW").await > 0 }).await;
    service.kill().await.unwrap();
    let mut service =
        self::service(&world, &upstream, &[Dataset::SeasonNow, Dataset::TopScore]).spawn().unwrap();
    complete(&world, Dataset::TopScore, 1).await;
    complete(&world, Dataset::SeasonNow, 1).await;
    let (runs, pages) = (world.runs().await, world.pages().await);
    World::once_each(&pages, &runs);
    assert_eq!((runs.len(), pages.len()), (2, 4));
    assert!(service.terminate().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_a_source_that_is_not_asked_any_more_ends() {
    let (world, upstream) = (World::start().await, upstream().await);
    let nowhere = format!("http://127.0.0.1:{}/v4", kansoku_stack::port::free().unwrap());
    let mut service = service_of(&world, &nowhere, "left", &[Dataset::TopScore]).spawn().unwrap();
    until("a run that waits for its upstream", || async {
        world.runs_of(Dataset::TopScore).await.iter().any(|run| run.released)
    })
    .await;
    assert!(service.terminate().await.unwrap().success());
    let mut service = self::service(&world, &upstream, &[Dataset::TopScore]).spawn().unwrap();
    complete(&world, Dataset::TopScore, 1).await;
    let runs = world.runs_of(Dataset::TopScore).await;
    let left = runs.iter().find(|run| run.source == "left").unwrap();
    assert_eq!(left.event, RunEventKind::Failed, "it has no page");
    assert_eq!(left.error.as_deref(), Some("its source is not asked any more"));
    assert!(service.terminate().await.unwrap().success());
}

const COMPLETE: &str = "kansoku_fetcher_last_complete_run_timestamp_seconds{dataset=\"top.score\"} ";
const MISSED: &str = "kansoku_fetcher_consecutive_incomplete_runs{dataset=\"top.score\"} ";

/// Waits until a service shows the number, and returns it.
async fn shown(service: &Running, what: &str, wanted: impl Fn(u64) -> bool) {
    until(&format!("{what}as wanted"), || async {
        let Ok((_, text)) = service.get("/metrics").await else { return false };
        text.lines().filter_map(|line| line.strip_prefix(what)?.parse().ok()).any(&wanted)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_services_both_show_what_one_captured() {
    let (world, upstream) = (World::start().await, upstream().await);
    let mut services = [0, 1].map(|_| service(&world, &upstream, &[Dataset::TopScore]).spawn().unwrap());
    for service in &services {
        shown(service, COMPLETE, |at| at > 0).await;
        shown(service, MISSED, |missed| missed == 0).await;
    }
    assert_eq!(world.runs_of(Dataset::TopScore).await.len(), 1);
    for service in &mut services {
        assert!(service.terminate().await.unwrap().success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_forgets_no_capture_that_missed_pages_and_a_capture_by_hand_mends_it() {
    let world = World::start().await;
    let (ill, _) = crate::partial::upstream(true, |page, _| page == 2).await;
    let start = || {
        let service = service(&world, &ill, &[Dataset::TopScore]);
        service.env("FETCHER_CLIENT__ATTEMPTS", "1").spawn().unwrap()
    };
    let mut service = start();
    shown(&service, MISSED, |missed| missed == 1).await;
    assert!(service.terminate().await.unwrap().success());
    let mut service = start();
    shown(&service, MISSED, |missed| missed == 1).await;
    let (well, _) = crate::partial::upstream(true, |_, _| false).await;
    let by_hand = ["once", "top.score", "--base-url", &well, "--source", "x", "--catalogue", "sample"];
    let said = end(world.fetcher(by_hand)).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    shown(&service, MISSED, |missed| missed == 0).await;
    shown(&service, COMPLETE, |at| at > 0).await;
    assert!(service.terminate().await.unwrap().success());
}
