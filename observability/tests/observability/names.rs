//! Rules and dashboards name only metrics that there are, with labels that they have.

use std::{collections::BTreeSet, fs};

use kansoku_observability::names;
use serde_json::Value;

use crate::{alerts, catalogue, folder, recording};

fn recorded() -> BTreeSet<String> {
    recording().groups.iter().flat_map(|group| &group.rules).map(|rule| rule.record.clone()).collect()
}

/// Holds each of these queries, told by a place, against the catalogue.
fn known<'a>(queries: impl IntoIterator<Item = (String, &'a str)>) {
    let (catalogue, recorded, mut unknown) = (catalogue(), recorded(), Vec::new());
    for (place, query) in queries {
        let strange = catalogue.unknown(&names(query), &recorded);
        unknown.extend(strange.into_iter().map(|name| format!("{place}: {name}")));
    }
    assert!(unknown.is_empty(), "not in metrics.toml: {unknown:#?}");
}

#[test]
fn rules_name_only_what_is_listed() {
    let (alerts, recording) = (alerts(), recording());
    let all = alerts.all.iter().map(|alert| (alert.name.clone(), alert.expr.as_str()));
    let rules = recording.groups.iter().flat_map(|group| &group.rules);
    known(all.chain(rules.map(|rule| (rule.record.clone(), rule.expr.as_str()))));
}

#[test]
fn every_recorded_series_is_used() {
    let (alerts, recording) = (alerts(), recording());
    let queries = alerts.all.iter().map(|alert| alert.expr.as_str());
    let rules = recording.groups.iter().flat_map(|group| &group.rules).map(|rule| rule.expr.as_str());
    let mut used: String = queries.chain(rules).collect();
    for (_, dashboard) in dashboards() {
        used += &dashboard.to_string();
    }
    let unused: Vec<_> = recorded().into_iter().filter(|name| !used.contains(name.as_str())).collect();
    assert!(unused.is_empty(), "nothing uses {unused:?}");
}

/// The dashboards that there are, by name of file.
pub(crate) fn dashboards() -> Vec<(String, Value)> {
    let Ok(files) = fs::read_dir(folder().join("grafana/dashboards")) else { return Vec::new() };
    let read = |path: std::path::PathBuf| {
        let name = path.file_name()?.to_str()?.to_owned();
        let text = name.ends_with(".json").then(|| fs::read_to_string(&path).unwrap())?;
        Some((
            name,
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        ))
    };
    files.filter_map(|file| read(file.unwrap().path())).collect()
}

/// The panels of a dashboard, also those in rows.
pub(crate) fn panels(dashboard: &Value) -> Vec<&Value> {
    let direct = dashboard["panels"].as_array().map(Vec::as_slice).unwrap_or_default();
    direct.iter().flat_map(|panel| std::iter::once(panel).chain(panels(panel))).collect()
}

#[test]
fn dashboards_name_only_what_is_listed() {
    let dashboards = dashboards();
    let mut queries = Vec::new();
    for (file, dashboard) in &dashboards {
        for panel in panels(dashboard) {
            for target in panel["targets"].as_array().into_iter().flatten() {
                let source =
                    [target, panel].map(|of| of["datasource"]["uid"].as_str()).into_iter().flatten().next();
                // Loki and Tempo have languages of their own.
                if let (Some("prometheus"), Some(query)) = (source, target["expr"].as_str()) {
                    queries.push((format!("{file}, {}", panel["title"]), query));
                }
            }
        }
    }
    known(queries);
}

#[test]
fn the_panel_of_an_alert_is_there() {
    let dashboards = dashboards();
    for alert in alerts().all {
        let (uid, number) = (&alert.dashboard.uid, alert.dashboard.panel);
        let Some((file, dashboard)) = dashboards.iter().find(|(_, it)| it["uid"] == uid.as_str()) else {
            continue;
        };
        let panel =
            panels(dashboard).into_iter().find(|panel| panel["id"] == number && panel["type"] != "row");
        assert!(panel.is_some(), "{} is seen in panel {number} of {file}, and there is none", alert.name);
    }
}
