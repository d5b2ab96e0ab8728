//! Asking a Jikan-v4-compatible API: addresses, paging, limits, tries, and the one HTTP client.

mod address;
pub mod breaker;
pub mod budget;
pub mod classes;
mod client;
mod cost;
pub mod limiter;
mod paging;
mod pauses;
pub mod probe;
pub mod quiet;
mod redirect;
pub mod shared;
pub mod standing;
pub mod transport;

pub use address::{LISTS, path};
pub use client::{Answer, AskError, Client, Common};
pub use paging::{Next, next};
pub use shared::Shared;
