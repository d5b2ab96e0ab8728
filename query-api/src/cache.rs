//! Cached responses: in the process, in Redis, and read from the database once for all who ask at the same time.
//!
//! A cached response is current for as long as the version of its data is. That version is the one read in the response's
//! own snapshot, so a response is never filed under data it has not seen.

mod as_of;
mod in_flight;
mod memory;
mod redis;
mod response;

use std::sync::Arc;

use futures::future::BoxFuture;
use kansoku_service::Stop;
use tokio::sync::watch;

use crate::{
    database::{KnownVersions, ReadError},
    vocabulary::Catalogue,
};

use in_flight::InFlight;
use memory::{Entry, MemoryCache};
pub(crate) use {
    as_of::AsOfCache,
    redis::Redis,
    response::{CachedResponse, Format},
};

/// What a response depends on besides the data.
#[derive(Debug, Clone)]
pub(crate) struct CacheKey {
    /// The resource and its parameters in normal form.
    pub text: String,
    /// The one catalogue it is about; all of them where that is for the data to say.
    pub catalogue: Option<Catalogue>,
}

/// Where a response was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheStatus {
    /// In this process.
    Memory,
    /// In Redis.
    Redis,
    /// In the database, just now.
    Miss,
    /// It is the last one known, since the database gave no newer one.
    Stale(StaleReason),
}

/// Why the database gave no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StaleReason {
    /// It cannot be reached.
    Unavailable,
    /// All its sessions are in use.
    Busy,
    /// A statement took too long.
    Slow,
}

impl StaleReason {
    /// Why an older response stands in; `None` where the failure has nothing to do with the database.
    fn of(error: &ReadError) -> Option<Self> {
        match error {
            ReadError::Unavailable(_) => Some(Self::Unavailable),
            ReadError::Busy(_) => Some(Self::Busy),
            ReadError::TooSlow(_) => Some(Self::Slow),
            ReadError::Refused(_) | ReadError::Broken(_) => None,
        }
    }
}

/// Reads a response from the database.
pub(crate) type Read = BoxFuture<'static, Result<CachedResponse, ReadError>>;

/// All levels.
#[derive(Debug)]
pub(crate) struct ResponseCache {
    memory: MemoryCache,
    redis: Redis,
    in_flight: InFlight,
    versions: watch::Receiver<Option<KnownVersions>>,
}

impl ResponseCache {
    /// An empty cache of `memory_bytes` over what `versions` says.
    pub(crate) fn new(
        memory_bytes: u64,
        redis: Redis,
        versions: watch::Receiver<Option<KnownVersions>>,
    ) -> Self {
        Self { memory: MemoryCache::new(memory_bytes), redis, in_flight: InFlight::default(), versions }
    }

    /// Probes whether Redis answers, until the process stops.
    pub(crate) async fn watch_redis(&self, stop: Stop) -> anyhow::Result<()> {
        self.redis.watch(stop).await
    }

    /// The response under a key, read from the database when no level has it.
    pub(crate) async fn find(
        self: &Arc<Self>,
        key: CacheKey,
        read: impl FnOnce() -> Read,
    ) -> Result<(Arc<CachedResponse>, CacheStatus), ReadError> {
        let known = self.versions.borrow().as_ref().map(|known| known.of(key.catalogue));
        let current = match known {
            Some(known) => self.current(known, &key.text, read).await,
            None => Err(ReadError::unavailable(anyhow::anyhow!("no version of the data is known"))),
        };
        match current {
            Err(error) => {
                let Some(reason) = StaleReason::of(&error) else { return Err(error) };
                let last = self.last(&key.text).await.ok_or(error)?;
                Ok((last, CacheStatus::Stale(reason)))
            }
            found => found,
        }
    }

    async fn current(
        self: &Arc<Self>,
        known: KnownVersions,
        key: &str,
        read: impl FnOnce() -> Read,
    ) -> Result<(Arc<CachedResponse>, CacheStatus), ReadError> {
        if let Some(entry) =
            self.memory.get(key).filter(|entry| known.covers(&entry.response.version, entry.reading))
        {
            return Ok((entry.response, CacheStatus::Memory));
        }
        // A request that comes after a new version must not join one that reads the old version.
        let name = format!("{} {key}", known.versions);
        let (cache, key) = (Arc::clone(self), key.to_owned());
        self.in_flight.join(name, || Box::pin(cache.fetch(key, known, read()))).await
    }

    async fn fetch(
        self: Arc<Self>,
        key: String,
        known: KnownVersions,
        read: Read,
    ) -> Result<(Arc<CachedResponse>, CacheStatus), ReadError> {
        let kept = self.redis.get(&key).await.filter(|kept| kept.version == known.versions);
        let (response, status) = match kept {
            Some(response) => (Arc::new(response), CacheStatus::Redis),
            None => (Arc::new(read.await?), CacheStatus::Miss),
        };
        self.memory.put(&key, Entry { response: Arc::clone(&response), reading: known.reading });
        if status == CacheStatus::Miss {
            self.redis.put(&key, &response).await;
        }
        Ok((response, status))
    }

    /// The last response known, whatever its version.
    async fn last(&self, key: &str) -> Option<Arc<CachedResponse>> {
        match self.memory.get(key) {
            Some(entry) => Some(entry.response),
            None => self.redis.get(key).await.map(Arc::new),
        }
    }
}
