//! RAW as files: read in stream order ([`walk`]), each message a line ([`line`]), each file whole or not there ([`draft`]).
//! An export has more than RAW does ([`beside`]).
//! While the service runs, RAW goes into files by itself ([`keeper`]), a file a day or less ([`cut`], [`names`]).

pub mod beside;
pub mod cut;
pub mod draft;
pub mod found;
pub mod keeper;
pub mod line;
pub mod names;
pub mod walk;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use draft::{Draft, Written};
pub use keeper::Keeper;
pub use walk::{Line, Walk};

/// Where RAW is kept when it drops its oldest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArchiveSettings {
    /// The folder of the archive files; without one nothing is archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<PathBuf>,
}
