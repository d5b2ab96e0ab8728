//! Against a real nats-server: one program, so that it is linked once.
#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

mod at_once;
mod common;
mod consume;
mod isolation;
mod kv;
mod permissions;
mod publish;
mod topology;
mod traces;
mod unparsable;
