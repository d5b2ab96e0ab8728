//! What the loop decides: how many messages to pull, and in which order to treat a batch. Pure.

use crate::message::ConsumerState;

/// A message delivered more often than this is not handled any more.
pub const MAX_DELIVERIES: u64 = 5;

/// How the loop pulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Whole batches.
    Fast,
    /// One message, settled and confirmed before the next is pulled: there may be a poison message, which kills its
    /// process, and then only the one in hand is delivered once more.
    Isolated {
        /// It ends when everything up to this stream sequence is settled; `None` until the consumer's state is known.
        until: Option<u64>,
    },
}

impl Mode {
    /// At start, unsettled messages may be what a killed process left.
    pub(crate) fn at_start(state: &ConsumerState) -> Self {
        if state.num_ack_pending == 0 { Self::Fast } else { Self::Isolated { until: Some(state.delivered) } }
    }

    /// After a batch of (stream sequence, deliveries) arrived.
    pub(crate) fn after_pull(self, batch: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let again = batch.into_iter().filter(|(_, deliveries)| *deliveries > 1).map(|(seq, _)| seq).max();
        match (self, again) {
            (mode, None) => mode,
            (Self::Fast, Some(_)) => Self::Isolated { until: None },
            (Self::Isolated { until }, Some(seq)) => {
                Self::Isolated { until: until.map(|until| until.max(seq)) }
            }
        }
    }

    /// With the consumer's state. A consumer with nothing unsettled ends it too: it may have been reset to a place
    /// before `until`.
    pub(crate) fn after_state(self, state: &ConsumerState) -> Self {
        match self {
            Self::Fast => Self::Fast,
            Self::Isolated { .. } if state.num_ack_pending == 0 => Self::Fast,
            Self::Isolated { until: None } => Self::Isolated { until: Some(state.delivered) },
            Self::Isolated { until: Some(until) } if state.ack_floor >= until => Self::Fast,
            isolated @ Self::Isolated { .. } => isolated,
        }
    }

    /// How many messages to pull where `full` is a whole batch.
    pub(crate) fn batch(self, full: usize) -> usize {
        if self.is_isolated() { 1 } else { full }
    }

    pub(crate) fn is_isolated(self) -> bool {
        matches!(self, Self::Isolated { .. })
    }
}

/// One step through a batch; the numbers are places in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// One effect for these messages.
    Handle(Vec<usize>),
    /// Not handled any more.
    GiveUp(usize),
}

/// Messages delivered for the first time go first, as one effect. Each redelivered one is an effect of its own after
/// them: if it kills the process, the others are settled.
pub(crate) fn steps(deliveries: &[u64]) -> Vec<Step> {
    let places = |wanted: fn(u64) -> bool| {
        deliveries.iter().enumerate().filter(move |(_, count)| wanted(**count)).map(|(place, _)| place)
    };
    let first: Vec<_> = places(|count| count <= 1).collect();
    let together = (!first.is_empty()).then_some(Step::Handle(first));
    let given_up = places(|count| count > MAX_DELIVERIES).map(Step::GiveUp);
    let alone = places(|count| (2..=MAX_DELIVERIES).contains(&count)).map(|place| Step::Handle(vec![place]));
    together.into_iter().chain(given_up).chain(alone).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn state(ack_floor: u64, delivered: u64, num_ack_pending: u64) -> ConsumerState {
        let ack_wait = std::time::Duration::from_secs(30);
        ConsumerState { num_pending: 0, num_ack_pending, num_redelivered: 0, ack_floor, delivered, ack_wait }
    }

    #[test]
    fn pending_acks_at_start_make_it_isolated() {
        assert_eq!(Mode::at_start(&state(7, 7, 0)), Mode::Fast);
        assert_eq!(Mode::at_start(&state(7, 9, 2)), Mode::Isolated { until: Some(9) });
    }

    #[test]
    fn it_ends_when_all_that_was_delivered_at_its_begin_is_settled() {
        let isolated = Mode::Fast.after_pull([(3, 2)]);
        assert_eq!(isolated, Mode::Isolated { until: None });
        let isolated = isolated.after_state(&state(2, 9, 4));
        assert_eq!(isolated, Mode::Isolated { until: Some(9) });
        assert_eq!(isolated.after_state(&state(8, 20, 5)), isolated, "8 < 9");
        assert_eq!(isolated.after_state(&state(9, 20, 5)), Mode::Fast, "others' newer messages do not count");
    }

    #[test]
    fn a_newer_redelivery_prolongs_it() {
        let isolated = Mode::Isolated { until: Some(9) }.after_pull([(12, 3)]);
        assert_eq!(isolated, Mode::Isolated { until: Some(12) });
        assert_eq!(isolated.after_state(&state(11, 20, 1)), isolated);
    }

    #[test]
    fn a_reset_consumer_does_not_stay_isolation_forever() {
        let isolated = Mode::Isolated { until: Some(1_000) };
        assert_eq!(isolated.after_state(&state(0, 0, 0)), Mode::Fast);
    }

    proptest! {
        #[test]
        fn every_message_is_treated_once_and_new_ones_first(deliveries in prop::collection::vec(1u64..9, 0..40)) {
            let steps = steps(&deliveries);
            let mut seen = Vec::new();
            let mut redelivered_seen = false;
            for step in &steps {
                match step {
                    Step::Handle(places) => {
                        let again = places.iter().filter(|place| deliveries[**place] > 1).count();
                        prop_assert!(again == 0 || places.len() == 1, "a redelivered message is alone");
                        prop_assert!(again > 0 || !redelivered_seen, "new ones go first");
                        prop_assert!(places.iter().all(|place| deliveries[*place] <= MAX_DELIVERIES));
                        redelivered_seen |= again > 0;
                        seen.extend(places);
                    }
                    Step::GiveUp(place) => {
                        prop_assert!(deliveries[*place] > MAX_DELIVERIES);
                        redelivered_seen = true;
                        seen.push(*place);
                    }
                }
            }
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..deliveries.len()).collect::<Vec<_>>());
        }

        #[test]
        fn only_a_settled_past_ends_it(until in 0u64..50, floor in 0u64..50, pending in 0u64..3) {
            let after = Mode::Isolated { until: Some(until) }.after_state(&state(floor, 99, pending));
            prop_assert_eq!(after == Mode::Fast, pending == 0 || floor >= until);
        }
    }
}
