//! A run: what is known of it ([`story`]), and how that is told on `RUN` ([`ledger`]).

mod ledger;
mod story;

pub use ledger::{Ledger, LedgerError, Open};
pub use story::{RunMeta, Story};
