//! One line of the schedule.

use serde::{Deserialize, Serialize};

use super::{Slots, Target};

/// What is captured, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What: a dataset, or `seasons` for the last eight seasons.
    pub dataset: Target,
    /// When, in UTC; each instant begins a slot, and a slot is captured once.
    pub cron: Slots,
    /// The most pages.
    #[serde(default = "most_pages")]
    pub pages: u32,
    /// How many seconds after its slot begins a capture may wait.
    #[serde(default = "jitter")]
    pub jitter_s: u32,
}

/// What `jitter_s` is where it is left out.
pub const fn jitter() -> u32 {
    300
}

const fn most_pages() -> u32 {
    20
}
