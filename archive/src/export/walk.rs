//! Reads RAW in stream order, many messages in flight, as lines of an archive.

use std::{collections::HashMap, ops::RangeInclusive, sync::Arc};

use futures::{Stream, StreamExt};
use kansoku_nats::{PublishError, Stored, page, subject};
use kansoku_runs::Streams;
use kansoku_schemas::{Capture, RunEvent, RunId};

use super::line::line;

/// Messages asked for at once: each may have 1 MiB.
const AT_ONCE: usize = 32;

/// What stands at a sequence of RAW.
#[derive(Debug)]
pub enum Line {
    /// A page, or a replay.
    Capture(Box<Capture>),
    /// Nothing: RAW has dropped it.
    Gone,
    /// A message whose headers tell of no page, and why; the validator has put its bytes into DLQ.
    NoPage(String),
}

/// Makes lines of messages.
pub struct Walk {
    streams: Arc<Streams>,
    epoch: u64,
    /// What each run that has ended planned: the pages were published before that was known.
    planned: HashMap<RunId, Option<u32>>,
}

impl Walk {
    /// Reads a RAW of this epoch.
    pub fn new(streams: Arc<Streams>, epoch: u64) -> Self {
        Self { streams, epoch, planned: HashMap::new() }
    }

    /// The messages at these sequences, in this order.
    pub fn messages(
        &self,
        seqs: RangeInclusive<u64>,
    ) -> impl Stream<Item = Result<(u64, Option<Stored>), PublishError>> + use<> {
        let streams = Arc::clone(&self.streams);
        let get = move |seq| {
            let streams = Arc::clone(&streams);
            async move { Ok((seq, streams.read("RAW", seq).await?)) }
        };
        futures::stream::iter(seqs).map(get).buffered(AT_ONCE)
    }

    /// What a dead letter of the stage `fetch` is in an archive: an answer as it came. Its place was not in RAW.
    pub async fn letter(&mut self, stored: Stored) -> Result<Line, PublishError> {
        Ok(match self.line(Some(stored)).await? {
            Line::Capture(capture) => Line::Capture(Box::new(Capture { epoch: None, seq: None, ..*capture })),
            other => other,
        })
    }

    /// What a message is in an archive.
    pub async fn line(&mut self, stored: Option<Stored>) -> Result<Line, PublishError> {
        let Some(stored) = stored else { return Ok(Line::Gone) };
        let meta = match page::meta(&stored.headers) {
            Ok(meta) => meta,
            Err(error) => return Ok(Line::NoPage(error.to_string())),
        };
        let planned = match self.planned.get(&meta.run) {
            Some(planned) => *planned,
            None => {
                let last =
                    self.streams.last_on_subject("RUN", &subject::run(&meta.dataset, &meta.run)).await?;
                let event = last.and_then(|last| serde_json::from_slice::<RunEvent>(&last.body).ok());
                let ended = event.as_ref().is_some_and(RunEvent::has_ended);
                let planned = event.and_then(|event| event.pages_planned);
                if ended {
                    self.planned.insert(meta.run, planned);
                }
                planned
            }
        };
        Ok(match line(stored, self.epoch, planned) {
            Ok(capture) => Line::Capture(Box::new(capture)),
            Err(error) => Line::NoPage(error.to_string()),
        })
    }
}
