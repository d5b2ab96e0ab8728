//! A person's own history goes through the same pipeline as every capture: judged row by row, stored once, and beside what was captured.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use kansoku_acceptance::{assert_same, ledger_balances, tables};
use kansoku_stack::{pipeline::Pipeline, process::Running, tools};
use serde_json::{Value, json};
use tempfile::TempDir;

const MAP: &str = "name = \"notes\"\ncatalogue = \"sample\"\n[columns]\ntime = { column = \"day\", format = \"%d.%m.%Y\", zone = \"UTC\" }\n\
                   mal_id = \"id\"\ntitle = \"name\"\nscore = \"score\"\nrank = \"rank\"\nmembers = \"members\"\n";
/// Three days of some titles, by title and then by day, as such files often are. Of one row the members are no number, of
/// one the name is no line of text, and of some little is known.
const CSV: &str = "id,name,day,score,rank,members\n\
                   900001,An older name,01.10.2026,8.10,3,1000\n\
                   900001,A newer name,03.10.2026,8.20,2,1100\n\
                   900001,A newer name,05.10.2026,8.25,0,1200\n\
                   900007,Known to nobody else,01.10.2026,,,70\n\
                   900007,Known to nobody else,03.10.2026,0,,71\n\
                   900002,,01.10.2026,7.50,,\n\
                   900002,,03.10.2026,7,,\"1,024\"\n\
                   900003,A\0B,03.10.2026,6,,5\n";

async fn start() -> Result<(Pipeline, [Running; 2])> {
    let pipeline = Pipeline::start().await?;
    let services = [pipeline.ready("validator").await?, pipeline.ready("loader").await?];
    Ok((pipeline, services))
}

/// A folder with the file, its map and a page that was captured.
fn folder() -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("mine.csv"), CSV)?;
    std::fs::write(folder.path().join("map.toml"), MAP)?;
    let row = |place: u32| {
        json!({
            "mal_id": 900_000 + place, "url": "https://example.invalid/anime/1", "title": format!("Captured {place}"),
            "titles": [], "title_english": null, "title_japanese": "行", "title_synonyms": [], "type": "TV",
            "source": "Original", "episodes": 12, "status": "Finished Airing", "airing": false, "approved": true,
            "aired": {"from": "2020-01-05T00:00:00+00:00", "to": null, "prop": {}, "string": "x"}, "duration": "24 min",
            "rating": null, "score": 7.25, "scored_by": 100, "rank": 5, "popularity": 6, "members": 1000, "favorites": 3,
            "synopsis": null, "background": null, "season": "winter", "year": 2020, "broadcast": null, "images": {},
            "trailer": {}, "producers": [], "licensors": [], "studios": [], "explicit_genres": [], "themes": [],
            "genres": [{"mal_id": 8, "type": "anime", "name": "Drama", "url": "u"}], "demographics": []
        })
    };
    let page = json!({"pagination": {"has_next_page": false}, "data": [row(1), row(2)]});
    std::fs::write(folder.path().join("page.json"), page.to_string())?;
    Ok(folder)
}

