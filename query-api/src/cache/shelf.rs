//! The first level: in this process, bounded by bytes, the least used first to go.

use std::sync::Arc;

use moka::{policy::EvictionPolicy, sync::Cache};

use super::Finished;

/// What an entry costs besides its texts, roughly.
const OVERHEAD: usize = 256;

/// The newest answer to each question.
#[derive(Debug, Clone)]
pub(crate) struct Shelf(Cache<String, Arc<Finished>>);

impl Shelf {
    /// A shelf of that many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let weigh = |key: &String, answer: &Arc<Finished>| {
            u32::try_from(OVERHEAD + key.len() + answer.tag.len() + answer.body.len()).unwrap_or(u32::MAX)
        };
        // Least recently used: the last good answer must be on the shelf, however rarely it is asked for.
        let cache =
            Cache::builder().max_capacity(bytes).weigher(weigh).eviction_policy(EvictionPolicy::lru());
        Self(cache.build())
    }

    /// The newest answer to a question, whatever its version.
    pub(crate) fn get(&self, key: &str) -> Option<Arc<Finished>> {
        self.0.get(key)
    }

    /// Puts an answer in the place of the one before.
    pub(crate) fn put(&self, key: &str, answer: &Arc<Finished>) {
        self.0.insert(key.to_owned(), Arc::clone(answer));
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::cache::Format;

    #[test]
    fn the_shelf_is_bounded_by_bytes_and_keeps_the_newest() {
        let shelf = Shelf::new(10_000);
        for n in 0..100 {
            let answer = Finished::new("t".into(), DateTime::UNIX_EPOCH, Format::Json, vec![b'x'; 1_000]);
            shelf.put(&n.to_string(), &Arc::new(answer));
        }
        shelf.0.run_pending_tasks();
        assert!(shelf.0.weighted_size() <= 10_000);
        assert!(shelf.get("99").is_some());
        assert!(shelf.get("0").is_none());
    }
}
