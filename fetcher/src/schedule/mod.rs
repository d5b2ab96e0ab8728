//! What is captured when. Pure.
//!
//! Cron expressions and their slots ([`slots`]), lists that move with time ([`target`]), a line of both ([`entry`]), what is
//! due ([`scheduler`]), and what all of it costs ([`plan`]).

pub mod entry;
pub mod plan;
pub mod scheduler;
pub mod slots;
pub mod target;

pub use entry::Entry;
pub use scheduler::{Due, Scheduler};
pub use slots::Slots;
pub use target::Target;
