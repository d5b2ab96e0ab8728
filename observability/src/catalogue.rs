//! `metrics.toml`: every metric that there is.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::{Family, Names, exposed};

/// Labels that every series may have: Prometheus adds them, or the kind of metric does.
const EVERYWHERE: [&str; 3] = ["job", "instance", "le"];

/// All metrics.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    #[serde(rename = "metric")]
    metrics: Vec<Metric>,
}

/// A metric.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// As in PromQL; of a histogram without `_bucket`, `_sum` and `_count`.
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// `seconds`, `bytes` or `1`.
    pub unit: String,
    /// The names of its labels.
    pub labels: BTreeSet<String>,
    /// The jobs that expose it; `*` is every service of ours.
    pub services: Vec<String>,
    /// What it says.
    pub help: String,
    /// When it appears, where it is not there from the start.
    pub appears: Option<String>,
}

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It goes up, and starts again at 0.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

/// How what a service exposes differs from what is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// Exposed, and not listed for it, or with other labels or as another kind.
    pub unlisted: Vec<String>,
    /// Listed as there from the start, and not exposed.
    pub missing: Vec<String>,
}

impl Catalogue {
    /// Reads it from the folder of the definitions.
    ///
    /// # Errors
    /// When the file cannot be read or understood, or names a metric twice.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("metrics.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("understand {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let catalogue: Self = toml::from_str(text)?;
        let mut seen = BTreeSet::new();
        for metric in &catalogue.metrics {
            ensure!(seen.insert(&metric.name), "{} is there twice", metric.name);
        }
        Ok(catalogue)
    }

    /// The metric of a series; a histogram's has an ending more.
    pub fn find(&self, series: &str) -> Option<&Metric> {
        let plain = |name: &str| self.metrics.iter().find(|metric| metric.name == name);
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|ending| series.strip_suffix(ending));
        plain(series).or_else(|| base.and_then(plain).filter(|metric| metric.kind == Kind::Histogram))
    }

    /// Holds what one of our services exposes against what is listed.
    pub fn compare(&self, service: &str, metrics_text: &str) -> Differences {
        let families = exposed(metrics_text);
        let listed = |metric: &Metric| metric.services.iter().any(|name| name == service || name == "*");
        let fits = |metric: &Metric, family: &Family| {
            listed(metric) && metric.kind == family.kind && family.labels.is_subset(&metric.labels)
        };
        let unlisted = families
            .iter()
            .filter(|(name, family)| !self.find(name).is_some_and(|metric| fits(metric, family)))
            .map(|(name, family)| format!("{name} {:?} {:?}", family.kind, family.labels));
        let missing = self
            .metrics
            .iter()
            .filter(|metric| {
                listed(metric) && metric.appears.is_none() && !families.contains_key(&metric.name)
            })
            .map(|metric| metric.name.clone());
        Differences { unlisted: unlisted.collect(), missing: missing.collect() }
    }

    /// The names of a query that are not known here nor among `recorded`; a recorded series may have any label.
    pub fn unknown(&self, names: &Names, recorded: &BTreeSet<String>) -> Vec<String> {
        let (mut unknown, mut labels) = (Vec::new(), BTreeSet::from(EVERYWHERE.map(str::to_owned)));
        let mut any_label = false;
        for selector in &names.selectors {
            if recorded.contains(&selector.metric) {
                any_label = true;
            } else if let Some(metric) = self.find(&selector.metric) {
                labels.extend(metric.labels.iter().cloned());
                let of_metric = |label: &&String| {
                    !metric.labels.contains(*label) && !EVERYWHERE.contains(&label.as_str())
                };
                let strange = selector.labels.iter().filter(of_metric);
                unknown.extend(strange.map(|label| format!("{}{{{label}}}", selector.metric)));
            } else {
                unknown.push(selector.metric.clone());
            }
        }
        if !any_label {
            unknown.extend(names.grouping.difference(&labels).map(|label| format!("the label {label}")));
        }
        unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names;

    fn catalogue() -> Catalogue {
        let metric = |name: &str, kind: &str, more: &str| {
            format!(
                "[[metric]]\nname = \"{name}\"\ntype = \"{kind}\"\nunit = \"1\"\nhelp = \"h\"\nservices = [\"loader\"]\n{more}\n"
            )
        };
        let text = metric("rows_total", "counter", "labels = [\"outcome\"]")
            + &metric("took", "histogram", "labels = []")
            + &metric("rare", "gauge", "labels = []\nappears = \"later\"");
        Catalogue::parse(&text).unwrap()
    }

    #[test]
    fn both_sides_are_held_against_each_other() {
        let all =
            "# TYPE rows counter\nrows_total{outcome=\"stored\"} 1\n# TYPE took histogram\ntook_count 1\n";
        assert_eq!(catalogue().compare("loader", all), Differences::default());
        let other = "# TYPE rows counter\nrows_total{state=\"x\"} 1\n# TYPE more gauge\nmore 1\n";
        let found = catalogue().compare("loader", other);
        assert_eq!(found.missing, ["took"]);
        assert_eq!(found.unlisted, ["more Gauge {}", "rows_total Counter {\"state\"}"]);
        assert_eq!(catalogue().compare("fetcher", all).unlisted.len(), 2, "listed for another service");
    }

    #[test]
    fn a_query_may_only_name_what_there_is() {
        let unknown = |query: &str| catalogue().unknown(&names(query), &["a:b".to_owned()].into());
        assert_eq!(
            unknown("sum by (outcome, le) (rate(took_bucket[5m])) + rows_total{outcome=\"x\"}").len(),
            0
        );
        assert_eq!(unknown("rows + rows_total{state=\"x\"}"), ["rows", "rows_total{state}"]);
        assert_eq!(unknown("sum by (state) (rows_total)"), ["the label state"]);
        assert_eq!(unknown("sum by (state) (a:b)").len(), 0);
        assert_eq!(unknown("rare_count"), ["rare_count"], "no histogram");
    }
}
