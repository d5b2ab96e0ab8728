//! Treating one batch: the handler's verdicts, what they publish, settlement.

use futures::{FutureExt, StreamExt, stream};
use kansoku_service::Unavailable;
use tokio::sync::Mutex;

use super::{
    handler::{Delivery, GiveUp, Handler, Verdict},
    mode::{self, MAX_DELIVERIES, Step},
    published::Published,
    retry::{CONCURRENT, Retry},
    settle::{self, Received},
};
use crate::{
    batch::TracedRef,
    client::Client,
    message::Outgoing,
    metrics::{self, Operation},
    publish::PublishError,
    subject,
};

pub(super) struct Effects<'a, H> {
    pub(super) client: &'a Client,
    pub(super) handler: &'a H,
    pub(super) retry: Retry<'a>,
    pub(super) metrics: &'a metrics::Consumer,
    pub(super) published: &'a Published<'a>,
}

/// The process is to stop; what is not settled is left to ack_wait.
pub(super) struct Stopped;

/// What is still to be done for a message before it is settled.
pub(super) struct Work<'a> {
    delivery: &'a Delivery,
    /// Its handler is to make a dead letter of it.
    give_up: Option<GiveUp>,
    /// Something of it was refused before.
    is_refused: bool,
    /// Dead letters come first.
    dead: Vec<Outgoing>,
    result: Option<Outgoing>,
    /// Why it is terminated, where it is not acknowledged.
    terminate: Option<String>,
}

impl<'a> Work<'a> {
    fn new(delivery: &'a Delivery, verdict: Verdict) -> Self {
        let (dead, result, terminate) = match verdict {
            Verdict::Done => (Vec::new(), None, None),
            Verdict::Publish { dead, result } => (dead, Some(*result), None),
            Verdict::Reject(dead_letter, reason) => (vec![*dead_letter], None, Some(reason)),
        };
        if let Some(error) = dead.iter().chain(&result).find_map(|message| message.check_size().err()) {
            return Self { is_refused: true, ..Self::given_up(delivery, GiveUp::unpublishable(&error)) };
        }
        Self { delivery, give_up: None, is_refused: false, dead, result, terminate }
    }

    pub(super) fn given_up(delivery: &'a Delivery, why: GiveUp) -> Self {
        let terminate = Some(format!("{}: {why}", why.reason()));
        Self { delivery, give_up: Some(why), is_refused: false, dead: Vec::new(), result: None, terminate }
    }

    fn traced<'m>(&'m self, message: &'m Outgoing) -> TracedRef<'m> {
        (message, &self.delivery.span)
    }
}

