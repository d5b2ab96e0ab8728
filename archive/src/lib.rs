//! Recordings and files on both sides of RAW: recordings and histories are imported, RAW is exported, and `archive keep`
//! writes it into files before it drops its oldest.

mod atomic_file;
pub mod cli;
pub mod commands;
mod counts;
mod export;
mod history;
pub mod import;
mod instant;
mod keep;
mod progress;
pub mod settings;
