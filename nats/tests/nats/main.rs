//! Against a real nats-server: one program, so that it is linked once.

mod common;
mod consume;
mod publish;
