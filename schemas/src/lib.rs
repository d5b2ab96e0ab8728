//! The contracts of the pipeline: JSON Schemas in `json/`, the typed events that travel between services, and the judge
//! that holds an upstream page against the schemas row by row. Depends on none of our crates.

mod anime;
mod archive;
mod archive_event;
mod capture;
mod census;
mod contract;
mod dataset;
mod ids;
pub mod judge;
mod run_event;

pub use anime::{Anime, Named, Precision};
pub use archive::{ArchiveError, ArchiveLine, ArchiveReader, write_line};
pub use archive_event::ArchiveEvent;
pub use capture::{BodyError, Capture};
pub use census::{Census, PageCensus};
pub use contract::{
    Accounts, ContractPage, GENRE_PAGE, GenrePage, GenreRow, HISTORY_PAGE, HistoryPage, HistoryRow, PageMeta,
    Replay, SNAPSHOT_PAGE, SnapshotPage, SnapshotRow, Warning,
};
pub use dataset::{Classified, Dataset, RowKind, classify, source_of};
pub use ids::{Catalogue, Position, Reason, Root, RunId, Season, Stage, UnknownToken};
pub use judge::{Fact, Judge, Judged, PageVerdict, Rejection, RowVerdict, SchemaError, SchemaFault};
pub use run_event::{FailedPage, RunEvent, RunEventKind, has_all};
