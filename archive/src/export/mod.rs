//! The streams as an archive: RAW in its order, then the answers that were no pages, then how runs ended ([`entries`]); each
//! message a capture ([`captures`]), counted ([`table`]).

mod captures;
mod entries;
mod table;

pub(crate) use self::{
    captures::Captures,
    entries::{Entry, entries, raw},
    table::{Period, Table},
};
