//! The files that are made and committed.

use std::{fmt::Write, num::NonZeroU32};

use crate::{Alert, Alerts, Events, Recording, alert_rules, recording_rules};

/// A file as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// Where it is, from the root.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// Every file that is made.
pub fn generated(alerts: &Alerts, recording: &Recording, events: &Events) -> Vec<Generated> {
    // A chart holds no files of others, so it has the same ones again.
    const RULES: [&str; 2] = ["observability/prometheus/rules", "deploy/helm/kansoku/files/rules"];
    let mut rules = recording_rules(recording, NonZeroU32::MIN);
    rules.insert("alerts.yaml".to_owned(), alert_rules(alerts, NonZeroU32::MIN));
    let mut files = Vec::new();
    for (name, text) in rules {
        files.extend(RULES.map(|folder| Generated { path: format!("{folder}/{name}"), text: text.clone() }));
    }
    files.push(Generated { path: "docs/alerts.md".to_owned(), text: table(alerts) });
    files.push(Generated { path: "docs/logs.md".to_owned(), text: events.document() });
    files
}

/// A message's text for no message in particular: `{{ $labels.job }}` is the service, another label is called by its name.
fn in_words(text: &str) -> String {
    let mut parts = text.split("{{ $labels.");
    let mut words = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (label, rest) = part.split_once(" }}").unwrap_or((part, ""));
        let label = if label == "job" { "service" } else { label };
        words += &format!("the {label}{rest}");
    }
    words
}

fn table(alerts: &Alerts) -> String {
    let mut out = "<!-- Made by `make generate` of observability/alerts.toml. -->\n# Alerts\n\
        A page wakes somebody, a ticket waits for a working day. Each is proven by cases of promtool (`observability/prometheus/tests`), \
        and by what causes it for real.\n\n| alert | severity | says | dashboard | caused by |\n|---|---|---|---|---|\n"
        .to_owned();
    for alert in &alerts.all {
        let Alert { name, severity, description, dashboard, .. } = alert;
        let cause = match (&alert.inject, &alert.not_injected) {
            (Some(inject), _) => format!("`{inject}`"),
            (None, reason) => format!("not caused: {}", reason.as_deref().unwrap_or_default()),
        };
        // Writing to a string never fails.
        let _ = writeln!(
            out,
            "| [{name}](runbooks/{name}.md) | {severity} | {} | {} | {cause} |",
            in_words(description),
            dashboard.uid
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_names_no_label() {
        let text = "For a minute {{ $labels.job }} gave no numbers, and {{ $labels.stream }} is full.";
        assert_eq!(in_words(text), "For a minute the service gave no numbers, and the stream is full.");
    }
}