/// Imports the history, whatever its rows are worth.
fn import(pipeline: &Pipeline, csv: &Path, map: &Path) -> Result<Value> {
    let arguments =
        ["import".as_ref(), "--json".as_ref(), "--csv".as_ref(), csv.as_os_str(), "--map".as_ref()];
    let output = pipeline.archiver(arguments.into_iter().chain([map.as_os_str()]))?;
    ensure!(output.status.success(), "{output:?}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn history(pipeline: &Pipeline, folder: &TempDir) -> Result<Value> {
    import(pipeline, &folder.path().join("mine.csv"), &folder.path().join("map.toml"))
}

fn capture(pipeline: &Pipeline, folder: &TempDir) -> Result<()> {
    let told = ["--dataset", "top.score", "--captured-at", "2026-10-03T00:00:00Z", "--source", "elsewhere"];
    let page = folder.path().join("page.json").display().to_string();
    let arguments = ["import", "--catalogue", "sample"].into_iter().chain(told).chain([page.as_str()]);
    let output = pipeline.archiver(arguments)?;
    ensure!(output.status.success(), "{output:?}");
    Ok(())
}

/// Publishes a mended row to RAW by hand, as an operator does.
fn replay(pipeline: &Pipeline, letter: &str, row: String) -> Result<()> {
    let header = |name: &str| {
        let value = letter.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": "));
        value.map(str::trim).with_context(|| format!("no {name}: {letter}"))
    };
    let mut headers =
        vec![format!("Kansoku-Row:{}", header("Dlq-Row")?), "Nats-Msg-Id:replay:by-hand".to_owned()];
    let kept = [
        "ce-source",
        "ce-subject",
        "ce-time",
        "Kansoku-Catalogue",
        "Kansoku-Run",
        "Kansoku-Page",
        "Dlq-Root",
    ];
    for name in kept {
        headers.push(format!("{name}:{}", header(name)?));
    }
    let mut command = Command::new(tools::find("nats")?);
    command.args(["--server", &pipeline.nats.url(), "--inbox-prefix", "_INBOX.operator", "--nkey"]);
    command.arg(pipeline.nats.key_file("operator")).arg("pub");
    for header in &headers {
        command.args(["-H", header]);
    }
    let output = command.args(["raw.history", &format!("{{\"data\":[{row}]}}")]).output()?;
    ensure!(output.status.success(), "{output:?}");
    Ok(())
}

#[tokio::test]
async fn each_row_is_an_observation_or_a_dead_letter_and_a_second_import_changes_nothing() {
    let folder = folder().unwrap();
    let (pipeline, _services) = start().await.unwrap();
    let table = history(&pipeline, &folder).unwrap();
    assert_eq!((&table["rows"], &table["published"], &table["instants"]), (&json!(8), &json!(8), &json!(3)));
    pipeline.at_rest().await.unwrap();

    let observed = pipeline
        .rows("select mal_id, captured_at::date, score, rank, members, favorites from observation order by 1, 2")
        .await
        .unwrap();
    assert_eq!(
        observed,
        [
            "(900001,2026-10-01,8.10,3,1000,)",
            "(900001,2026-10-03,8.20,2,1100,)",
            "(900001,2026-10-05,8.25,,1200,)",
            "(900002,2026-10-01,7.50,,,)",
            "(900007,2026-10-01,,,70,)",
            "(900007,2026-10-03,,,71,)",
        ]
    );
    assert_eq!(pipeline.number("select count(*) from title_daily").await.unwrap(), 6);
    assert_eq!(pipeline.number("select count(*) from ranking_position").await.unwrap(), 0);
    let drift = pipeline
        .rows("select drift->>'score_zero', drift->>'rank_zero' from page order by captured_at")
        .await;
    assert_eq!(drift.unwrap(), ["(,)", "(1,)", "(,1)"]);
    let names = pipeline.rows("select mal_id, title, airing, name_only from anime order by 1").await.unwrap();
    assert_eq!(names, ["(900001,\"A newer name\",,t)", "(900007,\"Known to nobody else\",,t)"]);
    assert_eq!(pipeline.number("select count(*) from run where state <> 'complete'").await.unwrap(), 0);
    ledger_balances(&pipeline).await.unwrap();

    let letter =
        |seq: &str| String::from_utf8(pipeline.nats_cli(&["stream", "get", "DLQ", seq]).unwrap()).unwrap();
    let bytes = r#"{"captured_at":"2026-10-03T00:00:00Z","mal_id":900002,"score":7,"members":"1,024"}"#;
    let judged = [
        "dlq.validate.schema.history",
        "Dlq-Pointer: /members",
        "Dlq-Schema: history.v1",
        "ce-source: csv:notes",
        bytes,
    ];
    let named = [
        "dlq.validate.schema.history",
        "Dlq-Pointer: /title",
        r#"{"captured_at":"2026-10-03T00:00:00Z","mal_id":900003,"title":"A\u0000B","score":6,"members":5}"#,
    ];
    for (letter, expected) in [(letter("1"), &judged[..]), (letter("2"), &named)] {
        for expected in expected {
            assert!(letter.contains(expected), "no {expected} in {letter}");
        }
    }

    let before = tables(&pipeline).await.unwrap();
    let counts = async |pipeline: &Pipeline| {
        let mut counts = Vec::new();
        for stream in ["RAW", "VALID", "DLQ", "RUN"] {
            counts.push(pipeline.messages(stream).await.unwrap());
        }
        counts
    };
    let messages = counts(&pipeline).await;
    assert_eq!((messages[0], messages[2]), (3, 2));
    let again = history(&pipeline, &folder).unwrap();
    assert_eq!((&again["absorbed"], &again["published"]), (&json!(8), &json!(0)));
    pipeline.at_rest().await.unwrap();
    assert_eq!(counts(&pipeline).await, messages);
    assert_same(&before, &tables(&pipeline).await.unwrap());

    replay(&pipeline, &letter("1"), bytes.replace("\"1,024\"", "1024")).unwrap();
    pipeline.at_rest().await.unwrap();
    let mended =
        pipeline.rows("select members from observation where mal_id = 900002 order by captured_at").await;
    assert_eq!(mended.unwrap(), ["()", "(1024)"]);
    let books = pipeline.rows("select sum(received), sum(stored), sum(dead) from balance").await.unwrap();
    assert_eq!(books, ["(8,7,1)"]);
    ledger_balances(&pipeline).await.unwrap();
}

