//! The dashboards are as Grafana's file provisioning takes them, and say what alerts and catalogue say.

use std::collections::{BTreeMap, BTreeSet};

use kansoku_observability::dashboards::{self, Dashboard, Panel, Place, Target};
use serde_json::Value;

use crate::{alerts, folder};

const FILES: [&str; 7] = [
    "api.json",
    "captures.json",
    "dead-letters.json",
    "infrastructure.json",
    "logs-traces.json",
    "overview.json",
    "pipeline.json",
];
/// Panels of Grafana itself that we use, and where they may ask.
const KINDS: [&str; 6] = ["stat", "timeseries", "table", "heatmap", "logs", "traces"];
const DATASOURCES: [&str; 3] = ["prometheus", "loki", "tempo"];

fn all() -> BTreeMap<String, Dashboard> {
    dashboards::read(&folder().join("grafana/dashboards")).unwrap()
}

/// Every panel, with the `uid` of its dashboard.
pub(crate) fn panels() -> Vec<(String, Panel)> {
    let of = |dashboard: Dashboard| {
        dashboard.panels.into_iter().map(move |panel| (dashboard.uid.clone(), panel)).collect::<Vec<_>>()
    };
    all().into_values().flat_map(of).collect()
}

#[test]
fn they_are_what_file_provisioning_takes() {
    assert_eq!(all().keys().collect::<Vec<_>>(), FILES.iter().collect::<Vec<_>>());
    for (file, dashboard) in all() {
        assert_eq!(format!("{}.json", dashboard.uid.strip_prefix("kansoku-").unwrap()), file);
        let raw: Value = serde_json::from_str(
            &std::fs::read_to_string(folder().join("grafana/dashboards").join(&file)).unwrap(),
        )
        .unwrap();
        for of_the_second_form in ["elements", "apiVersion", "kind", "spec", "layout"] {
            assert!(raw.get(of_the_second_form).is_none(), "{file} has {of_the_second_form}");
        }
        assert!((39..=41).contains(&raw["schemaVersion"].as_u64().unwrap()), "{file}");
        assert_eq!(raw["editable"], false, "{file}: what is in a file is edited there");
        assert!(raw.get("id").is_none(), "{file}: the id is the database's");
        assert_eq!(raw["tags"][0], "kansoku", "{file}: by it the dashboards find each other");
    }
}

#[test]
fn every_panel_says_what_it_shows_in_which_unit() {
    for (uid, panel) in panels().into_iter().filter(|(_, panel)| panel.kind != "row") {
        let name = format!("{uid} {} {}", panel.id, panel.title);
        assert!(KINDS.contains(&panel.kind.as_str()), "{name} is a {}", panel.kind);
        assert!(!panel.title.is_empty() && panel.description.ends_with('.'), "{name} has no description");
        assert!(panel.field_config.defaults.unit.is_some(), "{name} has no unit");
        let datasource = panel.datasource.unwrap();
        assert_eq!(datasource.kind, datasource.uid, "{name}: our data sources are named as what they are");
        assert!(DATASOURCES.contains(&datasource.uid.as_str()), "{name} asks {}", datasource.uid);
        let letters: BTreeSet<_> = panel.targets.iter().map(|target| &target.ref_id).collect();
        assert!(
            letters.len() == panel.targets.len() && !letters.is_empty(),
            "{name}: the letters of queries"
        );
        assert!(panel.targets.iter().all(|target| !target.text().is_empty()), "{name} asks nothing");
    }
}

#[test]
fn panels_have_numbers_of_their_own_and_lie_side_by_side() {
    let beside = |one: Place, other: Place| one.x + one.w <= other.x || one.y + one.h <= other.y;
    for dashboard in all().into_values() {
        for (number, panel) in dashboard.panels.iter().enumerate() {
            let (name, place) = (format!("{} {}", dashboard.uid, panel.id), panel.grid_pos);
            assert!(place.x + place.w <= 24, "{name} is wider than the screen");
            for other in &dashboard.panels[..number] {
                assert_ne!(panel.id, other.id, "{name} is there twice");
                let apart = beside(place, other.grid_pos) || beside(other.grid_pos, place);
                assert!(apart, "{name} lies over {}", other.id);
            }
        }
    }
}

#[test]
fn every_alert_has_its_panel_with_its_line_and_runbook() {
    let (alerts, panels) = (alerts(), panels());
    for alert in &alerts.all {
        let wanted = (&alert.dashboard.uid, alert.dashboard.panel);
        let panel = panels.iter().find(|(uid, panel)| (uid, panel.id) == wanted);
        let (_, panel) = panel.unwrap_or_else(|| panic!("{} wants the panel {wanted:?}", alert.name));
        let runbook = format!("{}/{}.md", alerts.runbooks, alert.name);
        assert!(panel.links.iter().any(|link| link.url == runbook), "{wanted:?} does not lead to {runbook}");
        if let Some(threshold) = alert.threshold {
            let name = &alert.name;
            assert!(panel.draws(threshold), "{wanted:?} draws no line at {threshold}, as {name} has it");
        }
    }
}

#[test]
fn links_lead_somewhere() {
    let alerts = alerts();
    let runbooks = alerts.all.iter().map(|alert| format!("{}/{}.md", alerts.runbooks, alert.name));
    let dashboards = all().into_values().map(|dashboard| format!("/d/{}", dashboard.uid));
    let known: BTreeSet<_> = runbooks.chain(dashboards).collect();
    for (uid, panel) in panels() {
        for link in panel.links {
            assert!(known.contains(&link.url), "{uid} {} leads to {}", panel.id, link.url);
        }
    }
}

#[test]
fn what_may_give_no_data_is_a_query_with_a_reason() {
    let listed = dashboards::may_be_empty(&folder().join("grafana/no-data.toml")).unwrap();
    let mut queries = BTreeSet::new();
    for (uid, panel) in panels() {
        let name = |target: &Target| format!("{uid}/{}/{}", panel.id, target.ref_id);
        queries.extend(panel.targets.iter().map(name));
    }
    for (query, reason) in listed {
        assert!(queries.contains(&query), "no-data.toml lists {query}, which is no query");
        assert!(reason.contains(' '), "why does {query} give no data?");
    }
}
