//! Real servers and services in folders of their own: behind `make up`, the tests and the benchmarks.
//!
//! Nothing here sleeps for a guess: every start waits for an answer ([`until`]), and keeps the log of the
//! process to show when the answer does not come. A started process dies with the process that started it,
//! whatever kills that one ([`child`]).

pub mod child;
mod cores;
pub mod nats;
pub mod observe;
pub mod pipeline;
pub mod port;
pub mod postgres;
pub mod process;
pub mod redis;
pub mod server;
pub mod tls;
pub mod tools;
pub mod toxiproxy;
pub mod up;
mod wait;
pub mod world;

pub use wait::until;
