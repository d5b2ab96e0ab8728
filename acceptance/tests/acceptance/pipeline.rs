//! The whole pipeline with real programs: an archive of the simulator becomes tables, whatever is done to the messages.

use std::path::{Path, PathBuf};

use anyhow::Result;
use kansoku_acceptance::{assert_same, ledger_balances, tables};
use kansoku_stack::{pipeline::Pipeline, process::Running};
use serde_json::Value;
use tempfile::TempDir;

const BAD_ROWS: i64 = 6;
/// What the database's library warns of.
const SLOW: &str = "slow statement";

/// Ten days of fictional captures with six bad rows.
fn archive() -> Result<(TempDir, PathBuf)> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sample.jsonl");
    let bad = BAD_ROWS.to_string();
    Pipeline::archive(
        &["--days", "10", "--until", "2026-11-01T12:00:00Z", "--seed", "7", "--bad-rows", &bad],
        &file,
    )?;
    Ok((folder, file))
}

/// A pipeline with validator and loader that has stored the archive.
async fn loaded(file: &Path, options: &[&str]) -> Result<(Pipeline, Vec<Running>)> {
    let pipeline = Pipeline::with(options).await?;
    let services = vec![pipeline.ready("validator").await?, pipeline.ready("loader").await?];
    let table = pipeline.import(file)?;
    assert_eq!(table["failed"], 0, "{table}");
    pipeline.at_rest().await?;
    Ok((pipeline, services))
}

#[tokio::test]
async fn every_row_is_stored_or_dead_and_the_ledger_balances() {
    let (_folder, file) = archive().unwrap();
    let (pipeline, services) = loaded(&file, &[]).await.unwrap();
    assert_eq!(pipeline.messages("DLQ").await.unwrap(), BAD_ROWS as u64);
    assert_eq!(pipeline.number("select sum(dead) from page").await.unwrap(), BAD_ROWS);
    let pages = pipeline.messages("RAW").await.unwrap();
    assert_eq!(pipeline.messages("VALID").await.unwrap(), pages);
    assert_eq!(pipeline.number("select count(*) from page").await.unwrap(), i64::try_from(pages).unwrap());
    assert!(pipeline.number("select count(*) from observation").await.unwrap() > 1_000);
    assert_eq!(pipeline.number("select count(*) from run where state <> 'complete'").await.unwrap(), 0);
    assert_eq!(
        pipeline
            .number("select count(*) from observation where captured_at > '2026-11-01T12:00:00Z'")
            .await
            .unwrap(),
        0
    );
    ledger_balances(&pipeline).await.unwrap();
    for service in &services {
        nothing_was_odd(service).await.unwrap();
    }
    let (_, numbers) = services[1].get("/metrics").await.unwrap();
    for line in [
        format!("kansoku_page_visible_seconds_count {pages}"),
        format!("kansoku_page_step_seconds_count{{step=\"validated\"}} {pages}"),
    ] {
        assert!(numbers.lines().any(|found| found == line), "{line} in\n{numbers}");
    }
}

/// Fails where a service has logged a warning or an error: a run without faults has none, but for statements that a busy machine
/// makes slow. Each is counted.
async fn nothing_was_odd(service: &Running) -> Result<()> {
    let logs = service.logs();
    let (_, numbers) = service.get("/metrics").await?;
    for level in ["warn", "error"] {
        let word = format!("\"level\":\"{}\"", level.to_uppercase());
        let (slow, odd): (Vec<&str>, Vec<&str>) =
            logs.lines().filter(|line| line.contains(&word)).partition(|line| line.contains(SLOW));
        anyhow::ensure!(odd.is_empty(), "it logged {odd:#?}");
        let counted = format!("kansoku_log_events_total{{level=\"{level}\"}} ");
        let counted = numbers.lines().find_map(|line| line.strip_prefix(&counted)?.parse::<usize>().ok());
        anyhow::ensure!(counted >= Some(slow.len()), "{counted:?} of {level}, and {} are logged", slow.len());
    }
    Ok(())
}

#[tokio::test]
async fn a_second_import_publishes_nothing_and_changes_nothing() {
    let (_folder, file) = archive().unwrap();
    let (pipeline, _services) = loaded(&file, &[]).await.unwrap();
    let (before, raw) = (tables(&pipeline).await.unwrap(), pipeline.messages("RAW").await.unwrap());
    let runs = pipeline.messages("RUN").await.unwrap();
    let table = pipeline.import(&file).unwrap();
    assert_eq!(table["absorbed"], table["captures"], "{table}");
    assert_eq!(table["published"].as_object().unwrap().len(), 0, "{table}");
    pipeline.at_rest().await.unwrap();
    assert_eq!(
        (pipeline.messages("RAW").await.unwrap(), pipeline.messages("RUN").await.unwrap()),
        (raw, runs)
    );
    assert_same(&before, &tables(&pipeline).await.unwrap());
}

