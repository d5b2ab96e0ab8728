//! The validator as a process of its own, between real streams.
#![expect(clippy::unwrap_used, reason = "a test may end where it stands, in its helpers too")]

mod configuration;
mod deployed;
mod full;
#[cfg(feature = "failpoints")]
mod killed;
mod pages;
mod world;
