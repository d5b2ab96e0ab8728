//! The streams as an archive: RAW in its order, then the answers that were no pages, then how runs ended ([`entries`]); each
//! message a line ([`line`]), counted ([`table`]).

mod entries;
mod line;
mod table;

pub(crate) use self::{
    entries::{Entry, entries, raw},
    line::{Line, Lines},
    table::{Period, Table},
};
