//! One file for each resource, with its SQL beside it.

pub mod genre_distribution;
pub mod journey;
pub mod run_days;
pub mod runs;
pub mod seasonal_trend;
pub mod sources;
pub mod title;
pub mod title_days;
mod title_parts;
pub mod title_similar;
pub mod title_weeks;
pub mod titles;
mod titles_known;
pub mod top_anime;
