//! Recordings on the road that every page takes: read ([`sources`]), planned ([`plan`]), cut ([`parts`]), published run by
//! run ([`work`]) or, where it came from another RAW, in its order there ([`ordered`]), and with how its runs ended there
//! ([`ends`]); counted ([`table`]).

mod ends;
pub mod loose;
mod ordered;
mod parts;
pub mod plan;
pub mod recorded;
pub mod sources;
pub mod table;
pub mod work;

pub use plan::{Page, Plan, plan};
pub use recorded::{Exported, Recorded};
pub use table::Table;