/// Deletes the durable and makes it again: it delivers from sequence 1.
fn redeliver(pipeline: &Pipeline) -> Result<()> {
    for (stream, durable) in [("RAW", "validator"), ("VALID", "loader"), ("RUN", "loader")] {
        pipeline.reset_consumer(stream, durable)?;
    }
    Ok(())
}

#[tokio::test]
async fn redelivering_everything_changes_no_table() {
    let (_folder, file) = archive().unwrap();
    // The second pipeline forgets message ids after a tenth of a second: the validator looks into VALID itself.
    for window in [None, Some("100ms")] {
        let (pipeline, mut services) = loaded(&file, &[]).await.unwrap();
        if let Some(window) = window {
            pipeline.set_duplicate_window(window).unwrap();
        }
        let before = tables(&pipeline).await.unwrap();
        let valid = pipeline.messages("VALID").await.unwrap();
        for service in &mut services {
            assert!(service.terminate().await.unwrap().success());
        }
        redeliver(&pipeline).unwrap();
        if window.is_some() {
            // The server may have looked at its old window once more, and then sleeps for that long: another edit wakes it.
            pipeline.set_duplicate_window("101ms").unwrap();
        }
        services = vec![pipeline.ready("validator").await.unwrap(), pipeline.ready("loader").await.unwrap()];
        pipeline.at_rest().await.unwrap();
        let again = pipeline.messages("VALID").await.unwrap();
        assert_eq!(again, valid, "messages in VALID, with the window {window:?}");
        assert_same(&before, &tables(&pipeline).await.unwrap());
        ledger_balances(&pipeline).await.unwrap();
        drop(services);
    }
}

/// A folder with the schema of titles, made stricter: it takes no odd `mal_id`.
fn stricter() -> Result<TempDir> {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/json/anime.v1.json");
    let mut schema: Value = serde_json::from_slice(&std::fs::read(built_in)?)?;
    schema["properties"]["mal_id"]["multipleOf"] = 2.into();
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("anime.v1.json"), schema.to_string())?;
    Ok(folder)
}

#[tokio::test]
async fn the_ledger_balances_when_all_is_judged_again_by_stricter_schemas() {
    let (_folder, file) = archive().unwrap();
    let (pipeline, mut services) = loaded(&file, &[]).await.unwrap();
    assert!(services[0].terminate().await.unwrap().success());
    let observations = "select count(*) from observation";
    let before = pipeline.number(observations).await.unwrap();
    let overlay = stricter().unwrap();
    pipeline.reset_consumer("RAW", "validator").unwrap();
    let again = pipeline.service("validator").unwrap().env("VALIDATOR_SCHEMAS__OVERLAY", overlay.path());
    services[0] = again.spawn().unwrap();
    services[0].ready().await.unwrap();
    pipeline.at_rest().await.unwrap();
    assert!(pipeline.number("select sum(dead) from page").await.unwrap() > 100 * BAD_ROWS);
    assert_eq!(pipeline.number(observations).await.unwrap(), before, "what was stored stays");
    assert_eq!(pipeline.number("select sum(dead)::bigint from balance").await.unwrap(), BAD_ROWS);
    ledger_balances(&pipeline).await.unwrap();
}

#[tokio::test]
async fn the_order_of_pages_changes_no_table() {
    let (folder, file) = archive().unwrap();
    let (pipeline, services) = loaded(&file, &[]).await.unwrap();
    let expected = tables(&pipeline).await.unwrap();
    drop((pipeline, services));
    let text = std::fs::read_to_string(&file).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    // A fixed shuffle: stepping by a number that is coprime with the count visits every line once.
    let step = (lines.len() / 2..).find(|step| gcd(*step, lines.len()) == 1).unwrap();
    lines = (0..lines.len()).map(|place| lines[place * step % lines.len()]).collect();
    let shuffled = folder.path().join("shuffled.jsonl");
    std::fs::write(&shuffled, lines.join("\n") + "\n").unwrap();
    let (pipeline, _services) = loaded(&shuffled, &[]).await.unwrap();
    assert_same(&expected, &tables(&pipeline).await.unwrap());
}

fn gcd(one: usize, other: usize) -> usize {
    if other == 0 { one } else { gcd(other, one % other) }
}
