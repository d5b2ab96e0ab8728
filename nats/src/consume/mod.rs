//! The one consume loop of all services.
//!
//! It pulls only after the handler's dependencies have answered, hands over a batch, publishes what the handler's
//! verdicts say (dead letters before results) and settles each message: `+ACK` or `+TERM`, confirmed. While it waits
//! for a dependency it keeps the batch; it never NAKs (a NAK counts as a delivery), never exits and never dead-letters
//! for that. A message that may have killed a process is handled alone ([`mode`]), and not at all after five deliveries.

mod dropped;
mod effect;
mod handler;
mod mode;
mod published;
mod pull;
mod retry;
mod settle;
mod unparsable;

use std::{pin::pin, time::Duration};

use anyhow::{bail, ensure};
use futures::{StreamExt, stream::FuturesUnordered};
use kansoku_service::{Health, Stop, Unavailable};
use tokio::sync::RwLock;

use self::{
    dropped::Dropped,
    effect::{Effects, Stopped, Work},
    mode::Mode,
    published::Published,
    pull::Puller,
    retry::{Pauses, Retry},
    settle::Received,
};
pub use self::{
    handler::{ConsumerSpec, Delivery, GiveUp, Handler, Verdict},
    mode::MAX_DELIVERIES,
};
use crate::{
    client::{Client, DEPENDENCY},
    metrics,
};

/// How often the consumer's own numbers are read for `/metrics`.
const WATCH: Duration = Duration::from_secs(5);

impl Client {
    /// Consumes until the process is to stop. What is in hand then is finished, or left to ack_wait.
    ///
    /// # Errors
    /// For a `spec` that requests nothing, and when the client library has died: the process is to start anew.
    pub async fn consume<H: Handler>(
        &self,
        spec: ConsumerSpec,
        handler: &H,
        stop: &Stop,
        health: &Health,
    ) -> anyhow::Result<()> {
        ensure!(spec.batch > 0, "a batch of the consumer {} holds at least one message", spec.durable);
        ensure!(!spec.expires.is_zero(), "a pull of the consumer {} waits for some time", spec.durable);
        let name = format!("{}.{}", spec.stream, spec.durable);
        let retry = Retry { stop, health, client: self, name: &name };
        let metrics = self.metrics.consumer(spec.stream, spec.durable);
        let dropped = Dropped::new(&spec, &metrics);
        let published = Published::new(self, &spec, H::OUTPUTS);
        let consumer = Loop {
            client: self,
            spec: &spec,
            handler,
            retry,
            metrics: &metrics,
            dropped: &dropped,
            published: &published,
        };
        tokio::select! {
            ended = consumer.run() => ended?,
            () = consumer.watch() => {}
        }
        tracing::info!(consumer = name, "stopped consuming {name}");
        Ok(())
    }
}

/// Awaits `work` while `others` go on.
async fn beside<T>(work: impl Future<Output = T>, others: &mut FuturesUnordered<impl Future>) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            Some(_) = others.next() => {}
        }
    }
}

struct Loop<'a, H> {
    client: &'a Client,
    spec: &'a ConsumerSpec,
    handler: &'a H,
    retry: Retry<'a>,
    metrics: &'a metrics::Consumer,
    dropped: &'a Dropped<'a>,
    published: &'a Published<'a>,
}

