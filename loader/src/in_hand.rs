//! How far a stream is projected while several of its batches are in hand and end in no order of theirs. Pure.

use std::collections::BTreeSet;

/// A batch, by its first and last sequence.
pub(crate) type Span = (i64, i64);

/// What is projected where batches end in no order of theirs.
#[derive(Debug, Default)]
pub(crate) struct InHand {
    /// The batches that are not written yet.
    pub(crate) batches: BTreeSet<Span>,
    /// The last sequence of those that are.
    pub(crate) written: i64,
    /// Up to where the tables say that all is.
    pub(crate) noted: i64,
    /// What was in other hands when this process began, which may not have lived to write it: up to where all of it is settled by now,
    /// and its last sequence. `None` until it is known.
    pub(crate) others: Option<Span>,
}

impl InHand {
    /// Up to where all is written once this one is.
    pub(crate) fn floor(&self, own: Span) -> i64 {
        let other = self.batches.iter().find(|other| **other != own);
        other.map_or(i64::MAX, |(first, _)| first - 1).min(self.written.max(own.1)).min(self.others_floor())
    }

    /// Up to where the others have written.
    fn others_floor(&self) -> i64 {
        self.others.filter(|(settled, last)| settled < last).map_or(i64::MAX, |(settled, _)| settled)
    }

    /// Learns up to where all is settled, of so much that was ever delivered.
    pub(crate) fn settled(&mut self, settled: i64, delivered: i64) {
        let last = self.others.map_or(delivered, |(_, last)| last);
        self.others = Some((settled, last));
    }

    /// Takes out a batch that is written; what is still to be noted where no other follows that would note it.
    pub(crate) fn end(&mut self, own: Span) -> Option<i64> {
        self.batches.remove(&own);
        self.written = self.written.max(own.1);
        let left = self.written.min(self.others_floor());
        (self.batches.is_empty() && self.noted < left).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_written_whatever_ends_first() {
        let mut in_hand = InHand { batches: [(1, 500), (501, 1_000)].into(), ..InHand::default() };
        assert_eq!(in_hand.floor((501, 1_000)), 0, "the first is not written");
        assert_eq!(in_hand.end((501, 1_000)), None, "the first notes it");
        in_hand.batches.insert((1_001, 1_200));
        assert_eq!(in_hand.floor((1, 500)), 1_000);
        assert_eq!(in_hand.floor((1_001, 1_200)), 0);
        in_hand.noted = 1_000;
        assert_eq!(in_hand.end((1, 500)), None);
        assert_eq!(in_hand.end((1_001, 1_200)), Some(1_200), "nobody follows");
    }

    #[test]
    fn a_message_that_comes_again_does_not_end_its_batch() {
        let mut in_hand = InHand { batches: [(1, 500), (1, 1)].into(), ..InHand::default() };
        assert_eq!(in_hand.end((1, 1)), None);
        assert_eq!(in_hand.floor((501, 600)), 0);
        assert_eq!(in_hand.end((1, 500)), Some(500));
    }

    #[test]
    fn what_a_process_before_had_in_hand_is_not_taken_for_written() {
        let mut in_hand = InHand::default();
        in_hand.settled(200, 500);
        in_hand.batches.insert((501, 510));
        assert_eq!(in_hand.floor((501, 510)), 200);
        assert_eq!(in_hand.end((501, 510)), Some(200));
        in_hand.settled(510, 600);
        in_hand.batches.insert((511, 520));
        assert_eq!(in_hand.floor((511, 520)), 520, "what was delivered later is in our hands");
    }

    #[test]
    fn of_one_batch_after_the_other_each_notes_itself() {
        let mut in_hand = InHand::default();
        for own in [(1, 500), (501, 700)] {
            in_hand.batches.insert(own);
            in_hand.noted = in_hand.floor(own);
            assert_eq!((in_hand.noted, in_hand.end(own)), (own.1, None));
        }
    }
}
