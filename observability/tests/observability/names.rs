//! Rules and dashboards name only metrics that there are, with labels that they have.

use std::collections::BTreeSet;

use kansoku_observability::{dashboards::Panel, names};

use crate::{alerts, catalogue, dashboards::panels, recording};

fn recorded() -> BTreeSet<String> {
    recording().groups.iter().flat_map(|group| &group.rules).map(|rule| rule.record.clone()).collect()
}

/// Holds each of these queries, told by a place, against the catalogue.
pub(crate) fn known<'a>(queries: impl IntoIterator<Item = (String, &'a str)>) {
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
    let panels = panels();
    used.extend(panels.iter().flat_map(|(_, panel)| &panel.targets).map(|target| target.text()));
    let unused: Vec<_> = recorded().into_iter().filter(|name| !used.contains(name.as_str())).collect();
    assert!(unused.is_empty(), "nothing uses {unused:?}");
}

#[test]
fn dashboards_name_only_what_is_listed() {
    let panels = panels();
    let asks_prometheus =
        |panel: &Panel| panel.datasource.as_ref().is_some_and(|source| source.uid == "prometheus");
    // Loki and Tempo have languages of their own.
    let asked = panels.iter().filter(|(_, panel)| asks_prometheus(panel));
    known(asked.flat_map(|(uid, panel)| {
        panel.targets.iter().map(move |target| (format!("{uid}, {}", panel.title), target.text()))
    }));
}
