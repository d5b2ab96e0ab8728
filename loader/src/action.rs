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
        let texts = [&action.actor, &action.action].into_iter().chain(&action.root).chain(&action.reason);
        if texts.into_iter().any(|text| text.contains('\0')) || has_nul(&action.detail) {
            return Err("a text holds the character NUL".to_owned());
        }
        let audit_seq = i64::try_from(stored.seq).map_err(|_| "the sequence is out of range")?;
        Ok(Self { audit_epoch: epoch, audit_seq, ..action })
    }
}

/// Whether Postgres would refuse the value: it keeps no NUL. The six characters of its escape are a text like any other.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(all) => all.iter().any(has_nul),
        Value::Object(all) => all.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_the_character_and_not_its_escape() {
        assert!(has_nul(&json!({"set": [{"note": "a\0b"}]})));
        assert!(has_nul(&json!({"a\0": 1})));
        assert!(!has_nul(&json!({"text": "the title holds \\u0000"})));
    }
}
