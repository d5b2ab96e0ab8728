//! The replayer against real servers, beside the real validator and loader.

#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test that called it")]

mod killed;
mod large;
mod outage;
mod outbox;
mod poison;
mod rebuilt;
mod story;
mod world;
