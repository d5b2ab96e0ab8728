//! NATS, or room in a stream, is away.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    time::Duration,
};

use kansoku_archive::{
    cli::Described,
    import::{Importer, Report, sources},
};
use kansoku_nats::{Headers, Outgoing};
use kansoku_schemas::Dataset;
use kansoku_service::{Clock, Stop, SystemClock};
use std::sync::Arc;

use crate::inside;
use kansoku_stack::world::{World, end, program, run, until};

const AT: &str = "2026-10-20T06:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_the_key_is_no_server_that_is_away() {
    let world = World::start().await;
    let began = SystemClock.monotonic();
    let mut command = world.archive(["export", "-"]);
    command.env_remove("ARCHIVE_NATS__NKEY_FILE");
    let url = world.server.url();
    end(command)
        .await
        .fails(1, &[&url, "refuses the user archiver: no key is given", "ARCHIVE_NATS__NKEY_FILE"]);
    let other = world.folder.path().join("other");
    kansoku_nats::keys::ensure(&other).unwrap();
    let key = std::fs::read_dir(&other).unwrap().flatten().map(|file| file.path());
    let key = key.into_iter().find(|path| path.to_string_lossy().contains("archiver")).unwrap();
    let mut command = world.archive(["export", "-"]);
    command.env("ARCHIVE_NATS__NKEY_FILE", &key);
    let said = end(command).await;
    said.fails(1, &["the key in", key.to_str().unwrap(), "is none that it knows"]);
    assert!(!said.err.contains("does not answer"), "{said:?}");
    assert!(began.elapsed() < Duration::from_secs(9), "nothing was waited for");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_named_within_ten_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.jsonl");
    std::fs::write(&archive, kansoku_stack::world::lines(&run(Dataset::Genres, AT, 1))).unwrap();
    let url = format!("nats://127.0.0.1:{}", kansoku_stack::port::free().unwrap());
    let said = async |arguments: &[&str]| {
        let mut command = program("archive", arguments);
        command.env("ARCHIVE_NATS__URL", &url);
        let clock = SystemClock;
        let began = clock.monotonic();
        let said = end(command).await;
        assert!(clock.monotonic() - began < Duration::from_secs(13), "{said:?}");
        said
    };
    let archive = archive.to_str().unwrap();
    let (import, export) = (["import", archive], ["export", "-"]);
    let (import, export) = tokio::join!(said(&import), said(&export));
    for said in [import, export] {
        said.fails(1, &["NATS does not answer", &url, "Connection refused", "make up", "ARCHIVE_NATS__URL"]);
        assert_eq!(said.out, "", "there is no table of nothing");
    }
    let mut command = program("archive", ["import", archive]);
    command.env("ARCHIVE_NATS__URL", "here:there");
    end(command).await.fails(64, &["nats.url: \"here:there\" is no address of a NATS server"]);
    let mut command = program("archive", ["import", archive]);
    command.env("ARCHIVE_NATS__NKEY_FILE", "/nowhere.nk");
    end(command).await.fails(1, &["take the nkey of the NATS user archiver", "/nowhere.nk"]);
}

