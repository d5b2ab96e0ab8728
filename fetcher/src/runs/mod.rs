//! A run: what is known of it ([`story`]), how that is told on `RUN` ([`ledger`]), whose it is ([`lease`]), and what is odd
//! about it beside the runs before ([`warnings`]).

mod lease;
mod ledger;
mod stale;
mod story;
mod warnings;

pub use lease::{Leases, patience};
pub use ledger::{Ledger, LedgerError, Open};
pub use story::{RunMeta, Story};
pub use warnings::{LOOKED_BACK, warnings};
