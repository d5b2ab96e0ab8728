//! Treating one batch: effects in the order of its steps, dead letters, settlement.

use futures::{StreamExt, stream};
use kansoku_service::Unavailable;

use super::{
    Delivery, GiveUp, Handler, Verdict,
    hold::{CONCURRENT, Holder},
    mode::{self, MOST_DELIVERIES, Step},
    settle::Received,
};
use crate::{
    client::{Client, DEPENDENCY},
    message::Outgoing,
    metrics::{self, Operation},
    publish::PublishError,
    subject,
};

pub(super) struct Effects<'a, H> {
    pub(super) client: &'a Client,
    pub(super) handler: &'a H,
    pub(super) holder: Holder<'a>,
    pub(super) metrics: &'a metrics::Consumer,
}

/// The process is to stop; what is not settled is left to ack_wait.
pub(super) struct Left;

impl<H: Handler> Effects<'_, H> {
    /// Handles and settles every message of the batch.
    pub(super) async fn run(&self, batch: &[Received]) -> Result<(), Left> {
        let deliveries: Vec<_> = batch.iter().map(|message| message.delivery.deliveries).collect();
        for step in mode::steps(&deliveries) {
            match step {
                Step::Handle(places) => {
                    let group: Vec<_> = places.into_iter().map(|place| &batch[place]).collect();
                    self.handle(&group).await?;
                }
                Step::GiveUp(place) => self.give_up(&batch[place]).await?,
            }
        }
        Ok(())
    }

    async fn handle(&self, group: &[&Received]) -> Result<(), Left> {
        let deliveries: Vec<Delivery> = group.iter().map(|message| message.delivery.clone()).collect();
        let template = deliveries.first().map_or("", |delivery| subject::template(&delivery.stored.subject));
        let verdicts = self.holder.hold(|| async {
            failpoint(&deliveries);
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
        let verdicts = verdicts.await.ok_or(Left)?;
        let letters: Vec<Outgoing> = verdicts.iter().filter_map(Verdict::letter).cloned().collect();
        self.publish(letters).await?;
        let started = self.client.clock.monotonic();
        stream::iter(group.iter().zip(&verdicts))
            .for_each_concurrent(CONCURRENT, |(message, verdict)| async move {
                match verdict {
                    Verdict::Done => message.ack(self.client).await,
                    Verdict::Reject(_, reason) => message.terminate(self.client, reason).await,
                }
            })
            .await;
        let seconds = self.client.clock.monotonic().duration_since(started).as_secs_f64();
        self.metrics.operation(Operation::Settle, template, None, seconds);
        Ok(())
    }

    /// A message that was delivered too often never sees the handler again.
    async fn give_up(&self, message: &Received) -> Result<(), Left> {
        let delivery = &message.delivery;
        let why = GiveUp::MaxDeliveries { deliveries: delivery.deliveries, most: MOST_DELIVERIES };
        self.set_aside(delivery, why).await?;
        message.terminate(self.client, &format!("{}: {why}", why.reason())).await;
        Ok(())
    }

    /// Makes a dead letter of a message, or has it noted where there are none.
    pub(super) async fn set_aside(&self, delivery: &Delivery, why: GiveUp) -> Result<(), Left> {
        let letter = self.holder.hold(|| self.handler.reject(delivery, why));
        match letter.await.ok_or(Left)? {
            Some(letter) => self.publish(vec![letter]).await?,
            None => {
                self.holder.hold(|| self.handler.unreadable(delivery, why)).await.ok_or(Left)?;
                self.metrics.unreadable();
                let (subject, seq) = (&delivery.stored.subject, delivery.stored.seq);
                tracing::error!(
                    parent: &delivery.span, subject, seq,
                    "took message {seq} of {subject} off the consumer {}: {why}", self.holder.name,
                );
            }
        }
        Ok(())
    }

    async fn publish(&self, letters: Vec<Outgoing>) -> Result<(), Left> {
        if letters.is_empty() {
            return Ok(());
        }
        let published = self.holder.hold(|| async {
            match self.client.publish_batch(letters.clone()).await {
                Ok(_) => Ok(()),
                Err(PublishError::Unavailable(away)) => Err(away),
                // Neither can happen to a dead letter by its contract, so it is our defect: hold, do not drop.
                Err(error @ (PublishError::TooLarge { .. } | PublishError::WrongLastSequence { .. })) => {
                    Err(Unavailable {
                        dependency: DEPENDENCY,
                        remediation: Some("this is a defect of the program: please report it".to_owned()),
                        error: anyhow::Error::new(error).context("publish a dead letter"),
                    })
                }
            }
        });
        published.await.ok_or(Left)
    }
}

/// `consume::handle` with `return(text)` kills the process when a message on a subject with `text` in it is handled.
#[cfg(feature = "failpoints")]
fn failpoint(deliveries: &[Delivery]) {
    fail::fail_point!("consume::handle", |text: Option<String>| {
        let text = text.unwrap_or_default();
        if deliveries.iter().any(|delivery| delivery.stored.subject.contains(&text)) {
            std::process::abort();
        }
    });
}

#[cfg(not(feature = "failpoints"))]
fn failpoint(_: &[Delivery]) {}
