//! The loader against real servers.

#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test that called it")]

mod common;
mod facets;
mod failpoints;
mod groups;
mod harness;
mod history;
mod ledger;
mod letters;
mod mismatch;
mod new_letters;
mod order;
mod rebuilding;
mod rejected;
mod service;
mod silence;
mod storable;
mod tables;
mod two_batches;
mod unfit;
mod weeks;
