//! The first level: in this process, bounded by bytes, the least recently used first to go.

use std::sync::Arc;

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
}

/// The newest response under each key.
#[derive(Debug, Clone)]
pub(super) struct MemoryCache(Cache<String, Entry>);

impl MemoryCache {
    /// A cache of that many bytes.
    pub(super) fn new(bytes: u64) -> Self {
        let weigh = |key: &String, entry: &Entry| {
            u32::try_from(OVERHEAD + key.len() + entry.response.body.len()).unwrap_or(u32::MAX)
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
            cache.put(&n.to_string(), Entry { response: Arc::new(response), reading: 0 });
        }
        cache.0.run_pending_tasks();
        assert!(cache.0.weighted_size() <= 10_000);
        assert!(cache.get("99").is_some());
        assert!(cache.get("0").is_none());
    }
}
