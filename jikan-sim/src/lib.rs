//! An upstream that speaks Jikan v4 and tells of titles that do not exist, for machines without internet and for tests.
//!
//! Everything is a pure function of a seed and an instant: [`world`] invents the titles, [`snapshot`] says how they stand
//! at the instant, [`body`] writes it down byte for byte. [`api`] answers questions about it, [`archive`] writes the
//! answers of many days to a file, [`serve`] gives them over HTTP.
//! [`faults`] makes it misbehave, [`control`] switches that and remembers what was asked.

pub mod api;
pub mod archive;
pub mod body;
pub mod calendar;
pub mod chance;
pub mod cli;
pub mod clock;
pub mod companies;
pub mod control;
pub mod control_port;
pub mod faults;
pub mod flavour;
pub mod life;
pub mod limits;
pub mod naming;
pub mod recorded;
pub mod reply;
pub mod serve;
pub mod simulator;
pub mod snapshot;
pub mod tags;
pub mod wire;
pub mod words;
pub mod world;

/// The name of the source: in archives, and in the header by which the simulator says who it is.
pub const SOURCE: &str = "jikan-sim";
