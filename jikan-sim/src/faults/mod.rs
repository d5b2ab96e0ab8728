//! What the simulator does wrong on purpose: [`CATALOGUE`] names the faults, a [`Spec`] switches one on and limits it.

mod apply;
mod catalogue;
mod page;
mod spec;

pub(crate) use apply::{apply, with_bad_row};
pub use catalogue::CATALOGUE;
pub use spec::Spec;
pub(crate) use spec::{Active, Triggered};

use self::page::Page;

/// One thing that can go wrong.
#[derive(Debug)]
pub struct Fault {
    /// By which it is switched on.
    pub name: &'static str,
    /// The number of the case of drift it plays; none where no upstream was seen to do it.
    pub case: Option<u8>,
    /// What it does.
    pub about: &'static str,
    pub(crate) kind: Kind,
}

/// How it is done.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Values of a row are set: JSON of values by pointer. (A JSON merge patch could not set a null, which is what most real
    /// drift does.)
    Set(&'static str),
    /// The time at this pointer of a row loses its time of day.
    Day(&'static str),
    /// A key of a row is removed.
    Remove(&'static str),
    /// The page around the rows is changed.
    Page(fn(&mut Page, Option<&[usize]>)),
    /// The last row of the page before stands on this one too.
    Neighbour,
    /// The filter is ignored.
    Unfiltered,
    /// This status and JSON instead of the reply.
    Error(u16, &'static str),
    /// This status and JSON instead of a 404.
    Missing(u16, &'static str),
    /// This body instead of the reply's.
    Body(&'static str),
}

impl Kind {
    /// Whether `rows` means anything to it.
    pub(crate) const fn takes_rows(&self) -> bool {
        matches!(self, Self::Set(_) | Self::Day(_) | Self::Remove(_) | Self::Page(_) | Self::Neighbour)
    }
}

/// The fault of this name.
pub fn named(name: &str) -> Option<&'static Fault> {
    CATALOGUE.iter().find(|fault| fault.name == name)
}
