//! What an operator or the replayer did, as a message of AUDIT says it.

use chrono::{DateTime, Utc};
use kansoku_nats::Stored;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// One action, by the names of the columns that keep it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Its number; later ones are greater.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What: `replay`, `edit`, `discard` …
    pub action: String,
    /// The item it is about.
    pub root: Option<String>,
    /// The item's version, as the operator saw it.
    pub version: Option<i32>,
    /// The number of a replay.
    pub n: Option<i32>,
    /// The plan it belongs to.
    pub plan: Option<Uuid>,
    /// The job it belongs to.
    pub job: Option<Uuid>,
    /// Why, in the operator's words.
    pub reason: Option<String>,
    /// What changed.
    #[serde(default)]
    pub detail: Value,
    /// AUDIT's epoch.
    #[serde(default)]
    pub audit_epoch: i64,
    /// Its sequence in AUDIT.
    #[serde(default)]
    pub audit_seq: i64,
}

impl Action {
    /// Reads it.
    ///
    /// # Errors
    /// In words, why the message is no action.
    pub fn read(stored: &Stored, epoch: i64) -> Result<Self, String> {
        let action: Self = serde_json::from_slice(&stored.body).map_err(|error| error.to_string())?;
        // An escape is the only way to write one in JSON.
        if stored.body.windows(6).any(|bytes| bytes == b"\\u0000") {
            return Err("a text holds the character NUL".to_owned());
        }
        let audit_seq = i64::try_from(stored.seq).map_err(|_| "the sequence is out of range")?;
        Ok(Self { audit_epoch: epoch, audit_seq, ..action })
    }
}
