//! What a fetcher says of a run. Each event is cumulative: the last one tells the whole story.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Catalogue, Census, Dataset, Reason, RunId, ids::tokens};

tokens! {
    /// The kind of an event; the word is that of message ids and JSON.
    RunEventKind, "event", {
        /// The run begins.
        Started = "started",
        /// It goes on.
        Progress = "progress",
        /// Another process took it over.
        Resumed = "resumed",
        /// It ended; complete when `pages_got` has every planned page.
        Finished = "finished",
        /// It ended without its pages.
        Failed = "failed",
    }
}

/// A page that did not come to RAW, and why.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedPage {
    /// Its number.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub page: u32,
    /// Why.
    pub reason: Reason,
}

/// One event of a run.
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// Its ordinal among the events of the run, from 0.
    pub n: u32,
    /// The process that publishes it.
    pub instance: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// When the run began; absent in events of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// How many pages there are to get, where known.
    pub pages_planned: Option<u32>,
    /// The pages in RAW.
    #[cfg_attr(test, schemars(inner(range(min = 1))))]
    pub pages_got: Vec<u32>,
    /// The pages that were given up.
    pub pages_failed: Vec<FailedPage>,
    /// Message ids of the replays that an import brought to RAW.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(inner(length(min = 1))))]
    pub replays_got: Vec<String>,
    /// The first digits of the SHA-256 of the pages that an import brought.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bodies_got: BTreeMap<u32, String>,
    /// The bodies that were no pages and went to DLQ: `page:` and the first digits of the SHA-256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(inner(regex(pattern = "^[1-9][0-9]*:[0-9a-f]{16}$"))))]
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
    /// Whether that process lets go of the run: any other may take it up at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub released: bool,
    /// Whether it was taken over from a process that fell silent: RAW may have pages that no event lists.
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
