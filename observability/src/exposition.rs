//! What a service exposes: the OpenMetrics text of `/metrics`.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Kind, promql::after_string};

/// A family of series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// What it is.
    pub kind: Kind,
    /// The names of its labels, `le` apart.
    pub labels: BTreeSet<String>,
}

/// The families that have samples, by their names in PromQL.
pub fn exposed(text: &str) -> BTreeMap<String, Family> {
    let mut families = BTreeMap::new();
    let mut current: Option<(String, Kind)> = None;
    for line in text.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            current = Some(in_promql(name, kind));
        } else if let (Some((name, kind)), false) = (&current, line.is_empty() || line.starts_with('#')) {
            let new = || Family { kind: *kind, labels: BTreeSet::new() };
            let family: &mut Family = families.entry(name.clone()).or_insert_with(new);
            family.labels.extend(labels(line).into_iter().filter(|label| label != "le"));
        }
    }
    families
}

fn in_promql(name: &str, kind: &str) -> (String, Kind) {
    match kind {
        "counter" => (format!("{name}_total"), Kind::Counter),
        "info" => (format!("{name}_info"), Kind::Gauge),
        "histogram" => (name.to_owned(), Kind::Histogram),
        _ => (name.to_owned(), Kind::Gauge),
    }
}

/// The names of the labels of a sample; an exemplar's come after its value and do not count.
fn labels(sample: &str) -> Vec<String> {
    let braces = sample.split_once('{').filter(|(name, _)| !name.contains(' '));
    let (mut names, mut rest) = (Vec::new(), braces.map_or("", |(_, inside)| inside));
    while let Some((name, value)) = rest.split_once('=').filter(|_| !rest.starts_with('}')) {
        names.push(name.trim_start_matches(',').to_owned());
        rest = after_string(value);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_named_as_in_promql() {
        let text = "# HELP pages Pages.\n# TYPE pages counter\npages_total{of=\"raw.{x}\",to=\"a \\\" b\"} 1\n\
            # TYPE empty gauge\n# TYPE took histogram\ntook_bucket{le=\"0.5\",job=\"=\"} 1 # {trace_id=\"ab\"} 0.1 1.0\n\
            took_count{job=\"=\"} 1\n# TYPE build info\nbuild_info{version=\"1\"} 1\n# TYPE up gauge\nup 1\n# EOF\n";
        let found = exposed(text);
        let show = |name: &str| {
            let family = &found[name];
            (family.kind, family.labels.iter().map(String::as_str).collect::<Vec<_>>())
        };
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(show("pages_total"), (Kind::Counter, vec!["of", "to"]));
        assert_eq!(show("took"), (Kind::Histogram, vec!["job"]));
        assert_eq!(show("build_info"), (Kind::Gauge, vec!["version"]));
        assert_eq!(show("up"), (Kind::Gauge, vec![]));
    }
}
