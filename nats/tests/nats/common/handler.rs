//! A handler that does as a test says and writes down what it saw.

use std::sync::{Arc, Mutex};

use anyhow::anyhow;
use kansoku_nats::{Delivery, GiveUp, Handler, Outgoing, Verdict};
use kansoku_service::Unavailable;
use tokio::sync::watch;

use super::message;

/// What the handler does with a batch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Act {
    /// Everything is fine.
    Done,
    /// Postgres is unavailable.
    Unavailable,
    /// Hangs, as a process does that is about to be killed.
    Hang,
    /// Every message is rejected.
    Reject,
    /// A result comes of every message.
    Publish,
    /// Of every message comes a result that no stream takes.
    Oversize,
}

/// A message as the handler saw it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) seq: u64,
    pub(crate) deliveries: u64,
    pub(crate) body: String,
}

type Decide = dyn Fn(&[Seen]) -> Act + Send + Sync;

#[derive(Clone)]
pub(crate) struct Scripted {
    decide: Arc<Decide>,
    ready: watch::Sender<bool>,
    /// Every call, in order.
    calls: Arc<Mutex<Vec<Vec<Seen>>>>,
    /// Bodies of messages whose effect is done, in order.
    done: Arc<Mutex<Vec<String>>>,
    unreadable: Arc<Mutex<Vec<u64>>>,
    letters: bool,
}

impl Scripted {
    pub(crate) fn new(decide: impl Fn(&[Seen]) -> Act + Send + Sync + 'static) -> Self {
        Self {
            decide: Arc::new(decide),
            ready: watch::Sender::new(true),
            calls: Arc::default(),
            done: Arc::default(),
            unreadable: Arc::default(),
            letters: true,
        }
    }

    /// Of a consumer that has no dead letters.
    pub(crate) fn without_letters(mut self) -> Self {
        self.letters = false;
        self
    }

    pub(crate) fn set_ready(&self, ready: bool) {
        self.ready.send_replace(ready);
    }

    pub(crate) fn calls(&self) -> Vec<Vec<Seen>> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn done(&self) -> Vec<String> {
        self.done.lock().unwrap().clone()
    }

    pub(crate) fn unreadable(&self) -> Vec<u64> {
        self.unreadable.lock().unwrap().clone()
    }
}

fn postgres_is_away() -> Unavailable {
    Unavailable::new("postgres", anyhow!("connection refused"))
}

pub(crate) fn letter(delivery: &Delivery, reason: &str) -> Outgoing {
    let id = format!("letter:{}", delivery.stored.seq);
    message(&format!("dlq.validate.{reason}.top.score"), &id, delivery.stored.body.to_vec())
}

/// A dead letter and a result, with a header of this size.
fn publish(delivery: &Delivery, size: usize) -> Verdict {
    let seq = delivery.stored.seq;
    let mut result = message("valid.top.score", &format!("raw:1:{seq}:j"), delivery.stored.body.to_vec());
    result.headers.insert("A", "x".repeat(size));
    Verdict::Publish { dead: vec![letter(delivery, "schema")], result: Box::new(result) }
}

impl Handler for Scripted {
    async fn ready(&self) -> Result<(), Unavailable> {
        if *self.ready.borrow() { Ok(()) } else { Err(postgres_is_away()) }
    }

    async fn handle(&self, batch: &[Delivery]) -> Result<Vec<Verdict>, Unavailable> {
        let see = |delivery: &Delivery| Seen {
            seq: delivery.stored.seq,
            deliveries: delivery.deliveries,
            body: String::from_utf8(delivery.stored.body.to_vec()).unwrap(),
        };
        let seen: Vec<_> = batch.iter().map(see).collect();
        self.calls.lock().unwrap().push(seen.clone());
        match (self.decide)(&seen) {
            Act::Unavailable => Err(postgres_is_away()),
            Act::Hang => std::future::pending().await,
            Act::Done => {
                self.done.lock().unwrap().extend(seen.into_iter().map(|seen| seen.body));
                Ok(vec![Verdict::Done; batch.len()])
            }
            Act::Publish => Ok(batch.iter().map(|delivery| publish(delivery, 0)).collect()),
            Act::Oversize => Ok(batch.iter().map(|delivery| publish(delivery, 70_000)).collect()),
            Act::Reject => {
                let reject = |delivery| {
                    Verdict::Reject(Box::new(letter(delivery, "schema")), "schema: /score".to_owned())
                };
                Ok(batch.iter().map(reject).collect())
            }
        }
    }

    async fn reject(&self, delivery: &Delivery, why: GiveUp) -> Result<Option<Outgoing>, Unavailable> {
        Ok(self.letters.then(|| letter(delivery, &why.reason().to_string())))
    }

    async fn unreadable(&self, delivery: &Delivery, _: GiveUp) -> Result<(), Unavailable> {
        self.unreadable.lock().unwrap().push(delivery.stored.seq);
        Ok(())
    }
}
