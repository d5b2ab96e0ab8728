//! Asking a Jikan-v4-compatible API: addresses, paging, and the one HTTP client.

mod address;
mod client;
mod paging;

pub use address::path;
pub use client::{Answer, AskError, Client};
pub use paging::{Next, next};
