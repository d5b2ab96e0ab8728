//! Speed and cost on this machine, beside peers that share no code with us and run in the same run.
//!
//! A figure in rows per second says more about the machine and its neighbours than about a program. What counts is the
//! processor time of a row, over all processes, and the ratio to the peers: a Python script with the fastest libraries
//! that does the same essential work, and its parser and validator alone.

pub mod answers;
pub mod archive;
pub mod browse;
pub mod clock;
pub mod dead_letters;
pub mod fetching;
pub mod flood;
pub mod judge;
pub mod metrics;
pub mod overhead;
pub mod page;
pub mod peers;
pub mod pipeline;
pub mod proc;
pub mod questions;
pub mod report;
pub mod scale;
pub mod services;
pub mod table;
