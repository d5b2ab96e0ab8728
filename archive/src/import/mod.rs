//! Recordings on the way to RAW: read ([`sources`], [`index`]), their forms understood ([`forms`]), planned ([`plan`]),
//! grouped into runs ([`group`]), cut into chunks, published in their order ([`importer`]) and counted ([`table`]).

mod chunk;
pub mod forms;
pub mod group;
pub mod importer;
pub mod index;
pub mod loose;
pub mod plan;
pub mod recorded;
pub mod sources;
pub mod table;

pub use importer::Importer;
pub use plan::{Page, Plan, plan};
pub use recorded::{Exported, Recorded};
pub use table::Table;
