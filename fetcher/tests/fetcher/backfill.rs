//! Seasons of the past, in several sittings.

use std::{process::Stdio, sync::Arc, time::Duration};

use chrono::SubsecRound;
use kansoku_runs::RunMeta;
use kansoku_schemas::{Catalogue, Dataset, RunEvent, RunEventKind, RunId, Season};
use kansoku_service::{Clock, SystemClock};

use crate::world::{World, end, inside, until, upstream};

async fn told(world: &World) -> Vec<RunEvent> {
    world.runs().await.into_values().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_backfill_goes_on_where_it_was() {
    let (world, url) = (World::start().await, upstream().await);
    let config = config(&world, &url);
    let arguments =
        ["--config", config.to_str().unwrap(), "backfill", "--season", "2025-winter..2026-winter"];
    let mut command = world.fetcher(arguments);
    // So slow that it is met in the middle.
    command.env("FETCHER_CLIENT__INTERVAL_MS", "150").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut first = command.spawn().unwrap();
    until("two seasons, and a third under way", || async {
        let runs = told(&world).await;
        let whole = runs.iter().filter(|run| run.is_complete()).count();
        whole >= 2 && runs.iter().any(|run| !run.has_ended())
    })
    .await;
    kansoku_stack::child::kill(first.id(), kansoku_stack::child::Signal::TERM).unwrap();
    let stopped = tokio::task::spawn_blocking(move || {
        let status = first.wait().unwrap();
        (status, std::io::read_to_string(first.stderr.take().unwrap()).unwrap())
    });
    let (status, words) = stopped.await.unwrap();
    assert!(!status.success() && words.contains("the same command goes on from there"), "{words}");
    let before = told(&world).await;
    let open: Vec<_> = before.iter().filter(|run| !run.has_ended()).collect();
    assert!(open.iter().all(|run| run.released), "it lets go of what it leaves: {open:?}");

    let said = end(world.fetcher(arguments)).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let runs = told(&world).await;
    assert_eq!(runs.len(), 5, "one run a season: {runs:?}");
    assert!(runs.iter().all(RunEvent::is_complete));
    World::once_each(&world.pages().await, &world.runs().await);
    let whole = before.iter().filter(|run| run.is_complete()).count();
    assert!(
        said.out.ends_with(&format!("{whole} seasons were there already, captured within 7 days\n")),
        "{said:?}"
    );
    assert_eq!(said.out.lines().count(), 5 - whole + 1);

    let said = end(world.fetcher(arguments)).await;
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(0), "5 seasons were there already, captured within 7 days\n")
    );
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_backfill_goes_on_after_its_silence() {
    let (world, url) = (World::start().await, upstream().await);
    let config = config(&world, &url);
    let arguments =
        ["--config", config.to_str().unwrap(), "backfill", "--season", "2025-winter..2025-spring"];
    let backfill = || {
        let mut command = world.fetcher(arguments);
        command.env("FETCHER_CLIENT__HEARTBEAT_MS", "200");
        command
    };
    let mut killed = backfill();
    killed.env("FAILPOINTS", "fetcher::between_pages=1*off->return");
    assert_eq!(end(killed).await.code, None, "killed by a signal");
    assert!(told(&world).await.iter().all(|run| !run.has_ended() && !run.released));

    let said = end(backfill()).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("season.2025.winter: another process has begun it; waiting up to"), "{said:?}");
    let runs = told(&world).await;
    assert!(runs.len() == 2 && runs.iter().all(RunEvent::is_complete), "{runs:?}");
    World::once_each(&world.pages().await, &world.runs().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_season_that_another_process_works_on_is_left_to_it() {
    let (world, url) = (World::start().await, upstream().await);
    let config = config(&world, &url);
    let clock = Arc::new(SystemClock);
    let (ledger, _) = inside(&world, clock.clone(), Duration::from_secs(20)).await;
    let (dataset, captured_at) =
        (Dataset::Season { year: 2025, season: Season::Winter }, clock.now().trunc_subsecs(0));
    let run = RunId::scheduled("jikan-sim", &dataset, captured_at);
    let (source, catalogue) = ("jikan-sim".to_owned(), Catalogue::Sample);
    let mut open = ledger.open(RunMeta { run, dataset, source, catalogue, captured_at }).await.unwrap();
    ledger.append(&mut open, RunEventKind::Started, None).await.unwrap();
    let alive = tokio::spawn(async move {
        let mut beat = tokio::time::interval(Duration::from_millis(100));
        loop {
            beat.tick().await;
            ledger.append(&mut open, RunEventKind::Progress, None).await.unwrap();
        }
    });
    let mut command = world.fetcher([
        "--config",
        config.to_str().unwrap(),
        "backfill",
        "--season",
        "2025-winter..2025-spring",
    ]);
    command.env("FETCHER_CLIENT__HEARTBEAT_MS", "400");
    let said = end(command).await;
    alive.abort();
    said.fails(1, &["another process works on season.2025.winter;"]);
    assert!(said.out.contains("season.2025.spring: complete"), "{said:?}");
}

fn config(world: &World, url: &str) -> std::path::PathBuf {
    let upstream = format!("[[upstream]]\nurl = \"{url}\"\nsource = \"jikan-sim\"\ncatalogue = \"sample\"\n");
    world.file("sim.toml", upstream)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_season_is_said_to_be_none() {
    let said = end(crate::world::fetcher(["backfill", "--season", "2026-autumn"])).await;
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("\"2026-autumn\" is no season or range of seasons"), "{said:?}");
}
