//! Captures lists of an upstream, on a schedule or on request.
//!
//! What a body is worth beyond its envelope is not asked here; that is the validator's work. Every capture is a run,
//! and what became of each of its pages is said on `RUN`, so that nothing is fetched twice.

mod about;
pub mod backfill;
pub mod capture;
pub mod captures;
pub mod cli;
pub mod commands;
pub mod metrics;
pub mod page_plan;
pub mod schedule;
pub mod settings;
mod stale;
pub mod upstream;
mod warnings;