#[tokio::test]
async fn a_mended_file_brings_what_was_mended_and_the_ledger_balances() {
    let folder = folder().unwrap();
    let (pipeline, _services) = start().await.unwrap();
    history(&pipeline, &folder).unwrap();
    pipeline.at_rest().await.unwrap();
    let letter = String::from_utf8(pipeline.nats_cli(&["stream", "get", "DLQ", "1"]).unwrap()).unwrap();

    // Two rows were dead, one was wrong, and one was forgotten.
    let mended = CSV.replace("\"1,024\"", "1024").replace("A\0B", "A B").replace("8.20,2", "8.30,2");
    let mended = mended + "900008,,03.10.2026,9,,\n";
    std::fs::write(folder.path().join("mine.csv"), mended).unwrap();
    let table = history(&pipeline, &folder).unwrap();
    // All rows of the instant come again.
    assert_eq!((&table["published"], &table["absorbed"]), (&json!(5), &json!(4)), "{table}");
    pipeline.at_rest().await.unwrap();
    let observed =
        pipeline.rows("select mal_id, score, members from observation where captured_at = '2026-10-03Z' and owner order by 1");
    assert_eq!(
        observed.await.unwrap(),
        ["(900001,8.30,1100)", "(900002,7.00,1024)", "(900003,6.00,5)", "(900007,,71)", "(900008,9.00,)",]
    );
    let books = "select sum(received), sum(stored), sum(duplicate), sum(dead) from balance";
    assert_eq!(pipeline.rows(books).await.unwrap(), ["(13,9,2,2)"]);
    ledger_balances(&pipeline).await.unwrap();
    let daily = "select score from title_daily where mal_id = 900001 and day = '2026-10-03'";
    assert_eq!(pipeline.rows(daily).await.unwrap(), ["(8.30)"]);

    // The letters stay, and each can still be mended by itself.
    let row = r#"{"captured_at":"2026-10-03T00:00:00Z","mal_id":900002,"score":7,"members":1025}"#;
    replay(&pipeline, &letter, row.to_owned()).unwrap();
    pipeline.at_rest().await.unwrap();
    assert_eq!(pipeline.rows(books).await.unwrap(), ["(13,9,3,1)"]);
    ledger_balances(&pipeline).await.unwrap();

    let before = tables(&pipeline).await.unwrap();
    let again = history(&pipeline, &folder).unwrap();
    assert_eq!((&again["absorbed"], &again["published"]), (&json!(9), &json!(0)), "{again}");
    pipeline.at_rest().await.unwrap();
    assert_same(&before, &tables(&pipeline).await.unwrap());

    let export = folder.path().join("export.jsonl").display().to_string();
    let output = pipeline.archiver(["export", &export]).unwrap();
    assert!(output.status.success(), "{output:?}");
    let (empty, _services) = start().await.unwrap();
    empty.import(&folder.path().join("export.jsonl")).unwrap();
    let again = history(&empty, &folder).unwrap();
    assert_eq!((&again["absorbed"], &again["published"]), (&json!(9), &json!(0)), "{again}");
    empty.at_rest().await.unwrap();
    assert_same(&before, &tables(&empty).await.unwrap());
}

