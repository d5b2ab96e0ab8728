//! Which of several rows wins a key.
//!
//! The same rules stand as conditions in the upserts; here they are applied within a batch, because one statement may
//! touch a row only once. Both sides are total orders, so any order of arrival picks the same winner.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, btree_map::Entry},
};

use chrono::{DateTime, Utc};
use kansoku_schemas::Page;
use serde::Serialize;

/// Where a row comes from: the RAW position of its page, and when that was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Origin {
    /// RAW's creation time, ms.
    pub epoch: i64,
    /// The sequence in RAW.
    pub seq: i64,
    /// When the page was judged.
    pub judged_at: DateTime<Utc>,
}

impl Origin {
    /// Of the rows of a page, which was found storable: its position fits.
    pub fn of(page: &Page) -> Self {
        let (epoch, seq) = (page.raw.epoch.cast_signed(), page.raw.seq.cast_signed());
        Self { epoch, seq, judged_at: page.body.judged_at }
    }

    /// The position in RAW.
    pub fn raw(&self) -> RawPosition {
        (self.epoch, self.seq)
    }
}

/// A position in RAW as the tables have it: epoch and sequence.
pub type RawPosition = (i64, i64);

/// How many rows a message has of its page. One that is full has the most there can be; so has the replay of a row, which
/// stands for a row of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extent(i32);

impl Extent {
    /// The most.
    pub const FULL: Self = Self(i32::MAX);

    /// Of a message with so many rows, where a full page has `limit`.
    pub fn new(received: i32, limit: i32, is_row_replay: bool) -> Self {
        if is_row_replay || received >= limit { Self::FULL } else { Self(received) }
    }

    /// The rows, where they are fewer than the most.
    pub fn rows(self) -> Option<i32> {
        (self != Self::FULL).then_some(self.0)
    }
}

/// The rank of an observation within its run: that of the lower page, of one page that of the message with more rows, then the
/// lower position, then the later origin.
pub type PlaceRank = (Reverse<i32>, Extent, Reverse<i64>, Origin);

/// The rank of facts: the newest capture, then the later stream position, the lower position, the later judgement.
pub type FactsRank = (DateTime<Utc>, i64, i64, Reverse<i64>, DateTime<Utc>);

/// The rank of facts seen at `captured_at` on `position`.
pub fn facts_rank(captured_at: DateTime<Utc>, position: i64, origin: Origin) -> FactsRank {
    (captured_at, origin.epoch, origin.seq, Reverse(position), origin.judged_at)
}

/// Keeps the row of the highest rank for each key; the result is sorted by key, so that all writers lock in one order.
pub fn winners<K: Ord, R: Ord, T>(rows: impl IntoIterator<Item = (K, R, T)>) -> Vec<(K, T)> {
    let mut best: BTreeMap<K, (R, T)> = BTreeMap::new();
    for (key, rank, row) in rows {
        match best.entry(key) {
            Entry::Vacant(slot) => {
                slot.insert((rank, row));
            }
            Entry::Occupied(mut slot) if slot.get().0 < rank => {
                slot.insert((rank, row));
            }
            Entry::Occupied(_) => {}
        }
    }
    best.into_iter().map(|(key, (_, row))| (key, row)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_lowest_position_wins_whatever_its_sequence() {
        let origin = |seq| Origin { epoch: 1, seq, judged_at: DateTime::UNIX_EPOCH };
        let kept = winners([
            ("x", (Reverse(7), origin(30)), "seventh"),
            ("x", (Reverse(2), origin(10)), "second"),
            ("x", (Reverse(2), origin(20)), "second again"),
            ("a", (Reverse(9), origin(5)), "other"),
        ]);
        assert_eq!(kept, [("a", "other"), ("x", "second again")]);
    }

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(
            mut rows in prop::collection::vec((0u8..4, (0u8..4, 0u8..4)), 0..24),
            rotation in 0usize..24,
        ) {
            let pick = |list: &[(u8, (u8, u8))]| winners(list.iter().map(|&(key, rank)| (key, rank, rank)));
            let expected = pick(&rows);
            let repeated = rows.clone();
            rows.extend(repeated);
            let turn = rotation % rows.len().max(1);
            rows.rotate_left(turn);
            prop_assert_eq!(pick(&rows), expected);
        }
    }
}
