//! Loose files: what a person says of them on the command line.

use anyhow::{Result, bail};
use chrono::{DateTime, Utc};
use kansoku_schemas::{Catalogue, Dataset};

use super::forms;

/// What the files do not say of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// What they are pages of.
    pub dataset: Option<Dataset>,
    /// When they were recorded.
    pub captured_at: Option<DateTime<Utc>>,
    /// The address they were fetched from.
    pub url: Option<String>,
    /// Their page number.
    pub page: Option<u32>,
    /// Where they came from.
    pub source: Option<String>,
    /// Which family of titles, where the recording does not say.
    pub catalogue: Catalogue,
}

impl Default for Described {
    fn default() -> Self {
        let (dataset, captured_at, url, page, source) = (None, None, None, None, None);
        Self { dataset, captured_at, url, page, source, catalogue: Catalogue::Mal }
    }
}

impl Described {
    /// Whether the files are loose: nothing but the command line describes them.
    pub fn is_loose(&self) -> bool {
        self.dataset.is_some() || self.captured_at.is_some() || self.url.is_some() || self.page.is_some()
    }

    /// Whether enough is said of a loose file.
    pub fn check(&self, name: &str) -> Result<()> {
        if self.dataset.is_none() && self.url.is_none() {
            bail!("{name}: say what it is a page of, with --dataset or --url");
        }
        if self.captured_at.is_none() {
            bail!("{name}: say when it was recorded, with --captured-at");
        }
        if let Some(url) = self.url.as_ref().filter(|url| forms::address(url).is_none()) {
            bail!("--url: {url:?} is no address such as {}", forms::ADDRESSES);
        }
        Ok(())
    }
}
