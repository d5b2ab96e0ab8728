//! What the simulator does wrong on purpose: a catalogue of faults, how they are requested, and which request triggers them.
//!
//! [`CATALOGUE`] names them; [`Spec`] limits one to paths, pages, rows, probability, number and time; [`plan`] decides.

mod apply;
mod catalogue;
mod page;
pub mod plan;
mod replies;
mod rows;
mod spec;

pub(crate) use apply::{Effects, apply, with_bad_row};
pub use catalogue::{CATALOGUE, OUT_OF_SCOPE};
pub use plan::{Active, Incoming, Triggered};
pub use spec::{RetryAfter, Spec, profile};

use serde_json::Value;

use self::page::Page;
use crate::api::Reply;

/// One thing that can go wrong.
#[derive(Debug)]
pub struct Fault {
    /// By which it is switched on.
    pub name: &'static str,
    /// The number of the case of drift it plays; none for faults of the transport.
    pub case: Option<u8>,
    /// What it does.
    pub about: &'static str,
    pub(crate) kind: Kind,
}

/// How it is done.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Values of a row are set: JSON of values by pointer.
    Set(&'static str),
    /// A key of a row is removed.
    Remove(&'static str),
    /// A row is changed in another way.
    Row(fn(&mut Value)),
    /// The bytes of a row are changed, to what need not be JSON.
    Bytes(fn(&[u8]) -> Vec<u8>),
    /// The page around the rows is changed.
    Page(fn(&mut Page, Option<&[usize]>)),
    /// Rows of the page before stand on this one too.
    Neighbour,
    /// The filter is ignored.
    Unfiltered,
    /// This status and JSON instead of the reply.
    Error(u16, &'static str),
    /// This status and JSON instead of a 404.
    Missing(u16, &'static str),
    /// The reply is changed in another way.
    Answer(fn(&Triggered, &Context, &mut Reply)),
    /// The reply waits.
    Delay,
    /// The body comes byte by byte.
    Drip,
    /// The connection is reset.
    Reset,
    /// What is no HTTP is sent.
    Garbage,
    /// Our half of the connection is closed within the body, the other stays open.
    HalfClose,
    /// The connection ends within the body.
    Truncate,
    /// The connection waits before it is accepted.
    Accept,
}

/// What replies are made of.
#[derive(Debug, Clone)]
pub(crate) struct Context<'a> {
    /// The path and query of the request.
    pub(crate) address: &'a str,
    /// The simulator's time.
    pub(crate) at: chrono::DateTime<chrono::Utc>,
}

impl Kind {
    pub(crate) const fn is_accept(&self) -> bool {
        matches!(self, Self::Accept)
    }

    /// Whether `rows` means anything to it.
    pub(crate) const fn takes_rows(&self) -> bool {
        matches!(
            self,
            Self::Set(_) | Self::Remove(_) | Self::Row(_) | Self::Bytes(_) | Self::Page(_) | Self::Neighbour
        )
    }
}

/// The fault of this name.
pub fn named(name: &str) -> Option<&'static Fault> {
    CATALOGUE.iter().find(|fault| fault.name == name)
}
