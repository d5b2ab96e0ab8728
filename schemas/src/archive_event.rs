//! What a fetcher says of an archive file, on `run.archive.<epoch>-<first>`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A file that holds a part of RAW.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveEvent {
    /// The epoch of that RAW.
    pub epoch: u64,
    /// The first sequence that the file covers.
    pub first: u64,
    /// The last one.
    pub last: u64,
    /// The file's name; where its folder is, the fetcher's configuration says.
    pub file: String,
    /// Captures in it: messages that are no pages are passed over.
    pub captures: u64,
    /// Its size, compressed.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// The process that wrote it.
    pub instance: String,
    /// When it was announced.
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_is_what_its_schema_says() {
        let schema = serde_json::from_str(include_str!("../json/archive-event.v1.json")).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let event = ArchiveEvent {
            epoch: 1_700_000_000_000,
            first: 1,
            last: 20,
            file: "1700000000000-1-20.jsonl.zst".to_owned(),
            captures: 20,
            bytes: 1_000,
            sha256: "0f".repeat(32),
            instance: "here".to_owned(),
            at: DateTime::UNIX_EPOCH,
        };
        schema.validate(&serde_json::to_value(&event).unwrap()).unwrap();
        let elsewhere = ArchiveEvent { file: "../x.jsonl.zst".to_owned(), ..event };
        assert!(!schema.is_valid(&serde_json::to_value(&elsewhere).unwrap()));
    }
}