/// Starts an import and waits until it says that it waits; returns the rest of what it will say.
pub(crate) async fn waiting(
    world: &World,
    archive: &std::path::Path,
    words: &'static str,
) -> tokio::task::JoinHandle<(Option<i32>, String)> {
    let mut command = world.archive(["import", "--json"]);
    let mut process = command.arg(archive).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(process.stderr.take().unwrap());
    let (told, tells) = tokio::sync::oneshot::channel();
    let ended = tokio::task::spawn_blocking(move || {
        let (mut text, mut told) = (String::new(), Some(told));
        while said.read_line(&mut text).unwrap() > 0 {
            if text.contains(words)
                && let Some(told) = told.take()
            {
                told.send(()).unwrap();
            }
        }
        (process.wait().unwrap().code(), text)
    });
    tokio::time::timeout(kansoku_stack::world::LIMIT, tells).await.unwrap().unwrap();
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_waits_for_a_full_stream_and_loses_nothing() {
    let world = World::with(&[("RUN", 4 << 10)]).await;
    let captures: Vec<_> =
        (10..50).flat_map(|minute| run(Dataset::Genres, &format!("2026-10-20T06:{minute}:00Z"), 1)).collect();
    let archive = world.archive_of("a.jsonl", &captures);
    let ended = waiting(&world, &archive, "the stream is full").await;
    world.resize(&[("RUN", 1 << 20)]).await;
    let (code, said) = ended.await.unwrap();
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("publish to run.genres") && said.contains("in nats/streams and run `make up`"),
        "{said}"
    );
    // Some are on their way at once; each says once that it waits, and once that it goes on.
    let lines = |words: &str| said.lines().filter(|line| line.contains(words)).count();
    assert_eq!(
        (lines("waiting: "), lines("going on: ")),
        (said.lines().count() / 2, said.lines().count() / 2),
        "{said}"
    );
    assert!(lines("waiting: ") <= 8, "{said}");
    let (runs, pages) = (world.runs().await, world.pages().await);
    World::once_each(&pages, &runs);
    assert_eq!(runs.values().filter(|run| run.is_complete()).count(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_never_drops_a_page_that_nobody_has_read() {
    const SMALL: u64 = 200 << 10;
    let world = World::with(&[("RAW", SMALL)]).await;
    let archive = world.archive_of("a.jsonl", &run(Dataset::TopScore, AT, 400));
    let ended = waiting(&world, &archive, "RAW is half full").await;
    let there = world.messages("RAW").await;
    assert!(world.all("RAW").await[0].headers.get("Kansoku-Page") == Some("1") && there < 400);
    world.resize(&[("RAW", 8 << 20)]).await;
    let (code, said) = ended.await.unwrap();
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("start the validator") && said.contains("nats/streams/RAW.json and run `make up`"),
        "{said}"
    );
    let (runs, pages) = (world.runs().await, world.pages().await);
    World::once_each(&pages, &runs);
    assert_eq!(pages.len(), 400);
}

/// Settles pages that have so many bytes more, all but the first if it is kept in hand, and publishes large ones until
/// there is no room: the first page that RAW still has, and how many large ones there are.
async fn fill_up(more: usize, keeps_first: bool) -> (u64, usize) {
    let world = World::with(&[("RAW", 64 << 20)]).await;
    let mut pages = run(Dataset::TopScore, AT, 400);
    let padding = " ".repeat(more);
    pages.iter_mut().for_each(|page| page.body.as_mut().unwrap().push_str(&padding));
    assert_eq!(world.import(&world.archive_of("read.jsonl", &pages)).await.code, Some(0));
    world.validate(400, keeps_first).await;
    world.resize(&[("RAW", 32 << 20)]).await;
    let streams = inside::streams(&world, Arc::new(SystemClock), Duration::from_millis(300)).await;
    let mut published = 0;
    let refused = loop {
        let page = Outgoing {
            subject: "raw.top.members".to_owned(),
            id: published.to_string(),
            headers: Headers::new(),
            body: vec![b' '; 200 << 10].into(),
            expect_last: None,
        };
        match streams.publish_raw(vec![(page, tracing::Span::none())]).await {
            Ok(_) => published += 1,
            Err(error) => break error.to_string(),
        }
    };
    assert!(refused.contains("RAW is half full"), "{published}: {refused}");
    (world.all("RAW").await.swap_remove(0).seq, published)
}

#[tokio::test(flavor = "multi_thread")]
async fn large_unread_pages_behind_small_read_ones_are_kept() {
    let (first, published) = fill_up(0, false).await;
    assert!(published > 100 && first <= 401, "{published} large pages, {first} is the first page");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_in_hand_keeps_all_behind_it() {
    let (first, published) = fill_up(70 << 10, true).await;
    assert_eq!(first, 1, "{published} large pages have pushed it out");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_gives_up_waiting_says_how_far_it_came() {
    let world = World::with(&[("RUN", 4 << 10)]).await;
    let captures: Vec<_> = (1..200)
        .flat_map(|minute| {
            run(Dataset::Genres, &format!("2026-10-20T{:02}:{:02}:00Z", minute / 60, minute % 60), 1)
        })
        .collect();
    let archive = world.archive_of("a.jsonl", &captures);
    let clock = Arc::new(SystemClock);
    let (ledger, publisher) = inside::publishing(&world, clock.clone(), Duration::from_millis(300)).await;
    let importer = Importer { ledger, publisher, stop: Stop::new(), again: false };
    let items = sources::open(&archive.display().to_string(), &Described::default()).unwrap();
    let mut report = Report::default();
    importer.run(items, clock.now(), &mut report).await;
    assert!(report.failed > 0 && report.read() < 199, "{report:?}");
    assert!(report.left_out.iter().any(|error| error.contains("the stream is full")), "{report:?}");
    world.resize(&[("RUN", 1 << 20)]).await;
    assert_eq!(world.import(&archive).await.code, Some(0));
    let (runs, pages) = (world.runs().await, world.pages().await);
    World::once_each(&pages, &runs);
    assert_eq!(pages.len(), 199);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_outlives_a_restart_of_the_server() {
    let world = World::start().await;
    let archive = world.archive_of("a.jsonl", &run(Dataset::TopScore, AT, 300));
    let importing = tokio::spawn(end({
        let mut command = world.archive(["import", "--json"]);
        command.arg(&archive);
        command
    }));
    until("some pages", || async { world.messages("RAW").await >= 10 }).await;
    world.server.kill().await.unwrap();
    world.server.start_again().await.unwrap();
    let said = importing.await.unwrap();
    assert_eq!(said.code, Some(0), "{said:?}");
    let (runs, pages) = (world.runs().await, world.pages().await);
    World::once_each(&pages, &runs);
    assert_eq!(pages.len(), 300);
}
