//! What operators see and do: dead letters, their groups, plans, jobs, the audit and the ledger. Apart from the open
//! resources: nothing here is cached, everything needs an operator, and what changes something is one transaction that
//! leaves the rest to the replayer.
//!
//! To add an endpoint: a handler that takes an [`access::Operator`] with the right it needs, its line in [`routes`], a line
//! in the test of denials, and `make generate`.

pub mod access;
mod actions;
mod audit;
mod bulk;
mod change;
mod command;
mod condition;
mod correct;
mod detail;
mod facets;
mod group_change;
mod groups;
mod ids;
mod items;
mod jobs;
mod ledger;
mod letters;
mod plans;
mod refusal;
mod request;
mod router;
mod schemas;
mod state;
mod text;
mod title_words;
mod verdict;

pub(crate) use refusal::{PlacedFault, Refusal};
pub(crate) use router::{document, routes};
pub(crate) use state::Operators;
pub(crate) use verdict::Judges;
