//! One instant for all values of `as_of` that have the same captures behind them: else every microsecond would be a cache key
//! of its own.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use tokio::sync::watch;

use super::Admission;
use crate::{
    database::{About, Captures, Dependence, KnownVersions, SessionPool, Versions},
    selection::{AsOf, Selection},
    vocabulary::Catalogue,
};

/// Instants remembered; each takes some hundred bytes.
const MAX_INSTANTS: u64 = 4_096;

/// Finds the canonical instants, and remembers them for as long as the data stand.
#[derive(Debug)]
pub(crate) struct AsOfCache {
    pool: SessionPool,
    admission: Arc<Admission>,
    versions: watch::Receiver<Option<KnownVersions>>,
    max_wait: Duration,
    remembered: Cache<(Option<Catalogue>, DateTime<Utc>), (Versions, AsOf)>,
}

impl AsOfCache {
    /// An empty one over that database, which is given `max_wait` to say where an instant lies.
    pub(crate) fn new(
        pool: SessionPool,
        admission: Arc<Admission>,
        versions: watch::Receiver<Option<KnownVersions>>,
        max_wait: Duration,
    ) -> Self {
        Self { pool, admission, versions, max_wait, remembered: Cache::new(MAX_INSTANTS) }
    }

    /// The canonical instant of a selection; while the database says nothing, the last one known, or the one asked for.
    pub(crate) async fn canonical(&self, selection: &Selection) -> Option<AsOf> {
        let as_of = selection.as_of?;
        let key = (selection.catalogue, as_of.0);
        let remembered = self.remembered.get(&key);
        let about = selection.catalogue.map_or(About::All, About::One);
        let depends = Dependence { about, as_of: Some(as_of.0), also: &[] };
        let known = self.versions.borrow().as_ref().map(|known| known.state.of(&depends));
        let last = remembered.as_ref().map_or(as_of, |(_, canonical)| *canonical);
        let Some(known) = known else { return Some(last) };
        if remembered.is_some_and(|(version, _)| version == known) {
            return Some(last);
        }
        // A failure is told by the read that follows.
        let read = async {
            let mut session = self.pool.acquire().await?;
            Captures::around(&mut *session, selection.catalogue, as_of.0).await
        };
        let read = tokio::time::timeout(self.max_wait, self.admission.admit(read)).await;
        let Ok(Ok(captures)) = read else { return Some(last) };
        let canonical = as_of.canonical(captures.newest, captures.oldest);
        self.remembered.insert(key, (known, canonical));
        Some(canonical)
    }
}
