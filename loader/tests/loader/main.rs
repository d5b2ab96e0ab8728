//! The loader against real servers.

#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test that called it")]

mod common;
mod history;
mod order;
mod service;
mod strays;
mod tables;
