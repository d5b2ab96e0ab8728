//! Speed and size, as ratios against the limits of the same machine, taken in the same run.
//!
//! A figure in rows per second says more about the machine and its neighbours than about us. So beside the whole road
//! (RAW → validator → VALID → loader → Postgres) stand two limits on the same bytes and rows: judging them in one
//! thread, and COPY of them alone. What counts is the ratio.

pub mod archive;
pub mod browse;
pub mod clock;
pub mod copy;
pub mod fetching;
pub mod journey;
pub mod judge;
pub mod metrics;
pub mod proc;
pub mod report;
pub mod rest;
pub mod road;
pub mod spread;
pub mod table;
