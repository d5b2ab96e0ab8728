//! What is in RAW as an archive: which captures, in which order, with which bytes.

use kansoku_nats::page;
use kansoku_schemas::{Capture, CaptureReader, Catalogue, Dataset, PageMeta, RunId};

use crate::world::{Said, World, end, run, user};

async fn export(world: &World, arguments: &[&str]) -> Said {
    end(world.fetcher(["export", "--json"].iter().chain(arguments))).await
}

fn captures(archive: &[u8]) -> Vec<Capture> {
    CaptureReader::new(archive).map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_is_exported_and_a_file_is_not_overwritten() {
    let world = World::start().await;
    for (dataset, at) in
        [(Dataset::TopScore, "2026-10-20T06:00:00Z"), (Dataset::Genres, "2026-10-21T06:00:00Z")]
    {
        assert_eq!(world.import(&world.archive("a.jsonl", &run(dataset, at, 3))).await.code, Some(0));
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
    let archive = world.archive("a.jsonl", &run(Dataset::TopScore, "2026-10-20T06:00:00Z", 2));
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
