//! Commits judged pages and run events to Postgres; owns the tables.
//!
//! A message of VALID becomes a [`kansoku_schemas::Page`]; [`storable`] tells which of its rows the tables can hold, and
//! [`store::Store::commit`] writes a batch of pages in one transaction whose conditions make every order of arrival, every
//! repetition and every cut into batches give the same tables. Rows that cannot be stored become dead letters ([`dead_letters`]);
//! what an error of the database means is told by [`db_error`]. [`pages`], [`runs`] and [`projection`] are the
//! handlers behind the one consume loop.

pub mod action;
pub mod db_error;
pub mod dead_letter_gauges;
pub mod dead_letters;
mod fill;
mod in_hand;
pub mod ledger_gauges;
pub mod letter;
pub mod metrics;
pub mod numbers;
pub mod page;
pub mod page_times;
pub mod pages;
pub mod projection;
pub mod runs;
pub mod settings;
pub mod staged;
mod start;
pub mod storable;
pub mod store;
mod weeks;
pub mod winner;

pub use start::{migrate, rebuild, rebuild_dead_letters, start};

/// Where a test kills the process.
pub(crate) fn failpoint(name: &'static str) {
    #[cfg(feature = "failpoints")]
    fail::fail_point!(name, |_| kansoku_service::kill_this_process());
    #[cfg(not(feature = "failpoints"))]
    let _ = name;
}
