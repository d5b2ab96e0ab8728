//! An import that ends in the middle, and the one that goes on.

use std::{sync::Arc, time::Duration};

use kansoku_archive::{
    cli::Described,
    import::{Importer, Report, sources},
};
use kansoku_schemas::{Capture, Dataset};
use kansoku_service::{Clock, Stop, SystemClock};

use kansoku_stack::world::{World, end, run, until};

/// Runs of many pages and of few, their lines mixed as no archive of ours has them.
fn captures() -> Vec<Capture> {
    let mut captures = run(Dataset::TopScore, "2026-10-20T06:00:00Z", 70);
    captures.extend(run(Dataset::SeasonNow, "2026-10-20T06:02:00Z", 5));
    captures.extend(
        (1..=60).flat_map(|minute| run(Dataset::Genres, &format!("2026-10-19T06:{:02}:00Z", minute % 60), 1)),
    );
    captures.extend(run(Dataset::TopMembers, "2026-10-20T06:04:00Z", 40));
    captures.sort_by_key(|capture| capture.page % 7);
    captures
}

async fn is_whole(world: &World) {
    let (runs, pages) = (world.runs().await, world.pages().await);
    World::once_each(&pages, &runs);
    assert_eq!((runs.len(), pages.len()), (63, 175));
    for run in runs.values() {
        assert!(run.is_complete(), "{run:?}");
        assert_eq!(run.rows, 25 * run.pages_got.len() as u64);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_import_is_resumed_with_every_page_once() {
    let world = World::start().await;
    let archive = world.archive_of("a.jsonl", &captures());
    let open = || sources::open(&archive.display().to_string(), &Described::default()).unwrap();
    for least in [30, 90] {
        let clock = Arc::new(SystemClock);
        let (ledger, publisher) =
            crate::inside::publishing(&world, clock.clone(), Duration::from_secs(20)).await;
        let importer = Importer { ledger, publisher, stop: Stop::new(), again: false };
        let mut report = Report::default();
        tokio::select! {
            () = importer.run(open(), clock.now(), &mut report) => panic!("it was not interrupted"),
            () = until("some pages", || async { world.messages("RAW").await >= least }) => {}
        }
        assert_eq!(report.problems, 0, "{report:?}");
    }
    let there = world.messages("RAW").await;
    assert!((90..175).contains(&there), "{there}");
    let said = world.import(&archive).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.table()["captures"], 175);
    is_whole(&world).await;
    let ends = world.ends().await;
    assert_eq!(world.import(&archive).await.table()["absorbed"], 175);
    assert_eq!(world.ends().await, ends);
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_an_import_between_two_runs_and_says_how_to_go_on() {
    let world = World::start().await;
    let archive = world.archive_of("a.jsonl", &captures());
    // Standard input that does not end: the first half is there, the rest never comes.
    let half = std::fs::read(&archive).unwrap();
    let half = &half[..half.len() / 2];
    let cut = half.iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    let mut command = world.archive(["import", "--json", "-"]);
    let mut process = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = process.stdin.take().unwrap();
    let feeding = std::thread::spawn({
        let half = half[..cut].to_vec();
        move || {
            std::io::Write::write_all(&mut stdin, &half).unwrap();
            stdin
        }
    });
    until("pages", || async { world.messages("RAW").await >= 20 }).await;
    kansoku_stack::child::kill(process.id(), kansoku_stack::child::Signal::TERM).unwrap();
    let stdin = feeding.join().unwrap();
    drop(stdin);
    let output = tokio::task::spawn_blocking(move || process.wait_with_output()).await.unwrap().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("the same command goes on from there"), "{said}");
    assert_eq!(world.import(&archive).await.code, Some(0));
    is_whole(&world).await;
}

/// Killed by itself at a certain page, as `kill -9` would; later the ids of what it published are forgotten.
#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_dies_after_a_page_is_resumed_with_every_page_once() {
    let world = World::start().await;
    let archive = world.archive_of("a.jsonl", &captures());
    for after in [0, 1] {
        let mut command = world.archive(["import", "--json"]);
        command.arg(&archive).env("FAILPOINTS", format!("runs::after_publish={after}*off->return"));
        assert_eq!(kansoku_stack::world::end(command).await.code, None, "it ended by itself");
    }
    let there = world.messages("RAW").await;
    assert!((1..175).contains(&there), "{there}");
    world.forget_ids().await;
    // Beside the probe that forgetting leaves there.
    let said = world.import(&archive).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let pages: Vec<_> = world.pages().await.into_iter().filter(|id| id != "probe").collect();
    World::once_each(&pages, &world.runs().await);
    assert_eq!(pages.len(), 175);
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_of_an_import_that_died_is_there_once() {
    let world = World::start().await;
    // Nothing goes to RAW: whichever of the two publishes comes second, the dead letter is there.
    let mut captures = run(Dataset::TopScore, "2026-10-20T06:00:00Z", 1);
    captures[0].body = Some("<html>".to_owned());
    let archive = world.archive_of("a.jsonl", &captures);
    let mut command = world.archive(["import", "--json"]);
    command.arg(&archive).env("FAILPOINTS", "runs::after_publish=1*off->return");
    assert_eq!(end(command).await.code, None, "it ended by itself");
    assert_eq!((world.messages("RAW").await, world.messages("DLQ").await), (0, 1));
    world.forget_ids().await;
    let before = world.ends().await;
    let said = world.import(&archive).await;
    assert_eq!((said.code, &said.table()["absorbed"]), (Some(0), &1.into()), "{said:?}");
    let after = world.ends().await;
    assert_eq!((after[0], after[2]), (before[0], before[2]), "nothing is published again");
    assert!(world.runs().await.values().all(|run| run.has_ended()));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_raw_has_dropped_are_brought_again_on_request() {
    let world = World::start().await;
    let archive = world.archive_of("a.jsonl", &run(Dataset::TopScore, "2026-10-20T06:00:00Z", 20));
    assert_eq!(world.import(&archive).await.code, Some(0));
    let brought = world.pages().await;
    world.nats(&["stream", "purge", "RAW", "--keep", "5", "--force"]);
    let path = archive.to_str().unwrap();
    let again = ["import", "--json", "--again", path];
    end(world.archive(again)).await.fails(1, &["RAW has dropped it", "duplicate window"]);
    world.forget_ids().await;
    world.nats(&["stream", "purge", "RAW", "--force"]);
    let said = end(world.archive(["import", "--json", path])).await;
    assert_eq!(said.table()["absorbed"], 20, "{said:?}");
    let said = end(world.archive(again)).await;
    assert_eq!(said.table()["published"]["top.score"], 20, "{said:?}");
    assert_eq!(world.pages().await, brought);
}
