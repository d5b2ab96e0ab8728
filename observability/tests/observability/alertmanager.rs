//! Alertmanager's own program reads the routes and writes a message.

use std::{collections::BTreeMap, fs};

use serde::Deserialize;
use serde_json::json;

use crate::{alerts, folder, succeeds};

const CONFIGURATION: &str = "alertmanager/alertmanager.yaml";

#[derive(Deserialize)]
struct Routes {
    route: Vec<Route>,
}

#[derive(Deserialize)]
struct Route {
    labels: BTreeMap<String, String>,
    receiver: String,
}

#[test]
fn the_configuration_is_one() {
    succeeds("amtool", ["check-config", CONFIGURATION].map(str::to_owned));
}

#[test]
fn each_set_of_labels_goes_to_its_receiver() {
    let routes = fs::read_to_string(folder().join("alertmanager/routes.toml")).unwrap();
    for Route { labels, receiver } in toml::from_str::<Routes>(&routes).unwrap().route {
        let expected = format!("--verify.receivers={receiver}");
        let asked = ["config", "routes", "test", "--config.file", CONFIGURATION, expected.as_str()];
        let labels = labels.iter().map(|(name, value)| format!("{name}={value}"));
        succeeds("amtool", asked.into_iter().map(str::to_owned).chain(labels));
    }
}

#[test]
fn a_message_says_what_since_when_and_where_to_look() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("alert.json");
    let labels = json!({ "alertname": "NotReady", "severity": "ticket", "service": "loader" });
    let annotations = json!({
        "summary": "loader waits for <b>postgres</b> & more", "description": "For a minute.", "query": "up > 0",
        "runbook_url": "https://example.org/NotReady.md", "dashboard": "/d/x?viewPanel=1",
    });
    let alert = json!({
        "status": "resolved", "labels": labels, "annotations": annotations, "generatorURL": "http://prometheus/graph",
        "startsAt": "2026-11-01T12:00:00Z", "endsAt": "2026-11-01T12:05:00Z",
    });
    let message = json!({
        "receiver": "tickets", "status": "resolved", "alerts": [alert], "groupLabels": {}, "externalURL": "",
        "commonLabels": labels, "commonAnnotations": annotations,
    });
    fs::write(&data, message.to_string()).unwrap();
    let asked = [
        "template",
        "render",
        "--template.glob=alertmanager/*.tmpl",
        "--template.text={{ template \"kansoku.title\" . }}|{{ template \"kansoku.text\" . }}",
        &format!("--template.data={}", data.display()),
    ]
    .map(str::to_owned);
    let Some(text) = succeeds("amtool", asked) else { return };
    assert!(text.starts_with("RESOLVED NotReady: loader|"), "{text}");
    for part in [
        "*loader waits for &lt;b&gt;postgres&lt;/b&gt; &amp; more*",
        "Since 2026-11-01 12:00:00 UTC, until 2026-11-01 12:05:00 UTC",
        "<https://example.org/NotReady.md|Runbook>",
        "<http://127.0.0.1:7430/d/x?viewPanel=1|Dashboard>",
        "<http://prometheus/graph|Query>",
        "```up &gt; 0```",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn what_inhibits_and_what_is_inhibited_are_alerts() {
    let text = fs::read_to_string(folder().join(CONFIGURATION)).unwrap();
    let (_, rules) = text.split_once("inhibit_rules:").unwrap();
    let names: Vec<_> = alerts().all.into_iter().map(|alert| alert.name).collect();
    let named = rules.split("alertname").skip(1).flat_map(|rest| {
        rest.trim_start_matches(['=', '~', '"']).split('"').next().unwrap_or_default().split('|')
    });
    for name in named {
        let stem = name.trim_end_matches(".*");
        assert!(names.iter().any(|known| known == stem || known.starts_with(stem) && stem != name), "{name}");
    }
}
