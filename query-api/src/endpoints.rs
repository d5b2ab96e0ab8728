//! One file for each resource, with its SQL beside it.

pub mod genre_distribution;
pub mod run_days;
pub mod runs;
pub mod seasonal_trend;
pub mod sources;
mod titles_known;
pub mod top_anime;
