//! What is in RAW as an archive: which captures, in which order, with which bytes, and what RAW does not hold.

use std::collections::BTreeMap;

use axum::{Router, http::StatusCode, routing::get};
use chrono::DateTime;
use kansoku_nats::page;
use kansoku_schemas::{
    ArchiveLine, ArchiveReader, Capture, Catalogue, Dataset, PageMeta, RunEvent, RunEventKind, RunId,
};
use tokio::net::TcpListener;

use kansoku_stack::world::{Said, World, capture, end, run, user};

async fn export(world: &World, arguments: &[&str]) -> Said {
    end(world.archive(["export", "--json"].iter().chain(arguments))).await
}

fn captures(archive: &[u8]) -> Vec<Capture> {
    ArchiveReader::new(archive).filter_map(|line| line.unwrap().into_capture()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_is_exported_and_a_file_is_not_overwritten() {
    let world = World::start().await;
    for (dataset, at) in
        [(Dataset::TopScore, "2026-10-20T06:00:00Z"), (Dataset::Genres, "2026-10-21T06:00:00Z")]
    {
        assert_eq!(world.import(&world.archive_of("a.jsonl", &run(dataset, at, 3))).await.code, Some(0));
    }
    let file = world.folder.path().join("out.jsonl");
    let name = file.to_str().unwrap();
    let period = ["--from", "2026-10-20T06:00:00Z", "--to", "2026-10-21T06:00:00Z"];
    let said = export(&world, &[&[name], &period[..]].concat()).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.table()["pages"], serde_json::json!({"top.score": 3}));
    assert_eq!(said.table()["outside"], 3);
    let written = std::fs::read(&file).unwrap();
    let pages: Vec<u32> = captures(&written).iter().map(|capture| capture.page).collect();
    assert_eq!(pages.len(), 3);
    let seqs: Vec<_> = captures(&written).iter().map(|capture| capture.seq.unwrap()).collect();
    assert!(seqs.is_sorted(), "{seqs:?}");

    export(&world, &[name]).await.fails(1, &["out.jsonl is there already", "--force"]);
    assert_eq!(std::fs::read(&file).unwrap(), written);
    assert_eq!(export(&world, &[name, "--force"]).await.code, Some(0));
    assert_eq!(captures(&std::fs::read(&file).unwrap()).len(), 6);
    let standard = export(&world, &["-"]).await;
    assert_eq!(standard.out.as_bytes(), std::fs::read(&file).unwrap());
    assert!(standard.err.contains("\"genres\": 3"), "{standard:?}");

    let none = world.folder.path().join("none.jsonl.zst").display().to_string();
    export(&world, &[&none, "--to", "2026-10-01T00:00:00Z"])
        .await
        .fails(1, &["no captures before 2026-10-01 00:00:00 UTC in RAW", "nothing was written"]);
    export(&world, &["a.csv"]).await.fails(1, &["a.csv", ".jsonl.zst"]);
    let left: Vec<_> =
        std::fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing is left behind: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_text_and_a_message_that_is_no_page() {
    let world = World::start().await;
    let fetcher = user(&world.server, "fetcher").await;
    let captured_at = "2026-10-20T06:00:00Z".parse().unwrap();
    let meta = PageMeta {
        catalogue: Catalogue::Mal,
        source: "観測".to_owned(),
        dataset: Dataset::TopScore,
        run: RunId::scheduled("s", &Dataset::TopScore, captured_at),
        page: 1,
        pages: None,
        captured_at,
        url: None,
        status: Some(200),
    };
    let body = b"{\"note\":\"\xff\xfe\",\"data\":[]}";
    fetcher.publish(page::raw(&meta, body[..].into())).await.unwrap();
    let mut strange = page::raw(&PageMeta { page: 2, ..meta }, "{}".into());
    strange.headers = kansoku_nats::Headers::new();
    fetcher.publish(strange).await.unwrap();
    let file = world.folder.path().join("out.jsonl.zst");
    let said = export(&world, &[file.to_str().unwrap()]).await;
    assert_eq!((said.code, &said.table()["no_page"]), (Some(0), &serde_json::json!(1)), "{said:?}");
    assert!(said.err.contains("message 2 of RAW is left out"), "{said:?}");

    let empty = World::start().await;
    assert_eq!(empty.import(&file).await.code, Some(0));
    assert_eq!(empty.all("RAW").await[0].body, body[..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_no_client_library_reads_stop_nothing() {
    let world = World::start().await;
    let archive = world.archive_of("a.jsonl", &run(Dataset::TopScore, "2026-10-20T06:00:00Z", 2));
    assert_eq!(world.import(&archive).await.code, Some(0));
    world.publish_by_hand(b"Note: caf\xe9", "{\"data\":[]}");
    world.publish_by_hand(b"Nats-Sequence: 999", "{\"data\":[]}");
    let file = world.folder.path().join("out.jsonl");
    let said = export(&world, &[file.to_str().unwrap()]).await;
    assert_eq!((said.code, &said.table()["no_page"]), (Some(0), &serde_json::json!(2)), "{said:?}");
    for words in ["message 3 of RAW is left out", "message 4 of RAW is left out"] {
        assert!(said.err.contains(words), "{said:?}");
    }
    assert_eq!(captures(&std::fs::read(&file).unwrap()).len(), 2);
}

/// Page 2 is an error with HTTP status 200, page 3 no JSON, page 4 a page with an error's status.
async fn broken() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let page = async |axum::extract::RawQuery(query): axum::extract::RawQuery| {
        let list = "{\"pagination\":{\"last_visible_page\":5,\"has_next_page\":true},\"data\":[{}]}";
        match query.unwrap_or_default().rsplit('=').next() {
            Some("2") => (StatusCode::OK, "{\"status\":500,\"type\":\"UpstreamException\"}"),
            Some("3") => (StatusCode::BAD_GATEWAY, "<html>"),
            Some("4") => (StatusCode::INTERNAL_SERVER_ERROR, list),
            Some("5") => (StatusCode::OK, "{\"data\":[{}]}"),
            _ => (StatusCode::OK, list),
        }
    };
    tokio::spawn(axum::serve(listener, Router::new().route("/v4/top/anime", get(page))).into_future());
    format!("http://{address}/v4")
}

/// How each run ended, without who told it and when.
async fn ends(world: &World) -> Vec<RunEvent> {
    let told = world.runs().await.into_values();
    let plain = |event| RunEvent {
        n: 0,
        instance: String::new(),
        at: DateTime::UNIX_EPOCH,
        started_at: None,
        bodies_got: BTreeMap::new(),
        ..event
    };
    told.map(plain).collect()
}

/// The dead letters, without who wrote them and when.
async fn dead_letters(world: &World) -> Vec<(String, Vec<(String, String)>, Vec<u8>)> {
    let mut letters: Vec<_> = Vec::new();
    for stored in world.all("DLQ").await {
        let own = ["Dlq-At", "Dlq-Service", "Kansoku-Pages", "traceparent", "tracestate"];
        let headers = stored.headers.iter().filter(|(name, _)| !own.contains(name));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        letters.push((stored.subject.clone(), headers, stored.body.to_vec()));
    }
    letters.sort();
    letters
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_was_in_raw_is_exported_too() {
    let (world, url) = (World::start().await, broken().await);
    let nowhere = format!("http://127.0.0.1:{}/v4", kansoku_stack::port::free().unwrap());
    for (dataset, url) in [("top.score", &url), ("genres", &nowhere)] {
        let mut command = world.fetcher(["once", dataset, "--base-url", url, "--source", "x"]);
        command.env("FETCHER_CLIENT__ATTEMPTS", "1");
        assert_eq!(end(command).await.code, Some(1));
    }
    // Two bad bodies for a page that came well in the end.
    let page = capture(Dataset::TopScore, "2026-10-20T06:00:00Z", 1, 1);
    for body in ["<html>", "<body>", page.body.as_deref().unwrap()] {
        let body = Capture { body: Some(body.to_owned()), ..page.clone() };
        assert_eq!(world.import(&world.archive_of("a.jsonl", &[body])).await.code, Some(0));
    }
    let (ends_there, dead_letters_there) = (ends(&world).await, dead_letters(&world).await);
    assert_eq!(dead_letters_there.len(), 5, "{dead_letters_there:#?}");
    let has = |what: fn(&RunEvent) -> bool| ends_there.iter().any(what);
    assert!(has(|run| run.event == RunEventKind::Failed && !run.warnings.is_empty()), "{ends_there:#?}");
    assert!(has(|run| run.pages_failed.len() == 3), "{ends_there:#?}");

    let file = world.folder.path().join("out.jsonl");
    let said = export(&world, &[file.to_str().unwrap()]).await;
    let table = said.table();
    let counts = (&table["pages"]["top.score"], &table["letters"], &table["runs"]);
    let bad = serde_json::json!({"not_json": 3, "upstream_error": 2});
    assert_eq!(counts, (&serde_json::json!(3), &bad, &serde_json::json!(3)), "{said:?}");

    // Where it came from, all of it is known, even when the ids are forgotten.
    world.forget_ids().await;
    let before = world.ends().await;
    assert_eq!(world.import(&file).await.table()["absorbed"], 8);
    assert_eq!(world.ends().await, before);

    let empty = World::start().await;
    let said = empty.import(&file).await;
    assert_eq!(
        (said.code, &said.table()["dead"], &said.table()["failed"]),
        (Some(0), &bad, &0.into()),
        "{said:?}"
    );
    assert_eq!(ends(&empty).await, ends_there);
    assert_eq!(dead_letters(&empty).await, dead_letters_there);
    empty.forget_ids().await;
    let before = empty.ends().await;
    let said = empty.import(&file).await;
    assert_eq!((&said.table()["absorbed"], &said.table()["runs"]), (&8.into(), &0.into()), "{said:?}");
    assert_eq!(empty.ends().await, before);

    // A period has its runs and its dead letters only.
    let some = world.folder.path().join("some.jsonl");
    let said = export(&world, &[some.to_str().unwrap(), "--to", "2026-10-21T00:00:00Z"]).await;
    assert_eq!(
        (&said.table()["letters"], &said.table()["runs"]),
        (&serde_json::json!({"not_json": 2}), &1.into())
    );
    let lines: Vec<_> = ArchiveReader::new(&*std::fs::read(&some).unwrap()).map(Result::unwrap).collect();
    assert!(
        matches!(
            lines[..],
            [
                ArchiveLine::Capture(_),
                ArchiveLine::Capture(_),
                ArchiveLine::Capture(_),
                ArchiveLine::Run { .. }
            ]
        ),
        "{lines:?}"
    );
}

/// What RAW has: run, page, body, and the run that a replay's root names.
async fn pages(world: &World) -> Vec<(RunId, u32, Vec<u8>, Option<RunId>)> {
    let raw = world.all("RAW").await;
    let read = |stored: &kansoku_nats::Stored| {
        let meta = page::meta(&stored.headers).ok()?;
        let root = page::replay(&stored.headers).unwrap().map(|replay| replay.root.run);
        Some((meta.run, meta.page, stored.body.to_vec(), root))
    };
    raw.iter().filter_map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_the_same_name_of_another_instant_is_refused_by_name() {
    let (one, two) = (World::start().await, World::start().await);
    let there = run(Dataset::TopScore, "2026-10-20T06:00:00Z", 2);
    let captured_at = there[0].captured_at + chrono::TimeDelta::seconds(7);
    let here: Vec<_> = there.iter().map(|page| Capture { captured_at, ..page.clone() }).collect();
    assert_eq!(one.import(&one.archive_of("a.jsonl", &there)).await.code, Some(0));
    assert_eq!(two.import(&two.archive_of("a.jsonl", &here)).await.code, Some(0));
    let file = one.folder.path().join("out.jsonl");
    assert_eq!(export(&one, &[file.to_str().unwrap()]).await.code, Some(0));
    let before = two.ends().await;
    let said = two.import(&file).await;
    said.fails(1, &["out.jsonl:1 is top.score of elsewhere", "and its run", "give it a run of its own"]);
    assert_eq!((&said.table()["failed"], two.ends().await), (&2.into(), before));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_raw_has_twice_is_there_twice() {
    let (world, empty) = (World::start().await, World::start().await);
    let captures = run(Dataset::TopScore, "2026-10-20T06:00:00Z", 2);
    assert_eq!(world.import(&world.archive_of("a.jsonl", &captures)).await.code, Some(0));
    let meta = page::meta(&world.all("RAW").await[0].headers).unwrap();
    world.forget_ids().await;
    let another = page::raw(&meta, "{\"data\":[{\"mal_id\":1}]}".into());
    user(&world.server, "fetcher").await.publish(another).await.unwrap();
    let file = world.folder.path().join("out.jsonl");
    assert_eq!(export(&world, &[file.to_str().unwrap()]).await.code, Some(0));
    let before = world.ends().await;
    assert_eq!(world.import(&file).await.table()["absorbed"], 3);
    assert_eq!(world.ends().await, before, "it came from here");

    assert_eq!(empty.import(&file).await.code, Some(0));
    assert_eq!(pages(&empty).await, pages(&world).await);
    empty.forget_ids().await;
    let before = empty.ends().await;
    assert_eq!(empty.import(&file).await.table()["absorbed"], 3);
    assert_eq!(empty.ends().await, before);

    // A recording under the name of a run that has another page there is not taken without a word.
    let mut other = captures[1].clone();
    other.body = Some("{\"data\":[{\"mal_id\":2}]}".to_owned());
    let said = empty.import(&empty.archive_of("b.jsonl", &[other])).await;
    said.fails(1, &["page 2 of run ", "is there with another body than", "b.jsonl:1"]);
    assert_eq!(said.table()["failed"], 1);
}

/// A RAW that was restored from a backup has its old epoch, and ends before what was exported later.
#[tokio::test(flavor = "multi_thread")]
async fn replays_that_a_restored_raw_has_not_are_brought_again() {
    let world = World::start().await;
    let captures = run(Dataset::TopScore, "2026-10-20T06:00:00Z", 2);
    assert_eq!(world.import(&world.archive_of("a.jsonl", &captures)).await.code, Some(0));
    let epoch = user(&world.server, "fetcher").await.stream_state("RAW").await.unwrap().epoch();
    let replay = |seq: u64, row: u32, id: &str| {
        let root = format!("{}:1:{row}:validate", captures[0].run.unwrap());
        let row = row.to_string();
        let headers = [
            ("Dlq-Root", root.as_str()),
            ("Kansoku-Row", &row),
            ("Kansoku-Position", &row),
            ("Nats-Msg-Id", id),
        ];
        Capture {
            epoch: Some(epoch),
            seq: Some(seq),
            nats_headers: Some(headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into()),
            body: Some(format!("{{\"data\":[{{\"mal_id\":{seq}}}]}}")),
            ..captures[0].clone()
        }
    };
    // Where sequence 2 is another message now, behind the end, and with ids that are no replay's.
    let replays =
        [replay(2, 0, "replay:a"), replay(9, 1, "replay:b"), replay(10, 2, "c\r\nd"), replay(11, 3, "e")];
    let file = world.archive_of("later.jsonl", &replays);
    let said = world.import(&file).await;
    assert_eq!((said.code, &said.table()["absorbed"]), (Some(0), &0.into()), "{said:?}");
    let raw = world.all("RAW").await;
    let bodies: Vec<_> = raw[2..].iter().map(|stored| stored.body.to_vec()).collect();
    assert_eq!(bodies, replays.clone().map(|replay| replay.body.unwrap().into_bytes()));
    assert!(raw[2..].iter().all(|stored| stored.headers.get("Nats-Msg-Id").unwrap().starts_with("replay:")));
    assert_eq!(world.import(&file).await.table()["absorbed"], 4);
}
