//! How anybody records a capture: pages to RAW or DLQ ([`publish`]), what became of the run to RUN ([`ledger`], [`state`]).
//!
//! Of several processes one works on a run ([`lease`]); RAW drops nothing that is still needed ([`headroom`]); whoever
//! publishes waits while NATS, or a stream, is unavailable ([`streams`]).

mod connect;
mod cost;
pub mod envelope;
pub mod headroom;
mod lease;
mod ledger;
pub mod publish;
mod state;
pub mod streams;

pub use connect::connect_soon;
pub use cost::RequestCost;
pub use headroom::RawSettings;
pub use lease::{Leases, patience};
pub use ledger::{Ledger, LedgerError, Open, is_unavailable};
pub use publish::Publisher;
pub use state::{RunMeta, RunState};
pub use streams::Streams;
