//! What the simulator does wrong on purpose: a catalogue of faults, how they are asked for, and which request meets them.
//!
//! [`CATALOGUE`] names them; [`Spec`] limits one to paths, pages, rows, chance, number and time; [`plan`] decides.

mod apply;
mod catalogue;
mod page;
pub mod plan;
mod replies;
mod rows;
mod spec;

pub use apply::{Effects, apply};
pub use catalogue::{CATALOGUE, OUT_OF_SCOPE};
pub use plan::{Active, Asked, Met};
pub use spec::{RetryAfter, Spec, profile};

use serde_json::Value;

use self::page::Page;
use crate::reply::{Errors, Reply};

/// One thing that can go wrong.
#[derive(Debug)]
pub struct Fault {
    /// By which it is asked for.
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
    /// A row is changed.
    Row(fn(&mut Value)),
    /// The bytes of a row are changed, to what need not be JSON.
    Bytes(fn(&[u8]) -> Vec<u8>),
    /// The page around the rows is changed.
    Page(fn(&mut Page, Option<&[usize]>)),
    /// Rows of the page before stand on this one too.
    Neighbour,
    /// The filter is not looked at.
    Unfiltered,
    /// An error instead of the answer.
    Error(fn(&Met, &Scene) -> Reply),
    /// An error instead of a 404.
    Missing(fn(&Met, &Scene) -> Reply),
    /// The finished answer is changed.
    Answer(fn(&Met, &mut Reply)),
    /// The answer waits.
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
    /// The connection waits before anybody takes it.
    Accept,
}

/// What errors are made of.
#[derive(Debug, Clone)]
pub struct Scene<'a> {
    /// The shape of errors.
    pub errors: Errors,
    /// The path asked for.
    pub path: &'a str,
    /// The path and query asked for.
    pub address: &'a str,
    /// The simulator's time.
    pub at: chrono::DateTime<chrono::Utc>,
}

impl Kind {
    pub(crate) const fn is_accept(&self) -> bool {
        matches!(self, Self::Accept)
    }

    /// Whether `rows` means anything to it.
    pub(crate) const fn takes_rows(&self) -> bool {
        matches!(self, Self::Row(_) | Self::Bytes(_) | Self::Page(_) | Self::Neighbour)
    }
}

/// The fault of this name.
pub fn named(name: &str) -> Option<&'static Fault> {
    CATALOGUE.iter().find(|fault| fault.name == name)
}
