//! A person's own CSV file in the pipeline: runs by instant, pages of rows, a table that adds up.

use std::path::PathBuf;

use kansoku_schemas::{Catalogue, Dataset};
use serde_json::{Value, json};

use kansoku_stack::world::{Said, World, end, program};

pub(crate) const MAP: &str = "name = \"観測\"\ncatalogue = \"sample\"\n[columns]\ntime = \"at\"\nmal_id = \"id\"\n\
                   score = \"score\"\nmembers = \"members\"\n";
const CSV: &str = "id,at,score,members\n\
                   900001,2026-02-15T00:09:43Z,8.41,98210\n\
                   900002,2026-02-15T00:09:43Z,,\n\
                   900001,2026-02-22T00:10:00Z,8.43,99117\n\
                   ???,2026-02-15T00:09:43Z,7.5,\n\
                   900002,2026-02-15T09:09:43+09:00,7.12,1200\n";

pub(crate) async fn import(world: &World, csv: &str, map: &str) -> Said {
    let (csv, map) = (world.file("mine.csv", csv), world.file("map.toml", map));
    let arguments = ["import", "--json", "--csv", csv.to_str().unwrap(), "--map", map.to_str().unwrap()];
    end(world.archive(arguments)).await
}

/// The table accounts for every line.
pub(crate) fn adds_up(said: &Said) -> Value {
    let table = said.table();
    let group = |name: &str| -> u64 {
        table[name].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
    };
    let count = |name: &str| table[name].as_u64().unwrap();
    let sum =
        count("published") + count("absorbed") + count("failed") + group("refused") + group("not_taken");
    assert_eq!(sum, count("rows"), "{table}");
    table
}

#[tokio::test(flavor = "multi_thread")]
async fn each_instant_is_a_run_and_a_second_import_publishes_nothing() {
    let world = World::start().await;
    let said = import(&world, CSV, MAP).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let table = adds_up(&said);
    assert_eq!((&table["rows"], &table["published"], &table["instants"]), (&json!(5), &json!(4), &json!(2)));
    assert_eq!(table["not_taken"], json!({"no number": 1}));

    let raw = world.all("RAW").await;
    assert_eq!(raw.len(), 2);
    let mut bodies = Vec::new();
    for stored in &raw {
        assert_eq!(stored.subject, "raw.history");
        assert_eq!(stored.headers.get("ce-source"), Some("csv:観測"));
        let body: Value = serde_json::from_slice(&stored.body).unwrap();
        bodies.push((stored.headers.get("ce-time").unwrap().to_owned(), body["data"].clone()));
    }
    bodies.sort_by(|one, other| one.0.cmp(&other.0));
    let at = "2026-02-15T00:09:43Z";
    assert_eq!(
        bodies[0],
        (
            at.to_owned(),
            json!([
                {"captured_at": at, "mal_id": 900_001, "score": 8.41, "members": 98_210},
                {"captured_at": at, "mal_id": "???", "score": 7.5},
                {"captured_at": at, "mal_id": 900_002, "score": 7.12, "members": 1_200},
            ])
        )
    );
    let runs = world.runs_of(Dataset::History).await;
    assert!(runs.iter().all(|run| run.is_complete() && run.catalogue == Catalogue::Sample), "{runs:?}");
    assert_eq!(runs.iter().map(|run| run.rows).sum::<u64>(), 4);
    World::once_each(&world.pages().await, &world.runs().await);

    let ends = world.ends().await;
    for forgotten in [false, true] {
        let ends = if forgotten {
            world.forget_ids().await;
            world.ends().await
        } else {
            ends
        };
        let again = import(&world, CSV, MAP).await;
        assert_eq!((again.code, adds_up(&again)["absorbed"].as_u64()), (Some(0), Some(4)), "{again:?}");
        assert_eq!(world.ends().await, ends);
    }
    let file = |name: &str| world.folder.path().join(name).display().to_string();
    let said = end(world.archive(["import", "--csv", &file("mine.csv"), "--map", &file("map.toml")])).await;
    println!("{}", said.out);
    let lines: Vec<String> =
        said.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let expected =
        ["rows published 0", "already there 4", "too large 0", "not taken 1", "no number 1", "failed 0"];
    assert_eq!(lines[..6], expected);
    assert_eq!(lines[7..9], ["rows 5", "instants 2"]);
}

