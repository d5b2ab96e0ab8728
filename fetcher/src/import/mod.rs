//! Recordings on the road that every page takes: read ([`sources`]), planned ([`plan`]), published run by run ([`work`])
//! or, where it came from another RAW, in its order there ([`ordered`]), counted ([`table`]).

pub mod loose;
mod ordered;
pub mod plan;
pub mod recorded;
pub mod sources;
pub mod table;
pub mod work;

pub use plan::{Page, Plan, plan};
pub use recorded::{Exported, Recorded};
pub use table::Table;
