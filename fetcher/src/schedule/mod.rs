//! What is captured when: cron expressions and their slots ([`slots`]), lists that move with time ([`wanted`]), what is due
//! ([`agenda`]), and what all of it costs ([`plan`]). Pure.

pub mod agenda;
pub mod plan;
pub mod slots;
pub mod wanted;

pub use agenda::{Agenda, Due};
pub use slots::Slots;
pub use wanted::Wanted;
