//! How a base URL stands, as a process or Redis knows it.

use chrono::{DateTime, Utc};

use super::breaker::Breaker;

/// Why a base URL is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cooling {
    /// Until when.
    pub until: DateTime<Utc>,
    /// Because of what.
    pub why: String,
}

/// How a base URL stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// It is left alone.
    pub cooling: Option<Cooling>,
    /// Its failures.
    pub breaker: Breaker,
}

/// How much of each limit is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Used {
    /// Of each window.
    pub windows: Vec<u64>,
    /// Of the day.
    pub day: u64,
}
