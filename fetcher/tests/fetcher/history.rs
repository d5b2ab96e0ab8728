//! A person's own CSV file on the road: runs by instant, pages of rows, a table that adds up.

use std::path::PathBuf;

use kansoku_schemas::{Catalogue, Dataset};
use serde_json::{Value, json};

use crate::world::{Said, World, end, fetcher};

const MAP: &str = "name = \"観測\"\ncatalogue = \"sample\"\n[columns]\ntime = \"at\"\nmal_id = \"id\"\n\
                   score = \"score\"\nmembers = \"members\"\n";
const CSV: &str = "id,at,score,members\n\
                   900001,2026-02-15T00:09:43Z,8.41,98210\n\
                   900002,2026-02-15T00:09:43Z,,\n\
                   900001,2026-02-22T00:10:00Z,8.43,99117\n\
                   ???,2026-02-15T00:09:43Z,7.5,\n\
                   900002,2026-02-15T09:09:43+09:00,7.12,1200\n";

async fn import(world: &World, csv: &str, map: &str) -> Said {
    let (csv, map) = (world.file("mine.csv", csv), world.file("map.toml", map));
    let arguments = ["import", "--json", "--csv", csv.to_str().unwrap(), "--map", map.to_str().unwrap()];
    end(world.fetcher(arguments)).await
}

/// The table accounts for every line.
fn adds_up(said: &Said) -> Value {
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
    let said = end(world.fetcher(["import", "--csv", &file("mine.csv"), "--map", &file("map.toml")])).await;
    println!("{}", said.out);
    let lines: Vec<String> =
        said.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let expected =
        ["rows published 0", "already there 4", "too large 0", "not taken 1", "no number 1", "failed 0"];
    assert_eq!(lines[..6], expected);
    assert_eq!(lines[7..], ["rows 5", "instants 2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_has_grown_adds_what_is_new_and_nothing_takes_the_place_of_what_is_there() {
    let world = World::start().await;
    assert_eq!(import(&world, CSV, MAP).await.code, Some(0));
    let grown = format!("{CSV}900001,2026-03-01T00:00:00Z,8.5,99900\n");
    let said = import(&world, &grown, MAP).await;
    let table = adds_up(&said);
    assert_eq!((said.code, &table["published"], &table["absorbed"]), (Some(0), &json!(1), &json!(4)));

    let ends = world.ends().await;
    let changed = grown.replace("99117", "99118");
    let said = import(&world, &changed, MAP).await;
    said.fails(
        1,
        &["csv:観測 has other rows at 2026-02-22 00:10:00 UTC already", "another name", "1 failed"],
    );
    let table = adds_up(&said);
    assert_eq!((&table["failed"], &table["absorbed"], world.ends().await), (&json!(1), &json!(4), ends));
    let said = import(&world, &changed, &MAP.replace("観測", "second")).await;
    assert_eq!((said.code, &adds_up(&said)["published"]), (Some(0), &json!(5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_without_an_instant_is_named_and_counted() {
    let world = World::start().await;
    let csv = format!(
        "{CSV}900001,soon,8,1\n900001,2126-01-01T00:00:00Z,8,1\n900001,1970-01-20T11:58:00Z,8,1\n900001\n"
    );
    let said = import(&world, &csv, MAP).await;
    said.fails(
        1,
        &[
            "mine.csv:7: no instant: \"soon\" (RFC 3339, such as",
            "mine.csv:8: captured in the future: \"2126-01-01T00:00:00Z\"",
            "mine.csv:9: before 2004",
            "mine.csv:10: no instant: \"\"",
            "4 rows have no instant",
        ],
    );
    let table = adds_up(&said);
    assert_eq!((&table["rows"], &table["published"]), (&json!(9), &json!(4)));
    let left = json!({"no instant": 2, "captured in the future": 1, "before 2004": 1, "no number": 1});
    assert_eq!(table["not_taken"], left);
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
    let head = file("head.csv", "id,at,score,members\n");
    let key = file("key.toml", &MAP.replace("score =", "scor ="));
    let column = file("column.toml", &MAP.replace("\"members\"", "\"Members\""));
    let none = folder.path().join("none").display().to_string();
    for (csv, map, words) in [
        (&csv, &key, &["read the map", "key.toml: line 6: columns.scor: unknown key; known here: time"][..]),
        (
            &csv,
            &column,
            &[
                "column.toml",
                "mine.csv: line 7: columns.members: the file has no column \"Members\"; it has id, at",
            ],
        ),
        (&csv, &none, &["read the map", "none: No such file"]),
        (&none, &map, &["open", "none: No such file"]),
        (&empty, &map, &["empty.csv is empty"]),
        (&"/dev/stdin".to_owned(), &map, &["/dev/stdin is no file: what is read twice"]),
        (&head, &map, &["head.csv has a header and no row"]),
    ] {
        end(fetcher(["import", "--csv", csv, "--map", map])).await.fails(1, words);
    }
    for (arguments, words) in [
        (&["import", "--csv", "a.csv"][..], &["--map"][..]),
        (&["import", "a.jsonl", "--map", "map.toml"], &["--map", "cannot be used with"]),
        (&["import", "a.jsonl", "--csv", "a.csv", "--map", "m"], &["cannot be used with"]),
        (&["import", "--csv", "a.csv", "--map", "m", "--catalogue", "mal"], &["cannot be used with"]),
    ] {
        end(fetcher(arguments)).await.fails(2, words);
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

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_after_an_interrupted_import_is_refused_where_rows_are_there() {
    let world = World::start().await;
    let file = |score: &str| format!("id,at,score,members\n900001,2026-02-15T00:09:43Z,{score},98210\n");
    let run = async |score: &str, failpoints: &str| {
        let (csv, map) = (world.file("mine.csv", file(score)), world.file("map.toml", MAP));
        let arguments = ["import", "--json", "--csv", csv.to_str().unwrap(), "--map", map.to_str().unwrap()];
        let mut command = world.fetcher(arguments);
        command.env("FAILPOINTS", failpoints);
        end(command).await
    };
    let died = run("8.41", "fetcher::after_publish=return").await;
    assert_eq!(died.code, None, "it was ended in the middle: {died:?}");
    assert_eq!(world.messages("RAW").await, 1);
    let said = run("8.99", "").await;
    said.fails(1, &["csv:観測 has other rows at 2026-02-15 00:09:43 UTC already"]);
    assert_eq!(adds_up(&said)["failed"], json!(1));
    let said = run("8.41", "").await;
    assert_eq!((said.code, &adds_up(&said)["absorbed"]), (Some(0), &json!(1)), "RUN tells of what RAW has");
    assert_eq!(world.messages("RAW").await, 1);
}