#[tokio::test]
async fn before_or_after_a_capture_a_history_gives_the_same_tables() {
    let folder = folder().unwrap();
    let mut found = Vec::new();
    for history_first in [true, false] {
        let (pipeline, _services) = start().await.unwrap();
        for turn in [history_first, !history_first] {
            if turn {
                history(&pipeline, &folder).unwrap();
            } else {
                capture(&pipeline, &folder).unwrap();
            }
            pipeline.at_rest().await.unwrap();
        }
        ledger_balances(&pipeline).await.unwrap();
        let titles = "select mal_id, title, season, year, name_only from anime order by 1";
        assert_eq!(
            pipeline.rows(titles).await.unwrap(),
            [
                "(900001,\"Captured 1\",winter,2020,f)",
                "(900002,\"Captured 2\",winter,2020,f)",
                "(900007,\"Known to nobody else\",,,t)",
            ]
        );
        assert_eq!(pipeline.number("select count(*) from anime_tag").await.unwrap(), 2);
        assert_eq!(pipeline.number("select count(*) from ranking").await.unwrap(), 2);
        found.push(tables(&pipeline).await.unwrap());
        let export = folder.path().join("export.jsonl").display().to_string();
        let output = pipeline.archiver(["export", "--force", &export]).unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    assert_same(&found[0], &found[1]);

    // What was exported is the same history again, and so is the file.
    let (pipeline, _services) = start().await.unwrap();
    pipeline.import(&folder.path().join("export.jsonl")).unwrap();
    let again = history(&pipeline, &folder).unwrap();
    assert_eq!((&again["absorbed"], &again["published"]), (&again["rows"], &json!(0)), "{again}");
    pipeline.at_rest().await.unwrap();
    assert_same(&found[0], &tables(&pipeline).await.unwrap());
}

/// The titles of one real day, where they lie beside the checkout; they are not part of this repository.
fn recorded() -> Option<PathBuf> {
    let file = tools::shared_data()?.join("facts/mal_tv_anime_2006-2027_as_of_2026-02-15.csv");
    file.is_file().then_some(file)
}

/// A file of one day has its instant in the map.
#[tokio::test]
async fn a_recorded_day_is_stored_whole() {
    let Some(day) = recorded() else {
        eprintln!("SKIPPED: no recorded history beside the checkout");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("map.toml");
    let text = "[columns]\ntime = { value = 2026-02-15T00:00:00Z }\ntitle = \"title\"\nmal_id = \"mal_id\"\nscore = \"score\"\n\
                scored_by = \"scored_by\"\nrank = \"rank\"\npopularity = \"popularity\"\nmembers = \"members\"\nfavorites = \"favorites\"\n";
    std::fs::write(&map, text).unwrap();
    let (pipeline, _services) = start().await.unwrap();
    let table = import(&pipeline, &day, &map).unwrap();
    pipeline.at_rest().await.unwrap();
    assert_eq!(
        (&table["rows"], &table["published"], &table["instants"]),
        (&json!(3_931), &json!(3_931), &json!(1))
    );
    assert_eq!(pipeline.number("select count(*) from observation").await.unwrap(), 3_931);
    assert_eq!(pipeline.number("select count(*) from anime where name_only").await.unwrap(), 3_931);
    assert_eq!(pipeline.messages("DLQ").await.unwrap(), 0);
    ledger_balances(&pipeline).await.unwrap();
}
