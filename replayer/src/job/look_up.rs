//! Which replays RAW has: looked through part by part, so that other work goes on in between.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use kansoku_nats::Client;
use kansoku_service::Unavailable;

const STREAM: &str = "RAW";
/// How many messages are looked at between two looks at other work.
const PART: usize = 2_000;

/// How far RAW is looked through, and what was found.
#[derive(Debug, Default)]
pub(super) struct LookUp {
    /// The sequences of the replays that RAW has, by their ids.
    found: HashMap<String, u64>,
    /// Where to go on, by subject; `None` where nothing more is to be found.
    next: BTreeMap<String, Option<u64>>,
}

impl LookUp {
    /// Where RAW has the replay with this id.
    pub(super) fn seq(&self, id: &str) -> Option<u64> {
        self.found.get(id).copied()
    }

    /// Looks at the next messages on these subjects, stored since then; whether all ids are looked up.
    pub(super) async fn go_on<'a>(
        &mut self,
        client: &Client,
        wanted: impl Iterator<Item = (&'a str, &'a str)>,
        since: DateTime<Utc>,
    ) -> Result<bool, Unavailable> {
        let mut subjects: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
        for (subject, id) in wanted.filter(|(_, id)| !self.found.contains_key(*id)) {
            subjects.entry(subject).or_default().insert(id);
        }
        let mut left = PART;
        for (subject, mut ids) in subjects {
            let mut next = match self.next.get(subject) {
                Some(None) => continue,
                Some(Some(seq)) => client.next_on_subject(STREAM, subject, *seq).await?,
                None => client.first_since(STREAM, subject, since).await?,
            };
            while let Some(stored) = next.filter(|_| !ids.is_empty()) {
                let id = stored.headers.get("Nats-Msg-Id").unwrap_or_default();
                if ids.remove(id) {
                    self.found.insert(id.to_owned(), stored.seq);
                }
                self.next.insert(subject.to_owned(), Some(stored.seq + 1));
                left -= 1;
                if left == 0 {
                    return Ok(false);
                }
                next = client.next_on_subject(STREAM, subject, stored.seq + 1).await?;
            }
            self.next.insert(subject.to_owned(), None);
        }
        Ok(true)
    }
}
