//! What RAW has of a run's pages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The bodies of a run's pages. Events of earlier versions hold more, which is passed over.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Census {
    /// The digest of each page's body.
    pub digests: BTreeMap<u32, String>,
}