impl<H: Handler> Effects<'_, H> {
    /// Handles and settles every message of the batch.
    pub(super) async fn run(&self, batch: &[Received]) -> Result<(), Stopped> {
        let deliveries: Vec<_> = batch.iter().map(|message| message.delivery.deliveries).collect();
        for step in mode::steps(&deliveries) {
            match step {
                Step::Handle(places) => {
                    let group: Vec<_> = places.into_iter().map(|place| &batch[place]).collect();
                    self.handle(&group).await?;
                }
                // It never sees the handler again.
                Step::GiveUp(place) => {
                    let deliveries = deliveries[place];
                    let why = GiveUp::MaxDeliveries { deliveries, most: MAX_DELIVERIES };
                    let work = Work::given_up(&batch[place].delivery, why);
                    self.finish(&[&batch[place]], vec![work]).await?;
                }
            }
        }
        Ok(())
    }

    async fn handle(&self, group: &[&Received]) -> Result<(), Stopped> {
        let deliveries: Vec<Delivery> = group.iter().map(|message| message.delivery.clone()).collect();
        let template = template(group);
        let verdicts = self.retry.until_done(|| async {
            failpoint("consume::handle", &deliveries);
            let started = self.client.clock.monotonic();
            let verdicts = self.handler.handle(&deliveries).await;
            let error = verdicts.as_ref().err().map(|_| "away");
            let seconds = self.client.clock.monotonic().duration_since(started).as_secs_f64();
            self.metrics.operation(Operation::Process, template, error, seconds);
            let verdicts = verdicts?;
            if verdicts.len() == deliveries.len() {
                return Ok(verdicts);
            }
            let (got, want) = (verdicts.len(), deliveries.len());
            Err(Unavailable {
                dependency: "handler",
                remediation: Some("this is a defect of the program: please report it".to_owned()),
                error: anyhow::anyhow!("the handler gave {got} verdicts for {want} messages"),
            })
        });
        let verdicts = verdicts.await.ok_or(Stopped)?;
        let work = deliveries.iter().zip(verdicts).map(|(delivery, verdict)| Work::new(delivery, verdict));
        self.finish(group, work.collect()).await
    }

    /// Publishes what comes of the messages and settles them.
    async fn finish(&self, group: &[&Received], work: Vec<Work<'_>>) -> Result<(), Stopped> {
        let ends = self.publish(work).await?;
        failpoint("consume::settle", group.iter().map(|message| &message.delivery));
        let started = self.client.clock.monotonic();
        let ended = |wanted: bool| {
            group
                .iter()
                .zip(&ends)
                .filter(move |(_, end)| end.is_some() == wanted)
                .map(|(message, end)| (*message, end))
        };
        settle::ack(self.client, &ended(false).map(|(message, _)| message).collect::<Vec<_>>()).await;
        stream::iter(ended(true))
            .for_each_concurrent(CONCURRENT, |(message, end)| {
                message.terminate(self.client, end.as_deref().unwrap_or_default())
            })
            .await;
        let seconds = self.client.clock.monotonic().duration_since(started).as_secs_f64();
        self.metrics.operation(Operation::Settle, template(group), None, seconds);
        Ok(())
    }

    /// Publishes the dead letters of all messages, then their results; says of each why it is terminated, or `None`.
    /// What is stored is not published again while the rest waits for a dependency.
    pub(super) async fn publish(&self, work: Vec<Work<'_>>) -> Result<Vec<Option<String>>, Stopped> {
        let work = Mutex::new(work);
        let published = self.retry.until_done(|| async {
            let mut work = work.lock().await;
            if work.iter().any(|item| item.delivery.deliveries > 1) {
                self.published.refresh().await?;
            }
            // Boxed, since the compiler cannot tell of the whole chain that it may move between threads.
            let dead_letters = self.publish_dead_letters(&mut work).boxed().await;
            dead_letters.and(self.publish_results(&mut work).boxed().await)
        });
        published.await.ok_or(Stopped)?;
        Ok(work.into_inner().into_iter().map(|item| item.terminate).collect())
    }

    /// The dead letters of all messages in few atomic batches: each costs the server files and an fsync.
    async fn publish_dead_letters(&self, work: &mut [Work<'_>]) -> Result<(), Unavailable> {
        let mut all = Ok(());
        for item in work.iter_mut() {
            all = all.and(self.ready_dead_letters(item).await);
        }
        let due = |item: &Work<'_>| item.give_up.is_none() && !item.dead.is_empty();
        let mut due: Vec<_> = work.iter_mut().filter(|item| due(item)).collect();
        let dead_letters: Vec<_> = due
            .iter()
            .flat_map(|item| item.dead.iter().map(|dead_letter| item.traced(dead_letter)))
            .collect();
        let mut outcomes = self.client.publish_each(&dead_letters).await.into_iter();
        for item in &mut due {
            let own: Vec<_> = outcomes.by_ref().take(item.dead.len()).collect();
            match own.into_iter().collect::<Result<Vec<_>, _>>() {
                Ok(_) => {
                    item.dead.clear();
                    failpoint("consume::result", [item.delivery]);
                }
                Err(PublishError::Unavailable(error)) => all = all.and(Err(error)),
                Err(error) => self.refuse(item, &error).await?,
            }
        }
        let refused = due.iter().any(|item| item.give_up.is_some());
        drop(due);
        if refused { Box::pin(self.publish_dead_letters(work)).await } else { all }
    }

    /// Makes the dead letter of a message that is given up, and forgets those that are stored.
    async fn ready_dead_letters(&self, item: &mut Work<'_>) -> Result<(), Unavailable> {
        if let Some(why) = item.give_up.clone() {
            let may_be_done = matches!(why, GiveUp::MaxDeliveries { .. });
            if may_be_done && self.handler.is_done(item.delivery).await? {
                item.terminate = None;
            } else {
                match self.handler.reject(item.delivery, why.clone()).await? {
                    Some(dead_letter) => item.dead = vec![dead_letter],
                    None => self.note_unreadable(item, why).await?,
                }
            }
            item.give_up = None;
        }
        item.dead.retain(|dead_letter| !self.published.has(&dead_letter.id));
        Ok(())
    }

    /// All results at once, but for those whose dead letters are not stored yet.
    async fn publish_results(&self, work: &mut [Work<'_>]) -> Result<(), Unavailable> {
        for item in work.iter_mut() {
            item.result.take_if(|result| self.published.has(&result.id));
        }
        let due = |item: &Work<'_>| item.dead.is_empty() && item.give_up.is_none();
        let due: Vec<_> = work.iter_mut().filter(|item| due(item)).collect();
        let results: Vec<_> =
            due.iter().filter_map(|item| item.result.as_ref().map(|result| item.traced(result))).collect();
        let outcomes = self.client.publish_each(&results).await;
        let mut all = Ok(());
        for (item, outcome) in due.into_iter().filter(|item| item.result.is_some()).zip(outcomes) {
            match outcome {
                Ok(_) => item.result = None,
                Err(PublishError::Unavailable(error)) => all = all.and(Err(error)),
                Err(error) => {
                    self.refuse(item, &error).await?;
                    self.publish_dead_letters(std::slice::from_mut(item)).await?;
                }
            }
        }
        all
    }

    /// What cannot be published is nothing to wait for: the message becomes a dead letter as it is, and where even that
    /// cannot be published it is noted.
    async fn refuse(&self, item: &mut Work<'_>, error: &PublishError) -> Result<(), Unavailable> {
        let why = GiveUp::unpublishable(error);
        item.dead.clear();
        item.result = None;
        item.terminate = Some(format!("{}: {why}", why.reason()));
        if item.is_refused {
            return self.note_unreadable(item, why).await;
        }
        item.is_refused = true;
        item.give_up = Some(why);
        Ok(())
    }

    async fn note_unreadable(&self, item: &Work<'_>, why: GiveUp) -> Result<(), Unavailable> {
        let words = why.to_string();
        self.handler.unreadable(item.delivery, why).await?;
        self.metrics.unreadable();
        let (subject, seq) = (&item.delivery.stored.subject, item.delivery.stored.seq);
        tracing::error!(
            parent: &item.delivery.span, subject, seq,
            "took message {seq} of {subject} off the consumer {}: {words}", self.retry.name,
        );
        Ok(())
    }
}

fn template(group: &[&Received]) -> &'static str {
    group.first().map_or("", |message| subject::template(&message.delivery.stored.subject))
}

/// A failpoint with `return(text)` ends the process by SIGKILL when a message on a subject with `text` in it
/// reaches it: `consume::handle` before the handler, `consume::result` between dead letters and result,
/// `consume::settle` between the last PubAck and the acknowledgement.
#[cfg(feature = "failpoints")]
fn failpoint<'a>(name: &str, deliveries: impl IntoIterator<Item = &'a Delivery>) {
    fail::fail_point!(name, |text: Option<String>| {
        let text = text.unwrap_or_default();
        if deliveries.into_iter().any(|delivery| delivery.stored.subject.contains(&text)) {
            kansoku_service::kill_this_process();
        }
    });
}

#[cfg(not(feature = "failpoints"))]
fn failpoint<'a>(_: &str, _: impl IntoIterator<Item = &'a Delivery>) {}
