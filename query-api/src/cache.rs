//! Finished answers: in the process, in Redis, and from the database once for all who ask at the same time.
//!
//! A question's answer is good for as long as the data's version stands. The version is the one read in the answer's
//! own snapshot, so an answer can never be filed under data it has not seen.

mod finished;
mod flights;
mod redis;
mod shelf;

use std::sync::Arc;

use futures::future::BoxFuture;
use kansoku_service::Stop;
use tokio::sync::watch;

use crate::{
    database::{ReadError, Versions},
    vocabulary::Catalogue,
};

use flights::Flights;
pub(crate) use {
    finished::{Finished, Format},
    redis::Redis,
    shelf::Shelf,
};

/// What an answer depends on besides the data.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The resource and its parameters in normal form.
    pub key: String,
    /// The one catalogue it is about; all of them where that is for the data to say.
    pub catalogue: Option<Catalogue>,
}

/// Where an answer was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// In this process.
    Memory,
    /// In Redis.
    Redis,
    /// In the database, just now.
    Database,
    /// It is the last one known; the database is away.
    Stale,
}

/// Reads an answer from the database.
pub(crate) type Read = BoxFuture<'static, Result<Finished, ReadError>>;

/// All levels.
#[derive(Debug)]
pub(crate) struct Answers {
    shelf: Shelf,
    redis: Redis,
    flights: Flights,
    versions: watch::Receiver<Option<Versions>>,
}

impl Answers {
    /// An empty cache over what `versions` says.
    pub(crate) fn new(shelf: Shelf, redis: Redis, versions: watch::Receiver<Option<Versions>>) -> Self {
        Self { shelf, redis, flights: Flights::default(), versions }
    }

    /// Looks whether Redis is there, until the process stops.
    pub(crate) async fn watch(&self, stop: Stop) -> anyhow::Result<()> {
        self.redis.watch(stop).await
    }

    /// The answer to a question, read from the database when no level has it.
    pub(crate) async fn find(
        self: &Arc<Self>,
        question: Question,
        read: impl FnOnce() -> Read,
    ) -> Result<(Arc<Finished>, Found), ReadError> {
        let tag = self.versions.borrow().as_ref().map(|versions| versions.tag(question.catalogue));
        let fresh = match tag {
            Some(tag) => self.fresh(&tag, &question, read).await,
            None => Err(ReadError::unavailable(anyhow::anyhow!("no version of the data is known"))),
        };
        match fresh {
            Err(error @ (ReadError::Unavailable(_) | ReadError::TooSlow(_))) => {
                self.last(&question.key).await.ok_or(error)
            }
            answer => answer,
        }
    }

    async fn fresh(
        self: &Arc<Self>,
        tag: &str,
        question: &Question,
        read: impl FnOnce() -> Read,
    ) -> Result<(Arc<Finished>, Found), ReadError> {
        if let Some(answer) = self.shelf.get(&question.key).filter(|answer| answer.tag == tag) {
            return Ok((answer, Found::Memory));
        }
        // Who asks after a new version has come must not join a flight that reads the old one.
        let flight = format!("{tag} {}", question.key);
        let (answers, key, tag) = (Arc::clone(self), question.key.clone(), tag.to_owned());
        self.flights.join(flight, || Box::pin(answers.fetch(key, tag, read()))).await
    }

    async fn fetch(
        self: Arc<Self>,
        key: String,
        tag: String,
        read: Read,
    ) -> Result<(Arc<Finished>, Found), ReadError> {
        if let Some(answer) = self.redis.get(&tag, &key).await {
            let answer = Arc::new(answer);
            self.shelf.put(&key, &answer);
            return Ok((answer, Found::Redis));
        }
        let answer = Arc::new(read.await?);
        self.shelf.put(&key, &answer);
        self.redis.put(&key, &answer).await;
        Ok((answer, Found::Database))
    }

    /// The last answer known, whatever its version.
    async fn last(&self, key: &str) -> Option<(Arc<Finished>, Found)> {
        let answer = match self.shelf.get(key) {
            Some(answer) => answer,
            None => Arc::new(self.redis.last(key).await?),
        };
        Some((answer, Found::Stale))
    }
}
