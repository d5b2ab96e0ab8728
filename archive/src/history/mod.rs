//! A person's own history on the way that every page takes: a CSV file, turned by a map into pages of rows.
//!
//! The map ([`map`]) says which column is what and how its instants are written ([`time`]). The file is read into memory
//! ([`file`]), its lines become rows ([`row`]), the rows of one instant pages ([`pages`]) of a run; where a file has other
//! rows there than before, all of them are another run of the instant ([`revision`]). Publishing is the import's work
//! ([`crate::import`]); the closing table ([`table`]) counts lines. Lines that are no rows are kept in a file of their own
//! ([`refused`]).

pub mod file;
pub mod keys;
pub mod map;
pub mod pages;
pub mod refused;
pub mod revision;
pub mod row;
pub mod table;
pub mod time;

pub use self::{file::Csv, keys::MapError, map::Map, revision::History, table::Table};
