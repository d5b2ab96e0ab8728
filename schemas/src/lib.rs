//! The contracts of the pipeline: JSON Schemas in `json/`, the typed events that travel between services, and the judge
//! that holds an upstream page against the schemas row by row. Depends on none of our crates.

mod archive;
mod archive_event;
mod capture;
mod census;
#[cfg(test)]
mod contracts_tests;
mod dataset;
pub mod filter;
mod ids;
pub mod judge;
pub mod locate;
mod page;
mod rows;
mod run_event;
pub mod splice;
mod target;

pub use archive::{ArchiveError, ArchiveLine, ArchiveReader, write_line};
pub use archive_event::ArchiveEvent;
pub use capture::{BodyError, Capture};
pub use census::Census;
pub use dataset::{Classified, Dataset, RowKind, classify, source_of};
pub use ids::{Catalogue, ItemState, Position, Reason, Root, RunId, Season, Stage, UnknownToken};
pub use judge::{
    Deployed, Judge, Judged, RejectedRow, Rejection, SchemaError, SchemaSettings, SchemaTexts, Violation,
};
pub use page::{Page, PageBody, PageCounts, PageError, PageMeta, Replay, Warning};
pub use rows::{Anime, GenreRow, HistoryRow, Named, Precision, Rows, SnapshotRow};
pub use run_event::{FailedPage, RunEvent, RunEventKind, has_all};
pub use target::{LISTS, Target};