/// The rows that RAW has, with their run, in its order.
pub(crate) async fn rows(world: &World) -> Vec<(String, Value)> {
    let mut rows = Vec::new();
    for stored in world.all("RAW").await {
        let Ok(body) = serde_json::from_slice::<Value>(&stored.body) else { continue };
        let run = stored.headers.get("Kansoku-Run").unwrap_or_default().to_owned();
        rows.extend(body["data"].as_array().into_iter().flatten().map(|row| (run.clone(), row.clone())));
    }
    rows
}

/// Published and absorbed rows of an import that went well.
#[track_caller]
pub(crate) fn good(said: &Said) -> (u64, u64) {
    assert_eq!(said.code, Some(0), "{said:?}");
    let table = adds_up(said);
    (table["published"].as_u64().unwrap(), table["absorbed"].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instant_that_was_mended_comes_again_and_a_second_import_brings_nothing() {
    let world = World::start().await;
    assert_eq!(good(&import(&world, CSV, MAP).await), (4, 0));
    let grown = format!("{CSV}900001,2026-03-01T00:00:00Z,8.5,99900\n");
    assert_eq!(good(&import(&world, &grown, MAP).await), (1, 4));

    let mended = grown.replace("???", "900003");
    assert_eq!(good(&import(&world, &mended, MAP).await), (3, 2));
    let came = rows(&world).await;
    let runs: std::collections::BTreeSet<_> = came.iter().map(|(run, _)| run).collect();
    assert_eq!((came.len(), runs.len()), (8, 4), "each instant has a run, and one that was mended one more");
    assert!(world.runs_of(Dataset::History).await.iter().all(|run| run.is_complete()));
    World::once_each(&world.pages().await, &world.runs().await);

    let ends = world.ends().await;
    assert_eq!(good(&import(&world, &mended, MAP).await), (0, 5));
    assert_eq!(world.ends().await, ends);
    world.forget_ids().await;
    let ends = world.ends().await;
    assert_eq!(good(&import(&world, &mended, MAP).await), (0, 5));
    assert_eq!(world.ends().await, ends);

    // What was changed and is changed back is a change too.
    assert_eq!(good(&import(&world, &mended.replace("99117", "99118"), MAP).await), (1, 4));
    assert_eq!(rows(&world).await.last().unwrap().1["members"], 99_118);
    assert_eq!(good(&import(&world, &mended, MAP).await), (1, 4));
    assert_eq!(good(&import(&world, &mended, MAP).await), (0, 5));
    assert_eq!(rows(&world).await.last().unwrap().1["members"], 99_117);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_left_open_takes_no_lines_with_it() {
    let world = World::start().await;
    let lines: String = (3..=500)
        .map(|id| {
            format!("{id},2026-02-15T00:09:43Z,8,{}\n", if id == 10 || id == 400 { "\"7" } else { "7" })
        })
        .collect();
    let csv = format!("id,at,score,members\r\n{}", lines.replace('\n', "\r\n"));
    let said = import(&world, &csv, MAP).await;
    said.fails(
        1,
        &[
            "mine.csv:9: one row over several lines, from 9 to 399: is a quote left open?",
            "391 lines are no rows, and 0 rows failed",
        ],
    );
    let table = adds_up(&said);
    assert_eq!((&table["rows"], &table["published"]), (&json!(498), &json!(107)));
    assert_eq!(table["not_taken"], json!({"one row over several lines": 391}));
    assert!(rows(&world).await.iter().all(|(_, row)| row["members"] == 7), "nothing was swallowed");

    // Mended in the file, they come.
    let mended = csv.replace("\"7", "7");
    assert_eq!(good(&import(&world, &mended, MAP).await), (498, 0), "all of the instant, for it is another");
    assert_eq!(good(&import(&world, &mended, MAP).await), (0, 498));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_without_an_instant_is_named_and_counted() {
    let world = World::start().await;
    let csv = format!(
        "{CSV}900001,soon,8,1\n900001,2126-01-01T00:00:00Z,8,1\n900001,1970-01-20T11:58:00Z,8,1\n900001\n\
         900001,2016-12-31T23:59:60Z,8,1\n"
    );
    let map = MAP.replace("name = \"観測\"\n", "");
    let said = import(&world, &csv, &map).await;
    said.fails(
        1,
        &[
            "mine.csv:7: no instant: \"soon\" (RFC 3339, such as",
            "mine.csv:8: captured in the future: \"2126-01-01T00:00:00Z\"",
            "mine.csv:9: before 2004",
            "mine.csv:10: no instant: \"\"",
            "mine.csv:11: a leap second: \"2016-12-31T23:59:60Z\"",
            "5 lines are no rows",
        ],
    );
    let table = adds_up(&said);
    assert_eq!((&table["rows"], &table["published"]), (&json!(10), &json!(4)));
    let left = json!({"no instant": 2, "captured in the future": 1, "before 2004": 1, "a leap second": 1, "no number": 1});
    assert_eq!(table["not_taken"], left);
    let named: Vec<_> =
        table["left_out"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert!(
        named.len() == 5
            && named[3].ends_with("mine.csv:10: no instant: \"\" (RFC 3339, such as 2026-02-15T00:09:43Z)"),
        "{named:?}"
    );

    // Mended in the file, they come; the others are absorbed.
    let mended =
        csv.replace("soon", "2026-02-16T00:09:43Z").replace("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z");
    let said = import(&world, &mended, &map).await;
    said.fails(1, &["3 lines are no rows, and 0 rows failed. What is there stays: mend"]);
    let table = adds_up(&said);
    assert_eq!((&table["published"], &table["absorbed"], &table["rows"]), (&json!(2), &json!(4), &json!(10)));
    let sources: std::collections::BTreeSet<_> =
        world.runs().await.into_values().map(|run| run.source).collect();
    assert_eq!(Vec::from_iter(sources), ["csv:mine"]);
    let files = std::fs::read_dir(world.folder.path()).unwrap().count();
    assert_eq!(files, 2, "nothing is written beside the file");
}

/// A terminal is not flooded: of each kind that is left out some lines are said, and more of them stand in JSON.
#[tokio::test(flavor = "multi_thread")]
async fn many_lines_without_an_instant_are_named_in_json() {
    let world = World::start().await;
    let csv = format!("{CSV}{}", "900001,soon,8,1\n".repeat(20));
    let said = import(&world, &csv, MAP).await;
    said.fails(1, &["mine.csv:7: no instant", "mine.csv:11: no instant", "20 lines are no rows"]);
    assert!(!said.err.contains("mine.csv:12:"), "{said:?}");
    assert_eq!(said.table()["left_out"].as_array().unwrap().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_rows_of_one_instant_are_pages_well_under_the_limit() {
    let world = World::start().await;
    let lines: Vec<String> =
        (1..=1_100).map(|id| format!("{id},{id}.5,\"{}\"", "題".repeat(id % 50))).collect();
    let csv = format!("id,members,name\n{}\n", lines.join("\n"));
    let map = "[columns]\ntime = { value = \"2026-02-15\", format = \"%Y-%m-%d\", zone = \"UTC\" }\n\
               mal_id = \"id\"\nmembers = \"members\"\ntitle = \"name\"\n";
    let said = import(&world, &csv, map).await;
    let table = adds_up(&said);
    assert_eq!((said.code, &table["published"], &table["instants"]), (Some(0), &json!(1_100), &json!(1)));
    let raw = world.all("RAW").await;
    assert_eq!(raw.len(), 5);
    assert!(raw.iter().all(|stored| stored.body.len() < 128 << 10));
    assert!(raw.iter().all(|stored| stored.headers.get("Kansoku-Pages") == Some("5")));
    let run = world.runs_of(Dataset::History).await.remove(0);
    assert_eq!((run.source.as_str(), run.rows, run.is_complete()), ("csv:mine", 1_100, true));
}

/// Nothing of this needs a server: it is said at once.
#[tokio::test]
async fn a_map_that_does_not_fit_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).display().to_string()
    };
    let (csv, map) = (file("mine.csv", CSV), file("map.toml", MAP));
    let empty = file("empty.csv", "");
    let wide: Vec<u8> = [0xfeff].into_iter().chain(CSV.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let wide = {
        let path = folder.path().join("wide.csv");
        std::fs::write(&path, wide).unwrap();
        path.display().to_string()
    };
    let head = file("head.csv", "id,at,score,members\n");
    let open = file("open.csv", &CSV.replace("at,", "\"at,"));
    let days = file("days.csv", &CSV.replace("2026-02-", "2026.02."));
    let key = file("key.toml", &MAP.replace("score =", "scor ="));
    let column = file("column.toml", &MAP.replace("\"members\"", "\"Members\""));
    let none = folder.path().join("none").display().to_string();
    for (csv, map, words) in [
        (&csv, &key, &["read the map", "key.toml: columns.scor: unknown key; known here: time"][..]),
        (
            &csv,
            &column,
            &["column.toml", "mine.csv: columns.members: the file has no column \"Members\"; it has id, at"],
        ),
        (&csv, &none, &["read the map", "none: No such file"]),
        (&none, &map, &["open", "none: No such file"]),
        (&empty, &map, &["empty.csv is empty"]),
        (&wide, &map, &["wide.csv is UTF-16, and this reads UTF-8", "iconv"]),
        (&"/dev/stdin".to_owned(), &map, &["/dev/stdin is no file: a history is no folder and no pipe"]),
        (&head, &map, &["head.csv has a header and no row"]),
        (&open, &map, &["the header of", "open.csv goes over several lines: is a quote left open?"]),
        (
            &days,
            &map,
            &[
                "days.csv:2: no instant",
                "none of the 5 lines of",
                "days.csv is a row: if all are wrong in one way",
                "look whether",
                "map.toml says how its instants are written",
            ],
        ),
    ] {
        end(program("archive", ["import", "--csv", csv, "--map", map])).await.fails(1, words);
    }
    for (arguments, words) in [
        (&["import", "--csv", "a.csv"][..], &["--map"][..]),
        (&["import", "a.jsonl", "--map", "map.toml"], &["--map", "cannot be used with"]),
        (&["import", "a.jsonl", "--csv", "a.csv", "--map", "m"], &["cannot be used with"]),
        (&["import", "--csv", "a.csv", "--map", "m", "--catalogue", "mal"], &["cannot be used with"]),
    ] {
        end(program("archive", arguments)).await.fails(2, words);
    }
}

/// A real history of a year's titles, where it lies beside the checkout; it is not part of this repository.
fn recorded() -> Option<PathBuf> {
    let found = kansoku_stack::tools::shared_data().map(|data| data.join("facts"));
    let file = found.map(|folder| folder.join("mal_tv_anime_weekly_2025-11-12_to_2026-02-15.csv"));
    let file = file.filter(|file| file.is_file());
    if file.is_none() {
        eprintln!("SKIPPED: no recorded history beside the checkout");
    }
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_history_comes_whole() {
    let Some(file) = recorded() else { return };
    let world = World::start().await;
    let csv = std::fs::read_to_string(file).unwrap();
    let map = "[columns]\ntime = \"captured_at\"\nmal_id = \"mal_id\"\nscore = \"score\"\nscored_by = \"scored_by\"\n\
               rank = \"rank\"\npopularity = \"popularity\"\nmembers = \"members\"\nfavorites = \"favorites\"\n";
    let said = import(&world, &csv, map).await;
    let table = adds_up(&said);
    assert_eq!(
        (said.code, &table["rows"], &table["instants"]),
        (Some(0), &json!(27_076), &json!(21)),
        "{said:?}"
    );
    assert_eq!((&table["published"], &table["not_taken"]), (&json!(26_179), &json!({"no number": 897})));
    let ends = world.ends().await;
    assert_eq!(adds_up(&import(&world, &csv, map).await)["absorbed"], 26_179);
    assert_eq!(world.ends().await, ends);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_leaves_half_of_run_to_captures() {
    let world = World::with(&[("RUN", 512 << 10)]).await;
    let line = |second: usize| format!("1,2026-02-15T{:02}:{:02}:00Z,8.4,1\n", second / 60, second % 60);
    let file = |count| format!("id,at,score,members\n{}", (0..count).map(line).collect::<String>());
    assert_eq!(import(&world, &file(100), MAP).await.code, Some(0));
    let there = world.ends().await;
    let said = import(&world, &file(200), MAP).await;
    said.fails(
        1,
        &[
            "RUN would be more than half full",
            "nats/streams/RUN.json and run `make up`",
            "the same command goes on",
        ],
    );
    assert_eq!(world.ends().await, there, "nothing of it was published");
    assert_eq!(import(&world, &file(100), MAP).await.code, Some(0), "what is there takes no more room");
    world.resize(&[("RUN", 4 << 20)]).await;
    let said = import(&world, &file(200), MAP).await;
    assert_eq!((said.code, &adds_up(&said)["absorbed"]), (Some(0), &json!(100)), "{said:?}");
}
