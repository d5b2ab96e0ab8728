//! RAW as an archive: read in stream order ([`walk`]), each message a line ([`line`]), with what RAW does not hold
//! ([`beside`]), counted ([`table`]).

pub mod beside;
pub mod line;
pub mod table;
pub mod walk;

pub use table::{Period, Table};
pub use walk::{Line, Walk};
