//! Recordings and files on both sides of RAW: recordings and histories are imported, RAW is exported, and `archive keep`
//! writes it into files before it drops its oldest.

pub mod cli;
pub mod commands;
pub mod draft;
pub mod export;
pub mod history;
pub mod import;
pub mod keep;
pub mod settings;
