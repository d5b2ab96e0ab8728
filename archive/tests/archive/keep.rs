//! RAW goes into files while the service runs, whatever happens to the service.

use std::{collections::BTreeMap, path::PathBuf};

use kansoku_runs::publish::sha256;
use kansoku_schemas::{ArchiveEvent, ArchiveReader, Capture, Dataset};
use kansoku_stack::process::{Running, Service};

use kansoku_stack::world::{World, run, until};

const AT: &str = "2026-10-20T06:00:00Z";
/// Small, so that files end: an eighth of this is one, and a page has nearly 1 kB. The last one ends because there is no
/// room for another large page.
const RAW: u64 = 860 << 10;
const PAGES: u32 = 400;

/// A server with pages in RAW, which nobody has read.
async fn filled() -> World {
    let world = World::with(&[("RAW", RAW)]).await;
    let archive = world.archive_of("a.jsonl", &run(Dataset::TopScore, AT, PAGES));
    assert_eq!(world.import(&archive).await.code, Some(0));
    world
}

fn folder(world: &World) -> PathBuf {
    world.folder.path().join("archive")
}

fn config(world: &World) -> PathBuf {
    let dir = folder(world).display().to_string();
    world.file("archive.toml", format!("[keep]\ndir = {dir:?}\n"))
}

fn service(world: &World) -> Running {
    let service = Service::new("archive").unwrap().arg("--config").arg(config(world)).arg("keep");
    let service = service.env("ARCHIVE_NATS__URL", world.server.url());
    service.env("ARCHIVE_NATS__NKEY_FILE", world.server.key_file("archiver")).spawn().unwrap()
}

/// What was announced, by where it begins.
async fn announced(world: &World) -> BTreeMap<u64, ArchiveEvent> {
    let events =
        world.all("RUN").await.into_iter().filter(|stored| stored.subject.starts_with("run.archive."));
    events
        .map(|stored| {
            let event: ArchiveEvent = serde_json::from_slice(&stored.body).unwrap();
            assert_eq!(stored.subject, format!("run.archive.{}-{}", event.epoch, event.first));
            (event.first, event)
        })
        .collect()
}

async fn all_archived(world: &World) {
    let last = async || announced(world).await.into_values().last().map(|event| event.last);
    until("the last page in an announced file", || async { last().await == Some(PAGES.into()) }).await;
    assert!(announced(world).await.len() > 3);
}

/// The files that have no name yet.
fn unfinished(world: &World) -> Vec<String> {
    let names = std::fs::read_dir(folder(world)).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.starts_with('.')).collect()
}

/// The captures of a file.
fn captures(bytes: &[u8]) -> Vec<Capture> {
    let plain = std::io::BufReader::new(zstd::Decoder::new(bytes).unwrap());
    ArchiveReader::new(plain).map(|line| line.unwrap().into_capture().unwrap()).collect()
}

/// The files follow one another, hold every message once, and are what was announced of them.
async fn is_whole(world: &World) {
    let events = announced(world).await;
    let mut next = 1;
    for event in events.values() {
        assert_eq!(event.first, next, "{events:?}");
        let bytes = std::fs::read(folder(world).join(&event.file)).unwrap();
        assert_eq!((bytes.len() as u64, sha256(&bytes)), (event.bytes, event.sha256.clone()));
        let seqs: Vec<_> = captures(&bytes).into_iter().map(|capture| capture.seq.unwrap()).collect();
        assert!(seqs.into_iter().eq(event.first..=event.last), "{event:?}");
        assert_eq!(event.captures, event.last - event.first + 1);
        next = event.last + 1;
    }
    let names = std::fs::read_dir(folder(world)).unwrap().map(|entry| entry.unwrap().file_name());
    let finished = names.filter(|name| !name.to_string_lossy().starts_with('.')).count();
    assert_eq!(finished, events.len(), "a file that was not announced is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_follow_one_another_and_hold_the_bytes() {
    let world = filled().await;
    let mut service = service(&world);
    service.ready().await.unwrap();
    all_archived(&world).await;
    assert!(service.terminate().await.unwrap().success(), "{}", service.logs());
    is_whole(&world).await;
    let raw = world.all("RAW").await;
    for event in announced(&world).await.values() {
        let there = captures(&std::fs::read(folder(&world).join(&event.file)).unwrap());
        for (mut capture, stored) in there.into_iter().zip(&raw[usize::try_from(event.first).unwrap() - 1..])
        {
            assert_eq!(capture.seq, Some(stored.seq));
            assert_eq!(capture.take_body().unwrap(), stored.body);
        }
    }
    assert!(unfinished(&world).is_empty(), "{:?}", unfinished(&world));
}

/// Killed by itself at a certain step of a file, as `kill -9` would.
#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_dies_anywhere_goes_on_with_every_message_once() {
    let world = filled().await;
    for at in ["before_rename", "after_announce", "after_rename", "before_rename"] {
        let mut command = world.archive(["--config".as_ref(), config(&world).as_os_str(), "keep".as_ref()]);
        command.env("ARCHIVE_HTTP__LISTEN", "127.0.0.1:0").env("FAILPOINTS", format!("archive::{at}=return"));
        assert_eq!(kansoku_stack::world::end(command).await.code, None, "it ended by itself");
    }
    // The last one left a file unfinished, and the one before a file that nobody knows, of which a part came to the disk.
    let unknown = std::fs::read_dir(folder(&world)).unwrap().map(|entry| entry.unwrap().path());
    let last = unknown.filter(|path| path.extension().is_some_and(|ending| ending == "zst")).max().unwrap();
    let bytes = std::fs::read(&last).unwrap();
    std::fs::write(&last, &bytes[..bytes.len() / 2]).unwrap();
    assert!(unfinished(&world).len() == 1, "{:?}", unfinished(&world));
    let mut service = service(&world);
    all_archived(&world).await;
    assert!(service.terminate().await.unwrap().success(), "{}", service.logs());
    is_whole(&world).await;
    assert!(unfinished(&world).is_empty(), "{:?}", unfinished(&world));
}
