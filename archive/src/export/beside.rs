//! What an export has beside RAW: the answers that were no pages, and how runs ended.

use std::{collections::BTreeMap, sync::Arc};

use futures::{Stream, StreamExt, TryStreamExt, future, stream};
use kansoku_nats::{PublishError, Stored};
use kansoku_runs::Streams;
use kansoku_schemas::{RunEvent, RunId};

/// Messages asked for at once.
const AT_ONCE: usize = 32;

/// The dead letters of the stage `fetch`, in their order.
pub fn letters(streams: &Arc<Streams>) -> impl Stream<Item = Result<Stored, PublishError>> + use<> {
    let streams = Arc::clone(streams);
    stream::try_unfold(1, move |next| {
        let streams = Arc::clone(&streams);
        async move {
            let letter = streams.next_on_subject("DLQ", "dlq.fetch.>", next).await?;
            Ok(letter.map(|letter| {
                let next = letter.seq + 1;
                (letter, next)
            }))
        }
    })
}

/// The last events of the runs that have ended, in their order.
pub fn ends(streams: &Arc<Streams>) -> impl Stream<Item = Result<RunEvent, PublishError>> + use<> {
    let streams = Arc::clone(streams);
    let last = async move { Ok::<_, PublishError>((last_of_each(&streams).await?, streams)) };
    let read = |(seqs, streams): (Vec<u64>, Arc<Streams>)| events(streams, seqs).map_ok(|(_, event)| event);
    stream::once(last).map_ok(read).try_flatten()
}

/// Where RUN has the last events of the runs that have ended.
async fn last_of_each(streams: &Arc<Streams>) -> Result<Vec<u64>, PublishError> {
    let state = streams.stream_state("RUN").await?;
    let mut last: BTreeMap<RunId, u64> = BTreeMap::new();
    let mut events = std::pin::pin!(events(Arc::clone(streams), state.first_seq.max(1)..=state.last_seq));
    while let Some((seq, event)) = events.try_next().await? {
        if event.has_ended() {
            last.insert(event.run, seq);
        } else {
            last.remove(&event.run);
        }
    }
    let mut seqs: Vec<u64> = last.into_values().collect();
    seqs.sort_unstable();
    Ok(seqs)
}

/// The events of runs at these sequences of RUN; what is none is passed over.
fn events(
    streams: Arc<Streams>,
    seqs: impl IntoIterator<Item = u64>,
) -> impl Stream<Item = Result<(u64, RunEvent), PublishError>> {
    let get = move |seq| {
        let streams = Arc::clone(&streams);
        async move { streams.get("RUN", seq).await }
    };
    let event = |stored: Stored| Some((stored.seq, serde_json::from_slice(&stored.body).ok()?));
    let read = stream::iter(seqs).map(get).buffered(AT_ONCE);
    read.try_filter_map(move |stored| future::ready(Ok(stored.and_then(event))))
}
