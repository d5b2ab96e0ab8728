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
    said.fails(1, &["a.jsonl:1 has the date \"2126-10-20", "ahead of this machine's clock", "one thing"]);
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
        for (at, other) in others.iter().enumerate() {
            let captures = [good[0].clone(), other.clone(), good[1].clone()];
            let said = world.import(&world.archive_of("a.jsonl", &captures)).await;
            said.fails(
                1,
                &["a.jsonl:2 is ", "and its run", "is top.score of elsewhere (sample) at 2026-10-20"],
            );
            assert_eq!(said.table()["not_taken"], json!({"its run is another capture": 1}), "{at}");
        }
        // Alone, against what RUN tells. Of another dataset RUN tells nothing.
        for other in &others[1..] {
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
async fn the_same_bad_body_of_two_pages_is_two_dead_letters() {
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
async fn a_closed_standard_error_ends_no_import() {
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

/// An index of these entries beside a file of one page.
fn indexed(world: &World, entries: Value) -> std::path::PathBuf {
    world.file("page.json", "{\"data\":[{\"mal_id\":1}]}");
    world.file("captures.json", entries.to_string());
    world.folder.path().to_path_buf()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_index_writes_otherwise_is_taken_or_named() {
    let world = World::start().await;
    let entry = |url: &str, date: &str| json!({"name": "page.json", "url": url, "date": date});
    let one = "https://me:geheim@e.org/v4/anime/1";
    let folder = indexed(
        &world,
        json!([
            entry("GET /v4/anime/59032/full", AT),
            entry("/v4/anime/2", "2022-02-19"),
            entry(one, "Sat, 19 Feb 2022 10:00:00 GMT"),
            entry(one, "2022-02-19T10:00:00"),
            entry("anime/1", AT),
            entry("https://e.org/v4/top/anime?page=abc", AT),
            entry("https://e.org/v4/anime/1/episodes", AT),
        ]),
    );
    let said = world.import(&folder).await;
    said.fails(
        1,
        &[
            "page.json has the date \"2022-02-19T10:00:00\" without a zone",
            "page.json has the url \"anime/1\", and an address is such as",
            "page.json has an address with page=abc, which is no page",
            "3 things went wrong",
        ],
    );
    let table = said.table();
    assert_eq!((published(&said), &table["captures"], &table["failed"]), (3, &7.into(), &0.into()));
    let left = json!({"no instant": 1, "no address": 1, "no such page": 1, "episodes": 1});
    assert_eq!(table["not_taken"], left);
    assert_eq!(table["left_out"].as_array().unwrap().len(), 3);
    let raw = world.all("RAW").await;
    assert!(raw.iter().all(|stored| !stored.headers.iter().any(|(_, value)| value.contains("geheim"))));
    let mut times: Vec<_> = raw.iter().map(|stored| stored.headers.get("ce-time").unwrap()).collect();
    times.sort_unstable();
    assert_eq!(times, ["2022-02-19T00:00:00Z", "2022-02-19T10:00:00Z", AT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_one_list_recorded_one_after_the_other_are_one_run() {
    let world = World::start().await;
    let page = |page: u32, date: &str| {
        let url = format!("https://e.org/v4/top/anime?page={page}");
        json!({"name": format!("{page}.json"), "url": url, "date": date})
    };
    for (page, body) in (1..).zip(run(Dataset::TopScore, AT, 3)) {
        world.file(&format!("{page}.json"), body.body.unwrap());
    }
    let index = [
        page(3, "2026-10-20T06:00:09Z"),
        page(1, "2026-10-20T06:00:01Z"),
        page(2, "2026-10-20T06:00:05Z"),
        page(2, "2026-10-21T06:00:05Z"),
    ];
    let said = world.import(&indexed(&world, index.into())).await;
    assert_eq!((said.code, published(&said)), (Some(0), 4), "{said:?}");
    assert!(said.err.contains("has no page 1: its ranking has a gap there"), "{said:?}");
    let runs = world.runs_of(Dataset::TopScore).await;
    let mut pages: Vec<_> = runs.iter().map(|run| (run.is_complete(), run.pages_got.clone())).collect();
    pages.sort();
    assert_eq!(pages, [(false, vec![2]), (true, vec![1, 2, 3])]);
    World::once_each(&world.pages().await, &world.runs().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_in_an_index_is_refused_and_one_that_is_named_is_read() {
    let world = World::start().await;
    let pipe = world.folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let entry = json!({"name": "pipe", "url": "https://e.org/v4/anime/1", "date": AT});
    world
        .import(&indexed(&world, json!([entry])))
        .await
        .fails(1, &["captures.json names pipe", "it is no file"]);

    let mut command = world.archive(["import".as_ref(), "--json".as_ref(), pipe.as_os_str()]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let importing = tokio::task::spawn_blocking(move || command.output().unwrap());
    let archive = lines(&run(Dataset::Genres, AT, 1));
    tokio::task::spawn_blocking(move || std::fs::write(pipe, archive).unwrap()).await.unwrap();
    let output = importing.await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(world.messages("RAW").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_that_gives_nothing_keeps_no_import() {
    let world = World::start().await;
    let mut process = world.archive(["import", "-"]);
    process.stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::null());
    let mut process = process.stdout(std::process::Stdio::null()).spawn().unwrap();
    let mut stdin = process.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, &lines(&run(Dataset::Genres, AT, 1))).unwrap();
    until("the first page", || async { world.messages("RAW").await == 1 }).await;
    kansoku_stack::child::kill(process.id(), kansoku_stack::child::Signal::TERM).unwrap();
    let ended = tokio::task::spawn_blocking(move || process.wait().unwrap());
    assert_eq!(ended.await.unwrap().code(), Some(1), "standard input is still open");
    drop(stdin);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_printed_without_what_a_terminal_would_obey() {
    let world = World::start().await;
    let name = "a\u{1b}[31m.json";
    let entry = json!({"name": name, "url": "https://e.org/v4/anime/1", "date": "soon"});
    world.file(name, "{\"data\":[]}");
    let said = world.import(&indexed(&world, json!([entry]))).await;
    said.fails(1, &["a\\u{1b}[31m.json has the date \"soon\""]);
    assert!(!said.err.contains('\u{1b}'), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_in_a_leap_second_is_refused_by_name() {
    let world = World::start().await;
    let captures = run(Dataset::Anime, "2019-06-30T23:59:60Z", 1);
    let said = world.import(&world.archive_of("a.jsonl", &captures)).await;
    said.fails(1, &["a.jsonl:1 has the date", "a leap second"]);
    assert_eq!((&said.table()["not_taken"], world.messages("RAW").await), (&json!({"a leap second": 1}), 0));
    let page = world.file("page.json", "{\"data\":[]}");
    let what =
        ["import", page.to_str().unwrap(), "--dataset", "anime", "--captured-at", "2019-06-30T23:59:60Z"];
    end(world.archive(what)).await.fails(2, &["a leap second, which no table has"]);
}

/// Many files are opened one after the other, and a wrong name among them is found before the first is published.
#[tokio::test(flavor = "multi_thread")]
async fn more_archives_than_a_process_may_open_are_imported() {
    let world = World::start().await;
    let names: Vec<_> = (0..60)
        .map(|minute| {
            let at = format!("2026-10-20T06:{minute:02}:00Z");
            world.archive_of(&format!("{minute}.jsonl"), &run(Dataset::Genres, &at, 1)).display().to_string()
        })
        .collect();
    let import = |more: &[&str]| {
        let program = kansoku_stack::process::programs().unwrap().join("archive");
        let script = format!(
            "ulimit -n 48; exec {} import --json {} {}",
            program.display(),
            names.join(" "),
            more.join(" ")
        );
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &script]).env("ARCHIVE_NATS__URL", world.server.url());
        command.env("ARCHIVE_NATS__NKEY_FILE", world.server.key_file("archiver"));
        end(command)
    };
    import(&["nothing.jsonl"]).await.fails(1, &["nothing.jsonl: No such file"]);
    assert_eq!(world.messages("RAW").await, 0);
    let said = import(&[]).await;
    assert_eq!((said.code, published(&said)), (Some(0), 60), "{said:?}");
}
