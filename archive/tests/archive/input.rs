//! Recordings that are damaged, and what travels with those that are not.

use kansoku_schemas::{Capture, Dataset};
use serde_json::{Value, json};

use kansoku_stack::world::{Said, World, capture, end, lines, run, until};

const AT: &str = "2026-10-20T06:00:00Z";

fn published(said: &Said) -> u64 {
    let table = said.table();
    table["published"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_before_the_damage_is_imported_and_the_damage_is_named() {
    let world = World::start().await;
    let first = lines(&run(Dataset::TopScore, AT, 3));
    let mut cut = first.clone();
    cut.extend(&lines(&run(Dataset::TopMembers, AT, 1))[..200]);
    let begins = first.len();
    let said = world.import(&world.file("cut.jsonl", &cut)).await;
    said.fails(
        1,
        &["cut.jsonl", &format!("line 4 (byte {begins})"), "cut off", "run the same command again"],
    );
    assert_eq!((published(&said), said.table()["failed"].as_u64()), (3, Some(1)));

    let many = lines(&run(Dataset::TopMembers, AT, 40));
    let packed = zstd::encode_all(&many[..], 3).unwrap();
    let said = world.import(&world.file("cut.jsonl.zst", &packed[..packed.len() - 20])).await;
    said.fails(1, &["cut.jsonl.zst", "the archive breaks off", "incomplete frame"]);
    let said = world.import(&world.file("whole.jsonl.zst", &packed)).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(world.runs_of(Dataset::TopMembers).await[0].pages_got.len(), 40);

    // A line in the middle that is no capture, and one whose end does not come.
    let good = lines(&run(Dataset::SeasonNow, AT, 2));
    let middle = [&good[..], b"{\"no\":\"capture\"}\n", &lines(&run(Dataset::Genres, AT, 1))].concat();
    let said = world.import(&world.file("middle.jsonl", middle)).await;
    said.fails(1, &["middle.jsonl", "line 3", "unknown field `no`", "one thing went wrong"]);
    assert_eq!(published(&said), 3);
    let endless =
        [&lines(&run(Dataset::TopAiring, AT, 1))[..], b"{\"body\":\"", &vec![b'x'; 33 << 20]].concat();
    let said = world.import(&world.file("endless.jsonl", endless)).await;
    said.fails(1, &["endless.jsonl", "line 2", "more than 32 MiB"]);
    assert_eq!(published(&said), 1);
    World::once_each(&world.pages().await, &world.runs().await);

    let page = world.import(&world.file("page.json", "{\"data\":[]}")).await;
    page.fails(1, &["page.json", "--dataset and --captured-at"]);
    let nothing = zstd::encode_all(&b"\n"[..], 3).unwrap();
    world
        .import(&world.file("nothing.jsonl.zst", nothing))
        .await
        .fails(1, &["no captures in", "nothing.jsonl.zst"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_index_names_and_that_is_not_there_leaves_the_others() {
    let world = World::start().await;
    let body = "{\"data\":[{}]}";
    let entry =
        |name: &str| json!({"name": name, "url": "https://e.org/v4/genres/anime", "date": AT, "status": 200});
    world.file("here.json", body);
    let changed =
        json!({"name": "here.json", "url": "https://e.org/v4/genres/anime", "date": AT, "sha256": "00"});
    let index = json!([entry("gone.json"), entry("here.json"), changed]);
    world.file("captures.json", index.to_string());
    let said = world.import(world.folder.path()).await;
    said.fails(
        1,
        &[
            "captures.json names gone.json",
            "No such file",
            "here.json: its SHA-256 is",
            "2 things went wrong",
        ],
    );
    assert_eq!((published(&said), said.table()["failed"].as_u64()), (1, Some(2)));
    assert_eq!(said.table()["captures"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_of_the_future_is_left_out_and_named() {
    let world = World::start().await;
    let captures = [run(Dataset::Genres, "2126-10-20T06:00:00Z", 1), run(Dataset::Genres, AT, 1)].concat();
    let said = world.import(&world.archive_of("a.jsonl", &captures)).await;
    said.fails(
        1,
        &["a.jsonl:1 says that it was captured at 2126-10-20", "ahead of this machine's clock", "one thing"],
    );
    assert_eq!((published(&said), world.messages("RAW").await), (1, 1));
    assert_eq!(said.table()["not_taken"], json!({"captured in the future": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_pages_or_too_large_are_accounted_for() {
    let world = World::start().await;
    let of =
        |page: u32, body: String| Capture { body: Some(body), ..capture(Dataset::TopScore, AT, page, 4) };
    let large = |size: usize| format!("{{\"data\":[\"{}\"]}}", "x".repeat(size));
    let captures = [
        of(1, "<html>".to_owned()),
        of(2, large(900_000)),
        of(3, large(1 << 20)),
        of(4, "{\"status\":\"429\",\"type\":\"RateLimitException\"}".to_owned()),
    ];
    let archive = world.archive_of("a.jsonl", &captures);
    let said = world.import(&archive).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let table = said.table();
    assert_eq!(table["dead"], json!({"not_json": 1, "upstream_error": 1}));
    assert_eq!(
        (&table["refused"], &table["published"]),
        (&json!({"too_large": 1}), &json!({"top.score": 1}))
    );
    let run = &world.runs_of(Dataset::TopScore).await[0];
    assert_eq!((&run.pages_got[..], run.pages_failed.len()), (&[2][..], 3));
    let ends = world.ends().await;
    assert_eq!(world.import(&archive).await.table()["absorbed"], 4);
    assert_eq!(world.ends().await, ends);

    // The good pages can still come.
    let good: Vec<_> = run_of_four().into_iter().filter(|good| good.page != 2).collect();
    let said = world.import(&world.archive_of("b.jsonl", &good)).await;
    assert_eq!((said.code, published(&said)), (Some(0), 3), "{said:?}");
    assert!(world.runs_of(Dataset::TopScore).await[0].is_complete());
}

fn run_of_four() -> Vec<Capture> {
    run(Dataset::TopScore, AT, 4)
}

#[tokio::test(flavor = "multi_thread")]
async fn japanese_travels_in_headers_and_bodies() {
    let world = World::start().await;
    let page = world.file("ページ.json", "{\"data\":[{\"title\":\"観測者の灯台\"}]}");
    let url = "https://例え.jp/v4/anime?q=灯台\\u&page=2";
    let arguments = ["--url", url, "--captured-at", AT, "--source", "csv:観測 記録"];
    let said = end(world.archive(["import", page.to_str().unwrap()].iter().chain(&arguments))).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let stored = &world.all("RAW").await[0];
    assert_eq!(stored.subject, "raw.anime");
    assert_eq!(stored.headers.get("ce-source"), Some("csv:観測 記録"));
    assert_eq!(stored.headers.get("Kansoku-Url"), Some(url));
    assert_eq!(stored.headers.get("Kansoku-Page"), Some("2"));
    assert_eq!(stored.body, std::fs::read(&page).unwrap());
    let run = world.runs_of(Dataset::Anime).await.remove(0);
    assert_eq!((run.source.as_str(), run.is_complete()), ("csv:観測 記録", true));

    // On the wire a header is ASCII: another client sees the escapes.
    let seen = world.nats(&["stream", "get", "RAW", "1", "--json"]);
    let seen: Value = serde_json::from_str(&seen).unwrap();
    let text = seen.to_string();
    assert!(!text.contains('観') && !text.contains('灯'), "{text}");

    // The same again, named otherwise only by the file: nothing new.
    let ends = world.ends().await;
    assert_eq!(
        end(world.archive(["import", page.to_str().unwrap()].iter().chain(&arguments))).await.code,
        Some(0)
    );
    assert_eq!(world.ends().await, ends);
    until("nothing", || async { true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_of_another_capture_than_its_run_is_refused_by_name() {
    for exported in [None, Some(7)] {
        let world = World::start().await;
        let good = run(Dataset::TopScore, AT, 2).into_iter().zip(1..);
        let good: Vec<_> =
            good.map(|(page, seq)| Capture { epoch: exported, seq: exported.map(|_| seq), ..page }).collect();
        let page = |change: &dyn Fn(&mut Capture)| {
            let mut page = Capture { page: 2, seq: exported.map(|_| 3), ..good[1].clone() };
            change(&mut page);
            page
        };
        let others = [
            page(&|page| page.dataset = Some(Dataset::History)),
            page(&|page| page.source = "csv:mine".to_owned()),
            page(&|page| page.catalogue = kansoku_schemas::Catalogue::Mal),
            page(&|page| page.captured_at += chrono::TimeDelta::seconds(1)),
        ];
        let refused = if exported.is_some() { &others[..3] } else { &others[..] };
        for (at, other) in refused.iter().enumerate() {
            let captures = [good[0].clone(), other.clone(), good[1].clone()];
            let said = world.import(&world.archive_of("a.jsonl", &captures)).await;
            said.fails(
                1,
                &["a.jsonl:2 is ", "and its run", "is top.score of elsewhere (sample) at 2026-10-20"],
            );
            assert_eq!(said.table()["not_taken"], json!({"its run is another capture": 1}), "{at}");
        }
        // Alone, against what RUN tells. Of another dataset RUN tells nothing.
        // What was exported is kept beside a run of another instant: see the tests of export.
        let refused = if exported.is_some() { &others[1..3] } else { &others[1..] };
        for other in refused {
            let said = world.import(&world.archive_of("b.jsonl", std::slice::from_ref(other))).await;
            said.fails(1, &["b.jsonl:1 is ", "and its run", "is top.score of elsewhere (sample)"]);
            assert_eq!(said.table()["failed"], 1);
        }
        let raw = world.all("RAW").await;
        assert!(raw.iter().all(|stored| stored.headers.get("ce-source") == Some("elsewhere")));
        assert_eq!(raw.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bad_body_of_two_pages_is_two_letters() {
    let world = World::start().await;
    let bad = |page: Capture| Capture { body: Some("<html>".to_owned()), ..page };
    let [first, other, third] = [(Dataset::TopScore, 1), (Dataset::Genres, 1), (Dataset::TopScore, 3)]
        .map(|(dataset, page)| bad(capture(dataset, AT, page, 4)));
    let archive = world.archive_of("a.jsonl", &[first, other, third]);
    assert_eq!(world.import(&archive).await.table()["dead"], json!({"not_json": 3}));
    assert_eq!(world.import(&archive).await.table()["absorbed"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_page_comes_from_standard_input_too() {
    let world = World::start().await;
    let page = world.file("page.json", "{\"data\":[{\"mal_id\":1}]}");
    let what = ["import", "-", "--dataset", "anime", "--captured-at", AT];
    let mut command = world.archive(what);
    command.stdin(std::fs::File::open(&page).unwrap());
    assert_eq!(end(command).await.code, Some(0));
    assert_eq!(world.all("RAW").await[0].body, std::fs::read(&page).unwrap());
    let mut command = world.archive(&what[..4]);
    command.stdin(std::fs::File::open(&page).unwrap());
    end(command).await.fails(1, &["standard input: say when it was recorded, with --captured-at"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_to_hear_what_went_wrong() {
    let world = World::start().await;
    let archive = world.file("bad.jsonl", [&lines(&run(Dataset::Genres, AT, 1))[..], b"{}\n{}\n"].concat());
    let mut command = world.archive(["--config", "/nowhere.toml"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stderr(writer.try_clone().unwrap());
    let status =
        |mut command: std::process::Command| tokio::task::spawn_blocking(move || command.status().unwrap());
    assert_eq!(status(command).await.unwrap().code(), Some(2));
    let mut command = world.archive(["import".as_ref(), archive.as_os_str()]);
    command.stdout(std::process::Stdio::null()).stderr(writer);
    assert_eq!(status(command).await.unwrap().code(), Some(1));
    assert_eq!(world.messages("RAW").await, 1);
}
