//! The first level: in this process, bounded by bytes, the least recently used first to go.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use moka::{policy::EvictionPolicy, sync::Cache};

use super::CachedResponse;

/// What an entry costs besides its texts, roughly.
const OVERHEAD: usize = 256;

/// A response, and how often the versions had been read when it was.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The response.
    pub response: Arc<CachedResponse>,
    /// See [`crate::database::KnownVersions`].
    pub reading: u64,
    is_refreshed: Arc<AtomicBool>,
}

impl Entry {
    /// A response that was read after so many readings.
    pub(super) fn new(response: Arc<CachedResponse>, reading: u64) -> Self {
        Self { response, reading, is_refreshed: Arc::default() }
    }

    /// The task to have it read anew; `None` while somebody has it.
    pub(super) fn start_refresh(&self) -> Option<Refresh> {
        (!self.is_refreshed.swap(true, Ordering::AcqRel)).then(|| Refresh(Arc::clone(&self.is_refreshed)))
    }
}

/// The task to have a response read anew: given back when it is dropped.
#[derive(Debug)]
pub(super) struct Refresh(Arc<AtomicBool>);

impl Drop for Refresh {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The newest response under each key.
#[derive(Debug, Clone)]
pub(super) struct MemoryCache(Cache<String, Entry>);

impl MemoryCache {
    /// A cache of that many bytes.
    pub(super) fn new(bytes: u64) -> Self {
        let weigh = |key: &String, entry: &Entry| {
            u32::try_from(OVERHEAD + key.len() + entry.response.weight()).unwrap_or(u32::MAX)
        };
        // Least recently used: the last good response must be here, however rarely it is asked for.
        let cache =
            Cache::builder().max_capacity(bytes).weigher(weigh).eviction_policy(EvictionPolicy::lru());
        Self(cache.build())
    }

    /// The newest response under a key, whatever its version.
    pub(super) fn get(&self, key: &str) -> Option<Entry> {
        self.0.get(key)
    }

    /// Puts a response in the place of the one before.
    pub(super) fn put(&self, key: &str, entry: Entry) {
        self.0.insert(key.to_owned(), entry);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{cache::Format, database::Versions};

    #[test]
    fn the_cache_is_bounded_by_bytes_and_keeps_the_newest() {
        let cache = MemoryCache::new(10_000);
        for n in 0..100 {
            let version = Versions::default();
            let response =
                CachedResponse::new(version, DateTime::UNIX_EPOCH, Format::Json, vec![b'x'; 1_000]);
            cache.put(&n.to_string(), Entry::new(Arc::new(response), 0));
        }
        cache.0.run_pending_tasks();
        assert!(cache.0.weighted_size() <= 10_000);
        assert!(cache.get("99").is_some());
        assert!(cache.get("0").is_none());
    }

    #[test]
    fn one_at_a_time_reads_a_response_anew() {
        let response = CachedResponse::new(Versions::default(), DateTime::UNIX_EPOCH, Format::Json, *b"{}");
        let entry = Entry::new(Arc::new(response), 0);
        let refresh = entry.start_refresh();
        assert!(refresh.is_some() && entry.clone().start_refresh().is_none());
        drop(refresh);
        assert!(entry.start_refresh().is_some(), "who goes away leaves it to the next");
    }
}
