//! The dashboards of Grafana: what of them is held against alerts, metrics and a running Prometheus.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

/// A dashboard, in the classic form.
#[derive(Debug, Clone, Deserialize)]
pub struct Dashboard {
    /// Its stable name, which links use.
    pub uid: String,
    /// What a person reads.
    pub title: String,
    /// Its panels, rows among them.
    pub panels: Vec<Panel>,
}

/// A panel.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Panel {
    /// Its number in the dashboard.
    pub id: u32,
    /// How it shows: `stat`, `timeseries` …
    #[serde(rename = "type")]
    pub kind: String,
    /// What a person reads.
    pub title: String,
    /// What it means.
    #[serde(default)]
    pub description: String,
    /// Where it asks; a row asks nowhere.
    pub datasource: Option<Datasource>,
    /// What it asks.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// Where it leads.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Where it stands.
    pub grid_pos: Place,
    /// How values are written.
    #[serde(default)]
    pub field_config: FieldConfig,
}

/// Where a panel asks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Datasource {
    /// Its plugin.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its stable name.
    pub uid: String,
}

/// A query.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Its letter in the panel.
    pub ref_id: String,
    /// PromQL or LogQL.
    pub expr: Option<String>,
    /// TraceQL.
    pub query: Option<String>,
}

impl Target {
    /// The query in the language of its data source.
    pub fn text(&self) -> &str {
        self.expr.as_deref().or(self.query.as_deref()).unwrap_or_default()
    }
}

/// A link.
#[derive(Debug, Clone, Deserialize)]
pub struct Link {
    /// What a person reads.
    pub title: String,
    /// Where it leads.
    pub url: String,
}

/// Where a panel stands on the grid, which is 24 wide.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Place {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}

/// How values are written.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct FieldConfig {
    /// Of fields that nothing else is said of.
    pub defaults: Defaults,
}

/// How values of fields are written that nothing else is said of.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Defaults {
    /// The unit.
    pub unit: Option<String>,
    /// Where their colour changes, and lines are drawn.
    pub thresholds: Option<Thresholds>,
}

/// Where the colour of values changes.
#[derive(Debug, Clone, Deserialize)]
pub struct Thresholds {
    /// From the lowest; the first has no value.
    pub steps: Vec<Step>,
}

/// From where on a colour holds.
#[derive(Debug, Clone, Deserialize)]
pub struct Step {
    /// The value.
    pub value: Option<f64>,
}

impl Panel {
    /// Whether a line is drawn there.
    pub fn draws(&self, threshold: f64) -> bool {
        let steps = self.field_config.defaults.thresholds.iter().flat_map(|thresholds| &thresholds.steps);
        steps.filter_map(|step| step.value).any(|value| (value - threshold).abs() < f64::EPSILON)
    }
}

/// Reads all of a folder, by the names of their files.
///
/// # Errors
/// When the folder or a file cannot be read, or a file is no dashboard in the classic form.
pub fn read(folder: &Path) -> Result<BTreeMap<String, Dashboard>> {
    let read = || format!("read {}", folder.display());
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(read)? {
        let path = entry.with_context(read)?.path();
        let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        let dashboard =
            serde_json::from_str(&text).with_context(|| format!("understand {}", path.display()))?;
        found.insert(path.file_name().unwrap_or_default().to_string_lossy().into_owned(), dashboard);
    }
    Ok(found)
}

/// The queries that may give no data, by `uid/panel/letter`, and why.
///
/// # Errors
/// When the file cannot be read or understood.
pub fn may_be_empty(file: &Path) -> Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    toml::from_str(&text).with_context(|| format!("understand {}", file.display()))
}
