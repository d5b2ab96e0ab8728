//! The tests of servers and of `make up`, in one program.
#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

mod full_disk;
mod installation;
mod servers;
mod sniffer;
mod tls;
mod up;
mod watched;
mod wrappers;
