//! `archive` as a person and the stack use it: the real program against a real nats-server.
#![expect(clippy::unwrap_used, reason = "a test may end where it stands, in its helpers too")]

mod away;
mod crowd;
mod export;
mod history;
mod input;
mod inside;
mod interrupted;
mod keep;
#[cfg(feature = "failpoints")]
mod mended;
mod recorded;
mod usage;
