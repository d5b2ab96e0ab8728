//! A person's own history on the road that every page takes: a CSV file, turned by a map into pages of rows.
//!
//! The map ([`map`], written in TOML: [`keys`]) says which column is what and how its instants are written ([`time`]).
//! The file is read twice, so that its size needs no memory: first to learn which lines share an instant ([`index`]),
//! then instant by instant, as pages ([`pages`]) of rows ([`row`]). Each instant is a run; rows that were mended since are
//! another edition of it ([`editions`], [`known`]). What becomes of the pages is the import's work
//! ([`crate::import::work`]); the closing table ([`table`]) counts lines. Lines that are no rows are
//! kept in a file of their own ([`refused`]).

pub mod cut;
pub mod editions;
pub mod file;
pub mod index;
pub mod keys;
pub mod known;
pub mod map;
pub mod pages;
pub mod refused;
pub mod row;
pub mod table;
pub mod time;

pub use self::{file::Csv, index::Index, keys::MapError, map::Map, pages::Sheets, table::Table};
