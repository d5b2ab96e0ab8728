//! An upstream that speaks Jikan v4 with titles that do not exist, for machines without internet and for tests.
//!
//! Everything is a pure function of a seed and an instant: [`world`] invents the titles, [`snapshot`] gives their state
//! at the instant, [`body`] writes it byte for byte. [`api`] answers requests, [`archive`] writes the answers of many days
//! to a file, [`serve`] gives them over HTTP. [`faults`] makes it misbehave, [`control`] switches that and logs requests.

pub mod api;
pub mod archive;
pub mod body;
pub mod calendar;
pub mod cli;
pub mod control;
pub mod control_port;
pub mod faults;
pub mod labels;
pub mod naming;
pub mod recorded;
pub mod rng;
pub mod serve;
pub mod simulator;
pub mod snapshot;
pub mod trajectory;
mod words;
pub mod world;

/// The name of the source: in archives, and in the header by which the simulator identifies itself.
pub const SOURCE: &str = "jikan-sim";
