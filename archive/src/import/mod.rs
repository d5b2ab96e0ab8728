//! Recordings on the way to RAW. Each source yields [`Recording`]s ([`sources`], [`index`], or a history); a recording is
//! planned as a page ([`plan`]) of a run ([`group`]) and read ahead ([`reading`]); pages are published in their order
//! ([`importer`]), as far as an import that died has not published them ([`recover`]), and counted ([`report`]).

mod address;
mod group;
mod importer;
mod index;
mod plan;
mod reading;
mod recording;
mod recover;
mod report;
pub mod sources;

#[cfg(test)]
pub(crate) use self::plan::plan;
pub(crate) use self::recording::Recording;
pub use self::{importer::Importer, report::Report};
