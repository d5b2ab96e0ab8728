//! The rules as YAML that Prometheus 2.42 and 3 read.

use std::{collections::BTreeMap, fmt::Write, num::NonZeroU32};

use crate::{
    Alert, Alerts, Group, Recording,
    promql::{divided, faster},
};

const HEAD: &str = "# Made by `make generate` of observability/*.toml.\ngroups:\n";

/// The files of recorded series: name and text.
pub fn recording_rules(recording: &Recording, speed: NonZeroU32) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for group in &recording.groups {
        let text = files.entry(format!("{}.yaml", group.file)).or_insert_with(|| HEAD.to_owned());
        text.push_str(&recorded(group, speed));
    }
    files
}

fn recorded(group: &Group, speed: NonZeroU32) -> String {
    let mut out = format!("  - name: {}\n", group.name);
    if let Some(interval) = &group.interval {
        line(&mut out, 4, "interval", &divided(interval, speed));
    }
    out.push_str("    rules:\n");
    for rule in &group.rules {
        line(&mut out, 6, "- record", &rule.record);
        text(&mut out, 8, "expr", &faster(&rule.expr, speed));
        if !rule.labels.is_empty() {
            out.push_str("        labels:\n");
            rule.labels.iter().for_each(|(name, value)| text(&mut out, 10, name, value));
        }
    }
    out
}

/// The file of alerts.
pub fn alert_rules(alerts: &Alerts, speed: NonZeroU32) -> String {
    let mut out = format!("{HEAD}  - name: alerts\n    rules:\n");
    for alert in &alerts.all {
        let expr = faster(alert.expr.trim(), speed);
        line(&mut out, 6, "- alert", &alert.name);
        text(&mut out, 8, "expr", &expr);
        line(&mut out, 8, "for", &divided(&alert.hold, speed));
        out.push_str("        labels:\n");
        text(&mut out, 10, "severity", &alert.severity);
        text(&mut out, 10, "service", &alert.service);
        out.push_str("        annotations:\n");
        for (name, value) in annotations(alerts, alert, &expr) {
            text(&mut out, 10, name, &value);
        }
    }
    out
}

fn annotations(alerts: &Alerts, alert: &Alert, expr: &str) -> [(&'static str, String); 5] {
    [
        ("summary", alert.summary.clone()),
        ("description", alert.description.clone()),
        ("runbook_url", format!("{}/{}.md", alerts.runbooks, alert.name)),
        ("dashboard", format!("/d/{}?viewPanel={}", alert.dashboard.uid, alert.dashboard.panel)),
        ("query", expr.to_owned()),
    ]
}

fn line(out: &mut String, indent: usize, key: &str, value: &str) {
    // Writing to a string never fails.
    let _ = writeln!(out, "{:indent$}{key}: {value}", "");
}

/// A value in which anything may stand; several lines become a block.
fn text(out: &mut String, indent: usize, key: &str, value: &str) {
    if value.contains('\n') {
        line(out, indent, key, "|-");
        value.lines().for_each(|part| {
            let _ = writeln!(out, "{:width$}{part}", "", width = indent + 2);
        });
    } else {
        line(out, indent, key, &format!("'{}'", value.replace('\'', "''")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_quoted_or_a_block() {
        let mut out = String::new();
        text(&mut out, 2, "expr", "a{b='c'} == 0");
        text(&mut out, 2, "expr", "a\nor b");
        assert_eq!(out, "  expr: 'a{b=''c''} == 0'\n  expr: |-\n    a\n    or b\n");
    }
}
