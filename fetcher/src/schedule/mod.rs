//! What is captured when. Pure.
//!
//! Cron expressions and their slots ([`slots`]), lists that move with time ([`wanted`]), a line of both ([`entry`]), what is
//! due ([`agenda`]), and what all of it costs ([`plan`]).

pub mod agenda;
pub mod entry;
pub mod plan;
pub mod slots;
pub mod wanted;

pub use agenda::{Agenda, Due};
pub use entry::Entry;
pub use slots::Slots;
pub use wanted::Wanted;
