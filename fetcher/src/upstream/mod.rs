//! Requests to a Jikan-v4-compatible API: limits, retries, and the one HTTP client.
//!
//! What all processes know of a base URL is one state machine ([`state`]), kept in NATS ([`endpoint`]).

pub mod classes;
mod client;
mod cost;
pub mod endpoint;
pub mod probe;
mod redirect;
mod settings;
pub mod state;
pub mod transport;

pub use client::{Answer, Client, Common, RequestError};
pub use endpoint::{StateError, Store};
pub use settings::{ClientSettings, LimitSettings, Upstream};
