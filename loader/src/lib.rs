//! Commits judged pages and run events to Postgres; owns the tables.
//!
//! A message of VALID becomes a [`page::Page`]; [`store::Store::commit`] writes a batch of them in one transaction whose
//! conditions make every order of arrival, every repetition and every cut into batches give the same tables. What the
//! database refuses is sorted by [`fault`]: rows that do not fit become dead letters ([`dead`]), everything else holds the
//! batch ([`hold`]). [`pages`] and [`runs`] are the handlers behind the one consume loop.

pub mod bisect;
pub mod candidate;
pub mod champions;
pub mod dead;
pub mod fault;
pub mod hold;
pub mod metrics;
pub mod numbers;
pub mod page;
pub mod pages;
pub mod runs;
pub mod settings;
mod slice;
mod start;
pub mod store;

pub use start::{migrate, start};
