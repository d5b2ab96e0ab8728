//! Recordings on the road that every page takes: read ([`sources`]), planned ([`plan`]), published run by run ([`work`]),
//! counted ([`table`]).

pub mod loose;
pub mod plan;
pub mod recorded;
pub mod sources;
pub mod table;
pub mod work;

pub use plan::{Page, Plan, plan};
pub use recorded::Recorded;
pub use table::Table;
