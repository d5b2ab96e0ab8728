//! A person's own history on the way that every page takes: a CSV file, turned by a map into pages of rows.
//!
//! The map ([`map`]) says which column is what. The file is read into memory ([`file`]), its lines become rows ([`row`]), the
//! rows of one instant pages ([`pages`]) of a run; where a file has other rows there than before, all of them are another
//! run of the instant ([`revision`]). Publishing is the import's work ([`crate::import`]).

mod file;
mod map;
mod pages;
mod revision;
mod row;

pub(crate) use self::{file::Csv, map::Map, revision::History};
