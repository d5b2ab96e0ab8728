//! RAW goes into files by itself ([`archiver`]), a file a day or less ([`span`]).

mod archiver;
mod metrics;
mod span;

pub(crate) use {archiver::Archiver, metrics::ArchiverMetrics};
