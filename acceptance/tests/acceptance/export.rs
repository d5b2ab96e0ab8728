//! What was exported is imported into an empty system and gives the same tables, replays included.

use std::{collections::BTreeMap, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use kansoku_acceptance::{assert_same, ledger_balances, tables};
use kansoku_stack::{pipeline::Pipeline, process::Running, tools};
use serde_json::{Value, json};

async fn start() -> Result<(Pipeline, [Running; 2])> {
    let pipeline = Pipeline::start().await?;
    let services = [pipeline.ready("validator").await?, pipeline.ready("loader").await?];
    Ok((pipeline, services))
}

/// A row that its schema accepts.
fn row(members: u32) -> Value {
    json!({
        "mal_id": 900_001, "url": "https://example.invalid/anime/1", "title": "Mended", "titles": [],
        "title_english": null, "title_japanese": "直った行", "title_synonyms": [], "type": "TV",
        "source": "Original", "episodes": 12, "status": "Finished Airing", "airing": false, "approved": true,
        "aired": {"from": "2020-01-05T00:00:00+00:00", "to": null, "prop": {}, "string": "x"}, "duration": "24 min",
        "rating": "PG-13 - Teens 13 or older", "score": 7.25, "scored_by": 100, "rank": 5, "popularity": 6,
        "members": members, "favorites": 3, "synopsis": null, "background": null, "season": "winter", "year": 2020,
        "broadcast": {"day": null, "time": null, "timezone": null, "string": null}, "images": {}, "trailer": {},
        "producers": [], "licensors": [], "studios": [], "genres": [], "explicit_genres": [], "themes": [],
        "demographics": []
    })
}

/// The headers of a dead letter, as the stream has them.
pub(crate) fn letter(pipeline: &Pipeline, seq: i64) -> Result<BTreeMap<String, String>> {
    let letter = String::from_utf8(pipeline.nats_cli(&["stream", "get", "DLQ", &seq.to_string()])?)?;
    Ok(letter
        .lines()
        .filter_map(|line| line.trim().split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect())
}

/// Publishes a mended row to RAW by hand, as an operator does.
fn replay(
    pipeline: &Pipeline,
    letter: &BTreeMap<String, String>,
    members: u32,
    id: Option<&str>,
) -> Result<()> {
    let header = |name: &str| letter.get(name).cloned().with_context(|| format!("no {name}: {letter:?}"));
    let (page, index): (u32, u32) = (header("Kansoku-Page")?.parse()?, header("Dlq-Row")?.parse()?);
    let mut headers: Vec<String> = Vec::new();
    for name in
        ["ce-source", "ce-subject", "ce-time", "Kansoku-Catalogue", "Kansoku-Run", "Kansoku-Page", "Dlq-Root"]
    {
        headers.push(format!("{name}:{}", header(name)?));
    }
    headers.push(format!("Kansoku-Row:{index}"));
    headers.push(format!("Kansoku-Position:{}", (page - 1) * 25 + index));
    headers.push(format!("Dlq-Parent:{}", header("Dlq-Id")?));
    headers.extend(id.map(|n| format!("Nats-Msg-Id:replay:{}:{n}", letter["Dlq-Root"])));
    let mut command = Command::new(tools::find("nats")?);
    command.args(["--server", &pipeline.nats.url(), "--inbox-prefix", "_INBOX.operator", "--nkey"]);
    command.arg(pipeline.nats.key_file("operator")).arg("pub");
    for header in &headers {
        command.args(["-H", header]);
    }
    command.arg(format!("raw.{}", header("ce-subject")?));
    command.arg(json!({"data": [row(members)]}).to_string());
    let output = command.output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn export(pipeline: &Pipeline, file: &Path, options: &[&str]) -> Result<Value> {
    let file = file.to_str().context("a path")?;
    let output = pipeline.archiver(["export", "--json", file].iter().chain(options))?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn without(value: &mut Value, names: &[&str]) {
    if let Some(object) = value.as_object_mut() {
        object.retain(|name, _| !names.contains(&name.as_str()));
    }
}

/// What the tables say of the runs beside [`tables`].
async fn runs(pipeline: &Pipeline) -> Result<Vec<String>> {
    let mut runs = pipeline.rows("select run, pages_failed, warnings, error from run").await?;
    runs.sort();
    Ok(runs)
}

#[tokio::test]
async fn an_export_in_an_empty_system_gives_the_same_tables() {
    let folder = tempfile::tempdir().unwrap();
    let (sample, exported) = (folder.path().join("sample.jsonl"), folder.path().join("export.jsonl.zst"));
    let until = ["--days", "3", "--until", "2026-11-01T12:00:00Z", "--seed", "7", "--bad-rows", "6"];
    Pipeline::archive(&until, &sample).unwrap();
    let (pipeline, _services) = start().await.unwrap();
    pipeline.import(&sample).unwrap();
    // A run that gets no page, and an answer that is none.
    let nowhere = format!("http://127.0.0.1:{}/v4", kansoku_stack::port::free().unwrap());
    let impatient = [("FETCHER_CLIENT__ATTEMPTS", "1"), ("FETCHER_CLIENT__INTERVAL_MS", "1")];
    let ended = pipeline.program("fetcher", &impatient, ["once", "genres", "--base-url", &nowhere]).unwrap();
    assert!(!ended.status.success());
    let error = folder.path().join("error.json");
    std::fs::write(&error, r#"{"status":500,"type":"UpstreamException","message":"down"}"#).unwrap();
    let what = ["import", "--dataset", "genres", "--captured-at", "2026-10-30T06:00:00Z"];
    assert!(pipeline.archiver(what.iter().chain(&[error.to_str().unwrap()])).unwrap().status.success());
    pipeline.at_rest().await.unwrap();
    // One row is mended twice: the second counts, so the order must survive.
    let dead = letter(&pipeline, 1).unwrap();
    replay(&pipeline, &dead, 111, Some("cli-1")).unwrap();
    pipeline.at_rest().await.unwrap();
    replay(&pipeline, &dead, 222, None).unwrap();
    pipeline.at_rest().await.unwrap();
    let (before, ended) = (tables(&pipeline).await.unwrap(), runs(&pipeline).await.unwrap());
    assert!(ended.iter().any(|run| run.contains("Connection refused")), "{ended:#?}");
    let mended = "select count(*) from observation where mal_id = 900001 and members = 222";
    assert_eq!(pipeline.number(mended).await.unwrap(), 1);
    let table = export(&pipeline, &exported, &[]).unwrap();
    let replays = table["replays"].as_object().unwrap().values().map(|count| count.as_u64().unwrap());
    assert_eq!(replays.sum::<u64>(), 2, "{table}");

    // Into the system that it came from: everything is there.
    let ends = pipeline.messages("RAW").await.unwrap();
    assert_eq!(pipeline.import(&exported).unwrap()["absorbed"], ends + 1);
    assert_eq!(pipeline.messages("RAW").await.unwrap(), ends);

    let (empty, _services) = start().await.unwrap();
    let table = empty.import(&exported).unwrap();
    assert_eq!((&table["failed"], &table["absorbed"]), (&json!(0), &json!(0)), "{table}");
    empty.at_rest().await.unwrap();
    assert_same(&before, &tables(&empty).await.unwrap());
    assert_eq!(runs(&empty).await.unwrap(), ended);
    assert_eq!(empty.messages("DLQ").await.unwrap(), pipeline.messages("DLQ").await.unwrap());
    ledger_balances(&empty).await.unwrap();

    // A second time: nothing, even when the message ids are forgotten.
    empty.set_duplicate_window("100ms").unwrap();
    let (raw, run) = (empty.messages("RAW").await.unwrap(), empty.messages("RUN").await.unwrap());
    assert_eq!(empty.import(&exported).unwrap()["absorbed"], raw + 1);
    assert_eq!((empty.messages("RAW").await.unwrap(), empty.messages("RUN").await.unwrap()), (raw, run));

    // And what comes out of it again is the same, but for what names the system.
    let again = folder.path().join("again.jsonl");
    export(&empty, &again, &[]).unwrap();
    let plain = folder.path().join("plain.jsonl");
    export(&pipeline, &plain, &[]).unwrap();
    // The captures in their order, then how the runs ended; those have no order.
    let lines = |file: &Path| -> Vec<Value> {
        let text = std::fs::read_to_string(file).unwrap();
        let stripped = text.lines().map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            without(&mut line, &["epoch"]);
            match line.get_mut("run_event") {
                Some(event) => {
                    without(event, &["n", "instance", "at", "started_at", "replays_got", "bodies_got"])
                }
                None => without(&mut line, &["seq", "nats_headers"]),
            }
            line
        });
        let (captures, mut ends): (Vec<_>, Vec<_>) = stripped.partition(|line| line["run_event"].is_null());
        ends.sort_by_key(|end| end["run_event"]["run"].to_string());
        [captures, ends].concat()
    };
    for (there, here) in lines(&plain).iter().zip(&lines(&again)) {
        assert_eq!(there, here);
    }
    assert_eq!(lines(&plain).len(), lines(&again).len());
}
