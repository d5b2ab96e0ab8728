//! The HTTP API over the stored time series.

pub mod answer;
pub mod endpoints;
pub mod openapi;
pub mod problem;
pub mod vocabulary;
