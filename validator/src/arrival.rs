//! A page as it comes, and the numbers that are left of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kansoku_nats::Delivery;
use kansoku_schemas::Position;

/// A page in hand.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The message.
    pub delivery: &'a Delivery,
    /// The epoch of its stream position: RAW's creation in ms.
    pub epoch: u64,
    /// Now.
    pub now: DateTime<Utc>,
}

impl Arrival<'_> {
    /// Where the page is in RAW.
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch, seq: self.delivery.stored.seq }
    }
}

/// The numbers of a judged page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Rows that passed.
    pub accepted: u32,
    /// Rows that did not.
    pub dead: u32,
    /// Values that were not what the words say, by name.
    pub drift: BTreeMap<String, u32>,
}
