//! What an alarm asks of the dead letters, read from the counts in the tables now and then.

use std::{collections::BTreeSet, convert::Infallible, sync::Arc, time::Duration};

use anyhow::Result;
use kansoku_service::{Clock, Stop};
use sqlx::FromRow;

use crate::{metrics::LoaderMetrics, store::Store};

const INTERVAL: Duration = Duration::from_secs(10);
/// A stream that is full so soon is told of in the log.
const SOON: Duration = Duration::from_secs(86_400);

/// Shows the numbers of dead letters.
pub(crate) struct DeadLetterGauges {
    /// The tables.
    pub(crate) store: Arc<Store>,
    /// Tells what time it is.
    pub(crate) clock: Arc<dyn Clock>,
    /// Where they are shown.
    pub(crate) metrics: LoaderMetrics,
}

/// All numbers of one look.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Items by state.
    pub items: Vec<(String, i64)>,
    /// Groups by state.
    pub groups: Vec<(String, i64)>,
    /// Groups in which rows died in spite of their fix.
    pub regressed: BTreeSet<Regressed>,
    /// When the oldest item died that waits for somebody.
    pub oldest_open: Option<chrono::DateTime<chrono::Utc>>,
    /// The streams that are projected.
    pub streams: Vec<Stream>,
}

/// A group in which rows died in spite of its fix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, FromRow)]
pub struct Regressed {
    /// Its number.
    pub grp: i64,
    /// Why its items are rejected.
    pub reason: String,
    /// Where.
    pub path: String,
    /// By which keyword.
    pub keyword: String,
}

/// A stream that is projected.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Stream {
    /// Its name.
    pub stream: String,
    /// Messages that are not projected.
    pub behind: i64,
    /// Bytes in it.
    pub bytes: Option<i64>,
    /// Bytes that it may hold.
    pub max_bytes: Option<i64>,
    /// When it is full.
    pub full_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl DeadLetterGauges {
    /// Looks until the process is to stop. A look that fails is tried again, as the next one.
    ///
    /// # Errors
    /// None.
    pub(crate) async fn keep(&self, stop: &Stop) -> Result<()> {
        let mut before: Option<Seen> = None;
        let forever = async {
            loop {
                // While commits do not work, the sessions there are belong to who tries to mend that.
                if self.store.works()
                    && let Ok(seen) = self.store.look_at_dead_letters().await
                {
                    self.tell(&seen, before.as_ref());
                    self.metrics.dead_letters(&seen, self.clock.now());
                    before = Some(seen);
                }
                tokio::time::sleep(INTERVAL).await;
            }
        };
        let _: Option<Infallible> = stop.run_until(forever).await;
        Ok(())
    }

    /// Logs what is worse than before, once.
    fn tell(&self, seen: &Seen, before: Option<&Seen>) {
        let known = before.map(|before| before.regressed.clone()).unwrap_or_default();
        for Regressed { grp, reason, path, keyword } in seen.regressed.difference(&known) {
            tracing::warn!(
                group = grp,
                reason,
                path,
                keyword,
                "the group {grp} ({reason} {path} {keyword}) regressed: rows die for what was fixed"
            );
        }
        let is_soon = |stream: &Stream| {
            stream.full_at.is_some_and(|at| (at - self.clock.now()).to_std().unwrap_or_default() < SOON)
        };
        for stream in seen.streams.iter().filter(|stream| is_soon(stream)) {
            let Stream { stream: name, bytes, max_bytes, full_at, .. } = stream;
            let was_soon = before
                .is_some_and(|before| before.streams.iter().any(|old| old.stream == *name && is_soon(old)));
            if !was_soon {
                let (bytes, most) = (bytes.unwrap_or_default(), max_bytes.unwrap_or_default());
                let at = full_at.map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default();
                tracing::warn!(
                    stream = name,
                    bytes,
                    "{name} holds {bytes} of {most} bytes and is full at {at} if it goes on like this: stop what fills it, \
                     or raise max_bytes in nats/streams/{name}.json and run `make up`"
                );
            }
        }
    }
}
