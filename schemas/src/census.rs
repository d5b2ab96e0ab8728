//! What RAW has of a run's pages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The bodies of a run's pages. Events of earlier versions have counts of rows beside it, which are passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Census {
    /// The digest of each page's body.
    pub digests: BTreeMap<u32, String>,
    /// Where RAW has the pages of a history: what is mended is compared with them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub seqs: BTreeMap<u32, u64>,
}
