//! Brings pages into RAW: from an upstream on a schedule, or from recordings.
//!
//! What a body is worth beyond its envelope is not asked here; that is the validator's work. Every capture is a run,
//! and what became of each of its pages is said on `RUN`, so that nothing is fetched or imported twice.

pub mod archive;
pub mod backfill;
pub mod capture;
pub mod cli;
pub mod commands;
pub mod envelope;
pub mod export;
pub mod history;
pub mod import;
pub mod link;
pub mod metrics;
pub mod publish;
pub mod room;
pub mod runs;
pub mod schedule;
pub mod settings;
pub mod upstream;
