//! Cached responses: in the process, in Redis, and read from the database once for all who ask at the same time.
//!
//! A cached response is current for as long as the version of its data is. That version is the one read in the response's
//! own snapshot, so a response is never filed under data it has not seen.

mod admission;
mod as_of;
mod encoding;
mod memory;
mod metrics;
mod redis;
mod response;

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use kansoku_service::{Clock, Stop};
use moka::future::Cache;
use tokio::sync::watch;

use crate::database::{Dependence, KnownVersions, ReadError, Versions};

use memory::{Entry, MemoryCache, Refresh};
pub(crate) use {
    admission::Admission,
    as_of::AsOfCache,
    encoding::Encoding,
    metrics::CacheMetrics,
    redis::Redis,
    response::{CachedResponse, Format},
};

/// What a response depends on besides the data.
#[derive(Debug, Clone)]
pub(crate) struct CacheKey {
    /// The resource and its parameters in normal form.
    pub text: String,
    /// The part of the data.
    pub depends: Dependence,
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
    /// In this process, while another request has it read anew.
    Refreshing,
    /// It is the last one known, since the database gave no newer one.
    Stale(StaleReason, Level),
}

/// Where responses are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// In this process.
    Memory,
    /// In Redis.
    Redis,
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
    /// What is being read, by version and key: those who ask for it meanwhile wait for the same read. Nothing stays here.
    in_flight: Cache<String, (Arc<CachedResponse>, CacheStatus)>,
    admission: Arc<Admission>,
    versions: watch::Receiver<Option<KnownVersions>>,
    /// How long a request waits for a newer response than the last one known.
    max_wait: Duration,
    clock: Arc<dyn Clock>,
    metrics: CacheMetrics,
}

impl ResponseCache {
    /// An empty cache of `memory_bytes` over what `versions` says.
    pub(crate) fn new(
        memory_bytes: u64,
        redis: Redis,
        admission: Arc<Admission>,
        versions: watch::Receiver<Option<KnownVersions>>,
        max_wait: Duration,
        clock: Arc<dyn Clock>,
        metrics: CacheMetrics,
    ) -> Self {
        let (memory, in_flight) = (MemoryCache::new(memory_bytes), Cache::new(0));
        Self { memory, redis, in_flight, admission, versions, max_wait, clock, metrics }
    }

    /// Probes whether Redis answers, until the process stops.
    pub(crate) async fn watch_redis(&self, stop: Stop) -> anyhow::Result<()> {
        self.redis.watch(stop).await
    }

    /// The response under a key, read from the database when no level has it.
    ///
    /// After a new version the first who asks has the response read anew and waits for it. Who asks during that read gets the
    /// last one at once, if that was current until less than [`GRACE`](crate::database::GRACE) ago; later ones wait for the
    /// read, too. So a commit is visible to whoever asks first, and a crowd never waits for it. A read that takes longer than
    /// `max_wait` goes on, and those who wait get the last response known.
    pub(crate) async fn find(
        self: &Arc<Self>,
        key: CacheKey,
        read: impl FnOnce() -> Read + Send + 'static,
    ) -> Result<(Arc<CachedResponse>, CacheStatus), ReadError> {
        let outcome = self.look_up(key, read).await;
        self.metrics.served(&outcome);
        outcome
    }

    async fn look_up(
        self: &Arc<Self>,
        key: CacheKey,
        read: impl FnOnce() -> Read + Send + 'static,
    ) -> Result<(Arc<CachedResponse>, CacheStatus), ReadError> {
        let last = self.memory.get(&key.text);
        let current = match self.look(&key.depends, last.as_ref()) {
            Look::Current(response) => return Ok((response, CacheStatus::Memory)),
            Look::GoodEnough(response) => return Ok((response, CacheStatus::Refreshing)),
            Look::Read(known, refresh) => {
                let (cache, text) = (Arc::clone(self), key.text.clone());
                let mut reading = Box::pin(async move {
                    let _refresh = refresh;
                    cache.read_once(&text, known, read).await
                });
                match tokio::time::timeout(self.max_wait, &mut reading).await {
                    Ok(found) => found,
                    Err(_) => match self.last(&key.text).await {
                        Some((last, level)) => {
                            tokio::spawn(reading);
                            return Ok((last, CacheStatus::Stale(StaleReason::Slow, level)));
                        }
                        None => reading.await,
                    },
                }
            }
            Look::Unknown => Err(ReadError::unavailable(anyhow::anyhow!("no version of the data is known"))),
        };
        match current {
            Err(error) => {
                let Some(reason) = StaleReason::of(&error) else { return Err(error) };
                let (last, level) = self.last(&key.text).await.ok_or(error)?;
                Ok((last, CacheStatus::Stale(reason, level)))
            }
            found => found,
        }
    }

    fn look(&self, depends: &Dependence, last: Option<&Entry>) -> Look {
        let known = self.versions.borrow();
        let Some(known) = &*known else { return Look::Unknown };
        let refresh = match last {
            Some(entry) if known.covers(depends, &entry.response.version, entry.reading) => {
                return Look::Current(Arc::clone(&entry.response));
            }
            Some(entry) => match entry.start_refresh() {
                None if known.covered(depends, &entry.response.version, self.clock.monotonic()) => {
                    return Look::GoodEnough(Arc::clone(&entry.response));
                }
                refresh => refresh,
            },
            None => None,
        };
        Look::Read(Known { versions: known.state.of(depends), reading: known.reading }, refresh)
    }

    /// Who comes after a new version does not join those who wait for the old one.
    async fn read_once(
        &self,
        key: &str,
        known: Known,
        read: impl FnOnce() -> Read,
    ) -> Result<(Arc<CachedResponse>, CacheStatus), ReadError> {
        let name = format!("{:?} {key}", known.versions);
        let fetch = self.fetch(key, known, read);
        self.in_flight.try_get_with(name, fetch).await.map_err(|error: Arc<ReadError>| (*error).clone())
    }

    async fn fetch(
        &self,
        key: &str,
        known: Known,
        read: impl FnOnce() -> Read,
    ) -> Result<(Arc<CachedResponse>, CacheStatus), ReadError> {
        let (response, status) = match self.redis.get(key, &known.versions).await {
            Some(response) => (Arc::new(response), CacheStatus::Redis),
            None => (Arc::new(self.admission.admit(read()).await?), CacheStatus::Miss),
        };
        self.memory.put(key, Entry::new(Arc::clone(&response), known.reading));
        if status == CacheStatus::Miss {
            self.redis.put(key, &response).await;
        }
        Ok((response, status))
    }

    /// The last response known, whatever its version.
    async fn last(&self, key: &str) -> Option<(Arc<CachedResponse>, Level)> {
        match self.memory.get(key) {
            Some(entry) => Some((entry.response, Level::Memory)),
            None => self.redis.last(key).await.map(|response| (Arc::new(response), Level::Redis)),
        }
    }
}

/// The versions that a response depends on, as they are known.
struct Known {
    versions: Versions,
    reading: u64,
}

/// What this process knows of a response.
enum Look {
    /// It is current.
    Current(Arc<CachedResponse>),
    /// It was current a moment ago, and is being read anew.
    GoodEnough(Arc<CachedResponse>),
    /// It has to be read, by the only one who does unless the time for the last one is over.
    Read(Known, Option<Refresh>),
    /// The database is away.
    Unknown,
}
