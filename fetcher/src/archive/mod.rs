//! RAW as files: read in stream order ([`walk`]), each message a line ([`line`]), each file whole or not there ([`draft`]).

pub mod draft;
pub mod line;
pub mod walk;

pub use draft::{Draft, Written};
pub use walk::{Line, Walk};
