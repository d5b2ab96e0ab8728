//! `recording.toml`: the recorded series, by group.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

/// All groups.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// In the order in which they are read.
    #[serde(rename = "group")]
    pub groups: Vec<Group>,
}

/// Series that are recorded together, one after the other.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The file of rules that it goes to, without its ending.
    pub file: String,
    /// How often it is evaluated, where not as often as everything.
    pub interval: Option<String>,
    /// Its series.
    #[serde(rename = "rule")]
    pub rules: Vec<Recorded>,
}

/// A recorded series.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Its name.
    pub record: String,
    /// What is recorded.
    pub expr: String,
    /// Labels that it gets.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

impl Recording {
    /// Reads them from the folder of the definitions.
    ///
    /// # Errors
    /// When the file cannot be read or understood.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("recording.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("understand {}", path.display()))
    }
}
