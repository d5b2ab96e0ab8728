//! What is captured when. Pure.
//!
//! Cron expressions and their slots ([`slots`]), lists that move with time ([`Target`]), a line of both ([`entry`]), what is
//! due ([`scheduler`]), and what all of it costs ([`plan`]).

pub mod entry;
pub mod plan;
pub mod scheduler;
pub mod slots;

pub use entry::Entry;
pub use kansoku_schemas::Target;
pub use scheduler::{Due, Scheduler};
pub use slots::Slots;
