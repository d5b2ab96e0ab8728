//! What a fetcher says of an archive file, on `run.archive.<epoch>-<first>`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A file that holds a part of RAW.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveEvent {
    /// The epoch of that RAW.
    pub epoch: u64,
    /// The first sequence that the file covers.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub first: u64,
    /// The last one.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub last: u64,
    /// The file's name; where its folder is, the fetcher's configuration says.
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9]+-[0-9]+-[0-9]+\\.jsonl\\.zst$")))]
    pub file: String,
    /// Captures in it: messages that are no pages are passed over.
    pub captures: u64,
    /// Its size, compressed.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9a-f]{64}$")))]
    pub sha256: String,
    /// The process that wrote it.
    pub instance: String,
    /// When it was announced.
    pub at: DateTime<Utc>,
}
