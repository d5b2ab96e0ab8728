//! Archives: complete, honest about what is missing, never of the future, and the same for everyone.
#![expect(clippy::unwrap_used, reason = "a test may end where it stands, in its helpers too")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_jikan_sim::{
    SOURCE,
    api::answer,
    archive::{self, Output, Request, Totals, USUAL},
    snapshot::Snapshot,
    world::World,
};
use kansoku_schemas::{ArchiveReader, Capture, Catalogue, Classified, Dataset, Judge, RunId, classify};
use sha2::{Digest, Sha256};

fn request() -> Request {
    Request {
        seed: 42,
        days: 40,
        until: "2026-10-20T12:53:12Z".parse().unwrap(),
        gap: Some("22:2".parse().unwrap()),
        bad_rows: 12,
        targets: USUAL.to_vec(),
    }
}

fn write(request: &Request) -> (Vec<u8>, Totals) {
    let mut bytes = Vec::new();
    let totals = archive::write(request, &mut bytes, |_, _, _| ()).unwrap();
    (bytes, totals)
}

/// The archive of [`request`], written once for all tests that read it.
static ARCHIVE: LazyLock<(Vec<u8>, Totals)> = LazyLock::new(|| write(&request()));

fn read(bytes: &[u8]) -> Vec<Capture> {
    ArchiveReader::new(bytes).map(|line| line.unwrap().into_capture().unwrap()).collect()
}

#[test]
fn every_capture_is_complete_and_of_the_past() {
    let request = request();
    let (bytes, totals) = &*ARCHIVE;
    let captures = read(bytes);
    assert_eq!(captures.len(), totals.pages);
    let mut runs: BTreeMap<RunId, Vec<&Capture>> = BTreeMap::new();
    let mut last = DateTime::<Utc>::MIN_UTC;
    for capture in &captures {
        assert!(capture.captured_at >= last && capture.captured_at <= request.until);
        last = capture.captured_at;
        assert_eq!(
            (capture.source.as_str(), capture.catalogue, capture.status),
            (SOURCE, Catalogue::Sample, 200)
        );
        let (url, dataset) = (capture.url.as_ref().unwrap().parse().unwrap(), capture.dataset.unwrap());
        assert_eq!(classify(&url), Classified::Taken(dataset), "{url}");
        assert_eq!(capture.run, Some(RunId::scheduled(SOURCE, &dataset, capture.captured_at)));
        runs.entry(capture.run.unwrap()).or_default().push(capture);
    }
    assert_eq!(runs.len(), totals.runs);
    for pages in runs.values() {
        let numbers: Vec<u32> = pages.iter().map(|capture| capture.page).collect();
        assert_eq!(numbers, (1..=pages[0].pages.unwrap()).collect::<Vec<_>>());
        assert!(pages.iter().all(|capture| capture.captured_at == pages[0].captured_at));
    }
    let newest = request.until - captures.last().unwrap().captured_at;
    assert!(newest < TimeDelta::hours(1), "the newest capture is {newest} old");
}

#[test]
fn exactly_the_bad_rows_that_were_asked_for_are_bad() {
    let (bytes, totals) = &*ARCHIVE;
    let judge = Judge::embedded();
    let mut pointers: BTreeMap<String, usize> = BTreeMap::new();
    let mut rows = 0;
    for capture in read(bytes) {
        let page = judge.page(&capture.dataset.unwrap(), capture.body.as_deref().unwrap().as_bytes());
        let page =
            page.unwrap_or_else(|rejection| panic!("{:?} is dead: {}", capture.url, rejection.message));
        rows += page.received();
        assert!(page.warnings.is_empty(), "{:?}: {:?}", capture.url, page.warnings);
        for row in page.rejected {
            *pointers.entry(row.rejection.pointer).or_default() += 1;
            assert!(capture.captured_at < request().until - TimeDelta::days(1));
        }
    }
    assert_eq!(rows, totals.rows);
    let expected = [("/members", 4), ("/score", 4), ("/titles/0", 4)];
    assert_eq!(pointers, expected.map(|(pointer, count)| (pointer.to_owned(), count)).into());
}

#[test]
fn the_gap_is_the_only_one() {
    let captures = read(&ARCHIVE.0);
    let days = |wanted: Dataset| -> BTreeSet<String> {
        let of = |capture: &&Capture| capture.dataset == Some(wanted);
        captures.iter().filter(of).map(|capture| capture.captured_at.date_naive().to_string()).collect()
    };
    for dataset in
        [Dataset::TopScore, Dataset::TopMembers, Dataset::SeasonNow, Dataset::SeasonUpcoming, Dataset::Genres]
    {
        let days = days(dataset);
        assert_eq!(days.len(), 38, "{dataset}");
        assert!(!days.contains("2026-09-28") && !days.contains("2026-09-29"), "{dataset}");
    }
}

#[test]
fn an_archive_holds_what_the_simulator_answers_at_that_instant() {
    let request = Request { bad_rows: 0, days: 9, ..request() };
    let (bytes, _) = write(&request);
    for capture in read(&bytes).iter().step_by(7) {
        let world = World::until(request.seed, capture.captured_at);
        let snapshot = Snapshot::of(&world, capture.captured_at);
        let url: url::Url = capture.url.as_ref().unwrap().parse().unwrap();
        let answer = answer(&snapshot, url.path(), url.query().unwrap_or_default());
        assert_eq!(answer.body, capture.body.as_deref().unwrap().as_bytes(), "{url}");
        assert_eq!(answer.headers.into_iter().collect::<BTreeMap<_, _>>(), capture.headers, "{url}");
    }
}

/// Changes whenever the world does: then look at the titles and the numbers before writing down the new hash.
#[test]
fn the_same_request_gives_the_same_bytes_for_ever() {
    let hash = |request: &Request| hex::encode(Sha256::digest(write(request).0));
    let request = Request { days: 3, ..request() };
    assert_eq!(hash(&Request { bad_rows: 3, ..request.clone() }), GOLDEN);
    assert_ne!(hash(&Request { seed: 43, bad_rows: 3, ..request }), GOLDEN);
}

const GOLDEN: &str = "bee719284d815897b9630b8d0803992b681b77a9b759e765472fe86b5f844234";

#[test]
fn a_name_decides_the_form_and_a_file_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let request = Request { days: 2, bad_rows: 0, ..request() };
    let (plain, _) = write(&request);
    for name in ["a.jsonl", "a.jsonl.zst"] {
        let file = folder.path().join(name);
        let mut output = Output::open(&file).unwrap();
        archive::write(&request, &mut output, |_, _, _| ()).unwrap();
        assert!(!file.exists(), "{name} is there before it is whole");
        let size = output.finish().unwrap().unwrap();
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(bytes.len() as u64, size);
        let bytes = if name.ends_with(".zst") { zstd::decode_all(&bytes[..]).unwrap() } else { bytes };
        assert!(bytes == plain, "{name} holds something else");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "something is left over");
}

#[test]
fn bad_rows_without_a_place_are_refused() {
    let request = Request { targets: vec!["genres".parse().unwrap()], ..request() };
    let error = archive::write(&request, &mut Vec::new(), |_, _, _| ()).unwrap_err().to_string();
    assert!(error.contains("no place for 12 bad rows"), "{error}");
}