impl<H: Handler> Loop<'_, H> {
    /// Binds to the consumer again and again: whatever goes wrong between us and the server is mended by a new start.
    async fn run(&self) -> anyhow::Result<()> {
        let mut pauses = Pauses::new();
        let mut failures = 0;
        while !self.retry.stop.is_stopped() {
            let mut bound = false;
            match self.bind(&mut bound).await {
                Ok(()) => return Ok(()),
                Err(error) => {
                    if self.client.has_died().await {
                        bail!("the connection to NATS has died with what it read last: {error:#}");
                    }
                    if bound {
                        pauses = Pauses::new();
                        failures = 0;
                    }
                    self.retry.report(&error, failures == 0);
                    failures += 1;
                }
            }
            if !pauses.wait(self.retry.stop).await {
                break;
            }
        }
        Ok(())
    }

    /// Consumes until the process is to stop (`Ok`) or the consumer does not answer.
    async fn bind(&self, bound: &mut bool) -> Result<(), Unavailable> {
        let Retry { stop, health, .. } = self.retry;
        let state = || self.client.consumer_state(self.spec.stream, self.spec.durable);
        if self.dead_letter_unparsable().await?.is_none() {
            return Ok(());
        }
        let at_start = state().await?;
        self.dropped.check(&self.client.stream_state(self.spec.stream).await?, &at_start);
        self.published.refresh().await?;
        let mut puller = Puller::new(self.client, self.spec).await?;
        // One for all messages: each has a task of its own.
        let context = async_nats::jetstream::new(self.client.nats.clone());
        health.dependency(DEPENDENCY).ready();
        let mut mode = self.transition(Mode::Fast, Mode::at_start(&at_start));
        let alone = RwLock::new(());
        let mut in_hand = FuturesUnordered::new();
        let mut is_backlog = false;
        loop {
            let is_alone = in_hand.is_empty();
            let is_followed = is_backlog && !mode.is_isolated() && in_hand.len() < self.spec.at_once;
            if stop.is_stopped() || !(is_alone || is_followed) {
                if in_hand.next().await.is_none() {
                    return Ok(());
                }
                if mode.is_isolated()
                    && let Ok(now) = beside(state(), &mut in_hand).await
                {
                    mode = self.transition(mode, mode.after_state(&now));
                }
                continue;
            }
            let pulling = async {
                match self.retry.until_done(|| self.handler.ready()).await {
                    None => Ok(Vec::new()),
                    Some(()) if is_alone => puller.pull(mode.batch(self.spec.batch), stop).await,
                    Some(()) => puller.pull_backlog(self.spec.batch).await,
                }
            };
            let messages = match beside(pulling, &mut in_hand).await {
                Ok(messages) => messages,
                Err(error) => {
                    // What is in hand nobody else would get before ack_wait.
                    while in_hand.next().await.is_some() {}
                    return Err(error);
                }
            };
            let batch: Vec<_> = messages
                .into_iter()
                .filter_map(|message| Received::new(&context, self.spec, message))
                .collect();
            *bound = true;
            let places =
                batch.iter().map(|message| (message.delivery.stored.seq, message.delivery.deliveries));
            let again = places.clone().filter(|(_, deliveries)| *deliveries > 1).count();
            self.metrics.delivered(batch.len(), again);
            mode = self.transition(mode, mode.after_pull(places));
            if (mode == Mode::Isolated { until: None })
                && let Ok(now) = beside(state(), &mut in_hand).await
            {
                mode = self.transition(mode, mode.after_state(&now));
            }
            is_backlog = batch.len() == self.spec.batch;
            if !batch.is_empty() {
                in_hand.push(self.finish(batch, at_start.ack_wait, mode, &alone));
            }
        }
    }

    /// Handles and settles a batch; in isolation mode once those that are in hand are done.
    async fn finish(&self, batch: Vec<Received>, ack_wait: Duration, mode: Mode, alone: &RwLock<()>) {
        let effects = self.effects();
        let work = async {
            if mode.is_isolated() {
                let _alone = alone.write().await;
                effects.run(&batch).await
            } else {
                let _beside_others = alone.read().await;
                effects.run(&batch).await
            }
        };
        let done = self.retry.in_hand(self.client, &batch, ack_wait, work).await;
        if let Some(Err(Stopped)) | None = done {
            tracing::info!(
                consumer = self.retry.name,
                messages = batch.len(),
                "left messages to be delivered again"
            );
        }
    }

    /// Takes messages off the consumer that would end every connection they are delivered on; `None` when the process
    /// is to stop first.
    async fn dead_letter_unparsable(&self) -> Result<Option<()>, Unavailable> {
        let state = self.client.consumer_state(self.spec.stream, self.spec.durable).await?;
        let mut from = state.ack_floor + 1;
        loop {
            let Some(delivery) = unparsable::find(self.client, self.spec, &state, from).await? else {
                return Ok(Some(()));
            };
            from = delivery.stored.seq + 1;
            if self.retry.until_done(|| self.handler.ready()).await.is_none() {
                return Ok(None);
            }
            let work = vec![Work::given_up(&delivery, GiveUp::Headers)];
            let Ok(ends) = self.effects().publish(work).await else { return Ok(None) };
            for reason in ends.iter().flatten() {
                unparsable::terminate(self.client, self.spec, delivery.stored.seq, reason).await?;
            }
        }
    }

    fn effects(&self) -> Effects<'_, H> {
        let Self { client, handler, retry, metrics, published, .. } = *self;
        Effects { client, handler, retry, metrics, published }
    }

    /// From one mode to the next, logged and shown in the metrics.
    fn transition(&self, from: Mode, to: Mode) -> Mode {
        if to.is_isolated() != from.is_isolated() {
            let how = if to.is_isolated() { "one message at a time" } else { "whole batches" };
            tracing::info!(consumer = self.retry.name, "{} takes {how} from now on", self.retry.name);
        }
        self.metrics.isolated(to.is_isolated());
        to
    }

    /// Keeps the consumer's numbers in `/metrics` fresh; never ends.
    async fn watch(&self) {
        let mut beat = tokio::time::interval(WATCH);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            let ConsumerSpec { stream, durable, .. } = self.spec;
            let states = futures::try_join!(
                self.client.stream_state(stream),
                self.client.consumer_state(stream, durable)
            );
            if let Ok((stream, consumer)) = states {
                self.metrics.state(&consumer);
                self.dropped.check(&stream, &consumer);
            }
        }
    }
}
