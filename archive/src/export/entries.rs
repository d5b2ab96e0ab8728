//! Reads the streams that an export is made of, many messages in flight.

use std::{future::ready, ops::RangeInclusive, sync::Arc};

use futures::{Stream, StreamExt, TryStreamExt, stream};
use kansoku_nats::{PublishError, Stored};
use kansoku_runs::Streams;
use kansoku_schemas::RunEvent;

/// Messages requested at once: each may have 1 MiB.
const AT_ONCE: usize = 32;

/// What an export goes through.
pub(crate) enum Entry {
    /// What stands at a sequence of RAW; `None` where RAW has dropped it.
    Raw(u64, Option<Stored>),
    /// A dead letter of the stage `fetch`.
    DeadLetter(Stored),
    /// How a run ended.
    End(Box<RunEvent>),
}

/// RAW at these sequences, the dead letters of the stage `fetch`, and the last events of the runs that have ended, up to this
/// sequence of RUN.
pub(crate) fn entries(
    streams: &Arc<Streams>,
    raw_seqs: RangeInclusive<u64>,
    run_seqs: RangeInclusive<u64>,
) -> impl Stream<Item = Result<Entry, PublishError>> + use<> {
    let pages = raw(streams, raw_seqs).map_ok(|(seq, stored)| Entry::Raw(seq, stored));
    let letters = dead_letters(Arc::clone(streams)).map_ok(Entry::DeadLetter);
    let streams = Arc::clone(streams);
    let ends = stream::iter(run_seqs).map(move |seq| end_at(Arc::clone(&streams), seq)).buffered(AT_ONCE);
    pages.chain(letters).chain(ends.try_filter_map(|end| ready(Ok(end.map(Box::new).map(Entry::End)))))
}

/// The messages at these sequences of RAW, in this order.
pub(crate) fn raw(
    streams: &Arc<Streams>,
    seqs: RangeInclusive<u64>,
) -> impl Stream<Item = Result<(u64, Option<Stored>), PublishError>> + use<> {
    let streams = Arc::clone(streams);
    let read = move |seq| {
        let streams = Arc::clone(&streams);
        async move { Ok((seq, streams.read("RAW", seq).await?)) }
    };
    stream::iter(seqs).map(read).buffered(AT_ONCE)
}

/// The dead letters of the stage `fetch`, in their order.
fn dead_letters(streams: Arc<Streams>) -> impl Stream<Item = Result<Stored, PublishError>> {
    stream::try_unfold((streams, 1), async |(streams, next)| {
        let letter = streams.next_on_subject("DLQ", "dlq.fetch.>", next).await?;
        Ok(letter.map(|letter| {
            let next = letter.seq + 1;
            (letter, (streams, next))
        }))
    })
}

/// The event at this sequence of RUN, if it is the last one of a run and ends it.
async fn end_at(streams: Arc<Streams>, seq: u64) -> Result<Option<RunEvent>, PublishError> {
    let Some(stored) = streams.get("RUN", seq).await? else { return Ok(None) };
    let event = serde_json::from_slice::<RunEvent>(&stored.body).ok();
    let Some(event) = event.filter(RunEvent::has_ended) else { return Ok(None) };
    let last = streams.last_on_subject("RUN", &stored.subject).await?;
    Ok(last.is_some_and(|last| last.seq == seq).then_some(event))
}
