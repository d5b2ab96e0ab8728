//! A real history of three months goes through the whole pipeline; what the API then says of titles is compared with what a script of
//! the csv module and dictionaries reads from the same file (`charted.py`).

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{ffi::OsStr, path::Path, process::Command, time::Duration};

use kansoku_acceptance::ledger_balances;
use kansoku_stack::{pipeline::Pipeline, process::Running, tools::recorded_history, until};
use serde_json::{Map, Value};

const MAP: &str = "name = \"weekly\"\ncatalogue = \"mal\"\n[columns]\ntime = \"captured_at\"\nmal_id = \"mal_id\"\nscore = \"score\"\n\
                   scored_by = \"scored_by\"\nrank = \"rank\"\npopularity = \"popularity\"\nmembers = \"members\"\nfavorites = \"favorites\"\n";

/// The loader rolls up within a minute of the last change.
const LIMIT: Duration = Duration::from_secs(120);

/// What the script reads.
fn read_by_hand(csv: &Path) -> Map<String, Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/acceptance/charted.py");
    let output = Command::new("python3").arg(script).arg(csv).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn data(api: &Running, path: &str) -> Value {
    let (status, answer) = api.get(path).await.unwrap();
    assert_eq!(status, 200, "{path}: {answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["data"].clone()
}

/// That each of these fields has the same value in both.
fn assert_fields(said: &Value, expected: &Value, what: &str) {
    for (name, value) in expected.as_object().unwrap() {
        let same = match (said[name].as_f64(), value.as_f64()) {
            (Some(said), Some(value)) => (said - value).abs() < 1e-9,
            _ => said[name] == *value,
        };
        assert!(same, "{what}: {name} is {} and should be {value}", said[name]);
    }
}

#[tokio::test]
async fn a_recorded_history_is_stored_whole_and_its_lines_are_what_the_file_says() {
    let Some(csv) = recorded_history() else { return };
    let expected = read_by_hand(&csv);
    let pipeline = Pipeline::start().await.unwrap();
    let _services = [pipeline.ready("validator").await.unwrap(), pipeline.ready("loader").await.unwrap()];
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("map.toml");
    std::fs::write(&map, MAP).unwrap();
    let told = ["import", "--json", "--csv"].map(OsStr::new).into_iter();
    let output = pipeline.archiver(told.chain([csv.as_os_str(), "--map".as_ref(), map.as_os_str()])).unwrap();
    assert!(output.status.success(), "{output:?}");
    let table: Value = serde_json::from_slice(&output.stdout).unwrap();
    pipeline.at_rest().await.unwrap();
    assert_eq!(pipeline.messages("DLQ").await.unwrap(), 0);
    let stored = pipeline.number("select count(*) from observation").await.unwrap();
    assert_eq!(Some(stored), table["published"].as_i64(), "{table}");
    let last = "select captured_at at time zone 'UTC', score, rank, members from observation
                where mal_id = 59978 order by 1 desc limit 1";
    assert_eq!(pipeline.rows(last).await.unwrap(), ["(\"2026-02-15 00:09:43\",9.21,2,389320)"]);
    ledger_balances(&pipeline).await.unwrap();
    let waiting = "select count(*) from week_change where changed > rolled";
    let rolled_up = || async { pipeline.number(waiting).await.is_ok_and(|weeks| weeks == 0) };
    until("every week to be rolled up", LIMIT, rolled_up).await.unwrap();

    let api = pipeline.ready("query-api").await.unwrap();
    assert_eq!(expected.len(), 40);
    for (title, expected) in &expected {
        let said = data(&api, &format!("/api/v1/analytics/titles/{title}/days?catalogue=mal")).await;
        let days = said["days"].as_array().unwrap();
        let observed: Vec<_> = days.iter().filter(|day| day["observed"] == true).collect();
        let days = expected["days"].as_array().unwrap();
        assert_eq!(observed.len(), days.len(), "days of {title}");
        observed.iter().zip(days).for_each(|(said, day)| assert_fields(said, day, title));

        let said = data(&api, &format!("/api/v1/analytics/titles/{title}/weeks?catalogue=mal")).await;
        let weeks = said["weeks"].as_array().unwrap();
        let observed: Vec<_> = weeks.iter().filter(|week| week["observed"] == true).collect();
        let weeks = expected["weeks"].as_array().unwrap();
        assert_eq!(observed.len(), weeks.len(), "weeks of {title}");
        observed.iter().zip(weeks).for_each(|(said, week)| assert_fields(said, week, title));
    }
}
