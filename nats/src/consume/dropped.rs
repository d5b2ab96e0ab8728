//! Messages that a stream dropped before its consumer got them. Whoever publishes makes sure that there are none; where
//! there are some all the same, it is said, since nothing else would show it.

use std::{
    ops::RangeInclusive,
    sync::atomic::{AtomicU64, Ordering},
};

use super::handler::ConsumerSpec;
use crate::{message::ConsumerState, metrics, stored::StreamState};

/// Reports each of them once.
pub(super) struct Dropped<'a> {
    spec: &'a ConsumerSpec,
    metrics: &'a metrics::Consumer,
    /// The highest sequence that was reported.
    reported: AtomicU64,
}

impl<'a> Dropped<'a> {
    pub(super) fn new(spec: &'a ConsumerSpec, metrics: &'a metrics::Consumer) -> Self {
        Self { spec, metrics, reported: AtomicU64::default() }
    }

    pub(super) fn check(&self, stream: &StreamState, consumer: &ConsumerState) {
        let reported = self.reported.load(Ordering::Relaxed);
        let Some(lost) = between(stream, settled(consumer).max(reported)) else { return };
        self.reported.store(*lost.end(), Ordering::Relaxed);
        let ConsumerSpec { stream, durable, .. } = self.spec;
        let (first, last) = lost.into_inner();
        let count = last - first + 1;
        self.metrics.dropped(count);
        tracing::error!(
            count,
            first,
            last,
            "{stream} has dropped {count} messages ({first} to {last}) that the {durable} never got or may not have settled; bring their pages \
             again with `archive import --again` from where they came, and raise the stream's max_bytes"
        );
    }
}

/// Up to which sequence nothing can be lost: of what was delivered and is not settled some may be.
fn settled(consumer: &ConsumerState) -> u64 {
    if consumer.num_ack_pending == 0 { consumer.delivered } else { consumer.ack_floor }
}

/// Sequences after it that the stream no longer has.
fn between(stream: &StreamState, settled: u64) -> Option<RangeInclusive<u64>> {
    let lost = settled + 1..=stream.first_seq.saturating_sub(1);
    (stream.drops_oldest && !lost.is_empty()).then_some(lost)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn what_was_never_delivered_and_is_gone_is_found() {
        let stream = |first_seq: u64, drops_oldest| StreamState {
            created: DateTime::UNIX_EPOCH,
            messages: 10 + 1 - first_seq.min(11),
            bytes: 1,
            max_bytes: Some(1),
            drops_oldest,
            first_seq,
            last_seq: 10,
        };
        assert_eq!(between(&stream(6, true), 3), Some(4..=5));
        assert_eq!(between(&stream(6, true), 5), None);
        assert_eq!(between(&stream(11, true), 10), None, "empty");
        assert_eq!(between(&stream(0, true), 0), None, "new");
        assert_eq!(between(&stream(6, false), 3), None, "an older event of the same run");
    }
}
