//! The loader against real servers.

mod common;
mod order;
mod service;
mod tables;
