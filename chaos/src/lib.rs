//! Breaks a running pipeline on purpose, and holds what is stored against what the upstream said.
//!
//! An [`experiment`] is a file: what is believed, what is done, and what has to be true afterwards. The [`stage`] is a real
//! pipeline whose connections all go through toxiproxy. [`inject`] does a [`fault`] to it and undoes it; a [`probe`] asks the
//! API all the while; the [`oracle`] counts every row in the end. [`random`] draws many
//! faults from a seed. [`rehearse`] plays one incident as people see it, and writes its timeline.

pub mod alerts;
pub mod clock;
pub mod collector;
pub mod disk;
pub mod experiment;
pub mod fault;
pub mod figures;
pub mod inject;
pub mod load;
pub mod oracle;
pub mod probe;
pub mod prometheus;
pub mod random;
pub mod rehearse;
pub mod report;
pub mod road;
pub mod run;
pub mod stage;
