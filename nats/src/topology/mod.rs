//! Streams and consumers: what there should be ([`files`]), what to change ([`plan`]), doing it ([`apply`]).

mod files;
mod plan;
mod server;

pub use files::{Config, Desired, FileError, Overrides, desired};
pub use plan::{Actual, ActualStream, Change, Difference, Target, plan};
pub use server::{Topology, apply, diff};
