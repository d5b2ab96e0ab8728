//! RAW goes into files by itself ([`archiver`]), a file a day or less ([`cut`], [`names`]).

pub mod archiver;
pub mod cut;
pub mod found;
pub mod names;

pub use archiver::Archiver;
