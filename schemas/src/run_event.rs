//! What a fetcher says of a run. Each event is cumulative: the last one tells the whole story.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Catalogue, Census, Dataset, Reason, RunId};

/// The kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunEventKind {
    /// The run begins.
    Started,
    /// It goes on.
    Progress,
    /// Another process took it over.
    Resumed,
    /// It ended; complete when `pages_got` has every planned page.
    Finished,
    /// It ended without its pages.
    Failed,
}

impl RunEventKind {
    /// The word in message ids and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Progress => "progress",
            Self::Resumed => "resumed",
            Self::Finished => "finished",
            Self::Failed => "failed",
        }
    }
}

/// A page that did not come to RAW, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedPage {
    /// Its number.
    pub page: u32,
    /// Why.
    pub reason: Reason,
}

/// One event of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunEvent {
    /// The run.
    pub run: RunId,
    /// What it captures.
    pub dataset: Dataset,
    /// Where from.
    pub source: String,
    /// Which family of titles.
    pub catalogue: Catalogue,
    /// The instant of the capture.
    pub captured_at: DateTime<Utc>,
    /// What happened.
    pub event: RunEventKind,
    /// The how-manieth event of the run, from 0.
    pub n: u32,
    /// The process that speaks.
    pub instance: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// When the run began; absent in events of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// How many pages there are to get, where known.
    pub pages_planned: Option<u32>,
    /// The pages in RAW.
    pub pages_got: Vec<u32>,
    /// The pages that were given up.
    pub pages_failed: Vec<FailedPage>,
    /// Message ids of the replays that an import brought to RAW.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replays_got: Vec<String>,
    /// The first digits of the SHA-256 of the pages that an import brought.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bodies_got: BTreeMap<u32, String>,
    /// The bodies that were no pages and went to DLQ: `page:` and the first digits of the SHA-256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bodies_dead: Vec<String>,
    /// Rows on the pages got.
    pub rows: u64,
    /// What the rows were like, where they were looked into.
    #[serde(default)]
    pub census: Option<Census>,
    /// Requests after the first one for a page.
    #[serde(default)]
    pub retries: u64,
    /// How long requests waited for the limits and for cool-downs, in milliseconds.
    #[serde(default)]
    pub waited_ms: u64,
    /// What was noticed.
    pub warnings: Vec<String>,
    /// Whether the process that speaks lets go of the run: any other may take it up at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub released: bool,
    /// Whether it was taken over from a process that fell silent: RAW may have pages of which nobody told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub taken_over: bool,
    /// Why it failed.
    pub error: Option<String>,
}

impl RunEvent {
    /// Whether the run is over, well or badly.
    pub fn has_ended(&self) -> bool {
        matches!(self.event, RunEventKind::Finished | RunEventKind::Failed)
    }

    /// Whether the run is over and has every planned page.
    pub fn is_complete(&self) -> bool {
        let all = self.pages_planned.is_some_and(|planned| has_all(&self.dataset, planned, &self.pages_got));
        self.event == RunEventKind::Finished && all
    }
}

/// Whether every planned page came. A list begins with page 1; of what is no list any page may stand alone.
pub fn has_all<'a>(dataset: &Dataset, planned: u32, got: impl IntoIterator<Item = &'a u32>) -> bool {
    let got: BTreeSet<u32> = got.into_iter().copied().collect();
    if dataset.is_ranked() {
        (1..=planned).all(|page| got.contains(&page))
    } else {
        got.len() as u64 >= u64::from(planned)
    }
}
