//! The fetcher as a person and the stack use it: the real program, between a real nats-server and a simulated upstream.
#![expect(clippy::unwrap_used, reason = "a test may end where it stands, in its helpers too")]

mod backfill;
mod classes;
mod failover;
mod lease;
mod odd;
mod once;
mod outage;
mod partial;
mod polite;
mod raw_socket;
mod schedule;
mod tls;
mod usage;
mod world;
