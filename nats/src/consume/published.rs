//! What killed processes published for messages that they did not settle.
//!
//! Within the duplicate window of a stream the server tells a second message from the first by its id. A message may be
//! delivered again after that, so the loop reads what was stored since the oldest unsettled message came.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_service::Unavailable;
use serde::Deserialize;
use serde_json::Value;

use super::handler::ConsumerSpec;
use crate::{
    api,
    client::Client,
    message::{ConsumerState, Stored},
    page,
    raw::Raw,
};

/// Ids that are in the output streams.
pub(super) struct Published<'a> {
    client: &'a Client,
    spec: &'a ConsumerSpec,
    outputs: &'static [&'static str],
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    streams: HashMap<&'static str, Look>,
    /// Each with the sequence of the message that it comes from.
    ids: HashMap<String, u64>,
}

/// All that an unsettled message published into a stream before `as_of` is known.
#[derive(Clone, Copy)]
struct Look {
    as_of: DateTime<Utc>,
    window: TimeDelta,
}

impl Look {
    /// The server still knows all that came after `as_of`, and will for some time.
    fn is_fresh(self, now: DateTime<Utc>) -> bool {
        now - self.as_of <= self.window / 2
    }
}

impl<'a> Published<'a> {
    pub(super) fn new(client: &'a Client, spec: &'a ConsumerSpec, outputs: &'static [&'static str]) -> Self {
        Self { client, spec, outputs, known: Mutex::default() }
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.known().ids.contains_key(id)
    }

    /// Reads what the server may have forgotten the ids of.
    pub(super) async fn refresh(&self) -> Result<(), Unavailable> {
        let now = self.client.clock.now();
        let look = |stream: &str| self.known().streams.get(stream).copied();
        if self.outputs.iter().all(|stream| look(stream).is_some_and(|look| look.is_fresh(now))) {
            return Ok(());
        }
        let ConsumerSpec { stream, durable, .. } = *self.spec;
        let ConsumerState { ack_floor, .. } = self.client.consumer_state(stream, durable).await?;
        // Before the first unsettled message came, nothing was published for it or for a later one.
        let Some(oldest) = Raw::from(self.client, stream, ack_floor + 1).await? else { return Ok(()) };
        self.known().ids.retain(|_, seq| *seq > ack_floor);
        for output in self.outputs {
            let window = self.duplicate_window(output).await?;
            let as_of = look(output).map_or(oldest.time, |look| look.as_of.max(oldest.time));
            let mut look = Look { as_of, window };
            if !look.is_fresh(now) {
                let found = self.read(output, as_of, ack_floor).await?;
                if !found.is_empty() {
                    let count = found.len();
                    tracing::info!(
                        stream = output,
                        count,
                        "{output} has {count} messages of unsettled ones of {stream}"
                    );
                }
                self.known().ids.extend(found);
                // The server's clock may be behind.
                look.as_of = now - window / 4;
            }
            self.known().streams.insert(output, look);
        }
        Ok(())
    }

    /// The ids in `output` since an instant that come from messages after `floor`.
    async fn read(
        &self,
        output: &str,
        since: DateTime<Utc>,
        floor: u64,
    ) -> Result<HashMap<String, u64>, Unavailable> {
        let mut found = HashMap::new();
        let Some(last) = self.client.last(output).await? else { return Ok(found) };
        // Where its last message comes from a settled one, nothing is in doubt.
        if seq(&last).is_some_and(|seq| seq <= floor) {
            return Ok(found);
        }
        let mut next = self.client.first_since(output, ">", since).await?;
        while let Some(stored) = next.filter(|stored| stored.seq <= last.seq) {
            if let (Some(id), Some(seq)) = (stored.headers.get("Nats-Msg-Id"), seq(&stored))
                && seq > floor
            {
                found.insert(id.to_owned(), seq);
            }
            next = self.client.next_on_subject(output, ">", stored.seq + 1).await?;
        }
        Ok(found)
    }

    async fn duplicate_window(&self, stream: &str) -> Result<TimeDelta, Unavailable> {
        #[derive(Deserialize)]
        struct Info {
            config: Config,
        }
        #[derive(Deserialize)]
        struct Config {
            duplicate_window: u64,
        }
        let info: Result<Info, _> =
            api::request(&self.client.nats, &format!("STREAM.INFO.{stream}"), &Value::Null).await;
        let info = info
            .map_err(|error| self.client.unavailable(error, &format!("get the state of stream {stream}")))?;
        let window = Duration::from_nanos(info.config.duplicate_window);
        Ok(TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // A poisoned lock holds whole maps all the same.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn seq(stored: &Stored) -> Option<u64> {
    page::position(&stored.headers).ok().map(|position| position.seq)
}
