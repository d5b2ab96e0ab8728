//! The service over real servers, asked as a client asks it.

mod bodies;
mod cache;
mod crowd;
mod documented;
mod facets;
#[path = "../../build/fingerprint.rs"]
mod fingerprint;
mod headers;
mod history;
mod operator;
mod pages;
mod parameters;
mod plain_lines;
mod plain_reading;
mod plans;
mod process;
mod resilience;
mod schemathesis;
mod similar;
mod statistics;
mod support;
mod titles;
mod web;
