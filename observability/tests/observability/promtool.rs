//! Prometheus' own program reads the rules and plays the cases.

use std::{collections::BTreeSet, fs};

use crate::{alerts, folder, succeeds};

#[test]
fn the_rules_are_rules() {
    let rules = ["alerts", "recording", "slo"].map(|name| format!("prometheus/rules/{name}.yaml"));
    succeeds("promtool", ["check", "rules"].into_iter().map(str::to_owned).chain(rules));
}

#[test]
fn every_case_comes_out_as_it_says() {
    let cases = cases().into_iter().map(|(name, _)| format!("prometheus/tests/{name}"));
    succeeds("promtool", ["test", "rules"].into_iter().map(str::to_owned).chain(cases));
}

/// An alert that never fires is as wrong as one that fires just below its threshold, or does not end.
#[test]
fn every_alert_fires_stays_silent_and_resolves_in_a_case() {
    let lines: String = cases().into_iter().map(|(_, text)| text).collect();
    let mut lacking = BTreeSet::new();
    for alert in alerts().all {
        let asked = format!("alertname=\"{}\", alertstate=\"firing\"", alert.name);
        let answers: Vec<_> = lines.lines().filter(|line| line.contains(&asked)).collect();
        let silent = answers.iter().filter(|line| line.contains("exp_samples: []")).count();
        let fires = answers.len() - silent;
        if fires == 0 || (silent < 2 && alert.name != "Watchdog") {
            lacking.insert(format!("{} fires in {fires} and is silent in {silent}", alert.name));
        }
    }
    assert!(lacking.is_empty(), "cases are lacking: {lacking:#?}");
}

fn cases() -> Vec<(String, String)> {
    let files = fs::read_dir(folder().join("prometheus/tests")).unwrap().map(|file| file.unwrap());
    files
        .map(|file| (file.file_name().into_string().unwrap(), fs::read_to_string(file.path()).unwrap()))
        .collect()
}
