//! What an import left that died between publishing pages and recording them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use kansoku_nats::{Stored, dead_letter, id, page, subject};
use kansoku_runs::{Open, Publisher, RunState, envelope, publish::sha256};
use kansoku_schemas::{Dataset, Reason};

/// Of runs that were left under way, pages may be there that no event has: they are looked for, however long ago it was.
pub(super) async fn recover(publisher: &Publisher, opened: &mut [Open]) -> Result<()> {
    let mut left: BTreeMap<Dataset, DateTime<Utc>> = BTreeMap::new();
    for open in opened.iter() {
        let Some(since) = open.unrecorded_since() else { continue };
        let first = left.entry(open.state.meta.dataset).or_insert(since);
        *first = since.min(*first);
    }
    for (dataset, since) in left {
        for place in [("RAW", subject::raw(&dataset)), ("DLQ", format!("dlq.fetch.*.{dataset}"))] {
            let visit = |stored: &Stored| {
                let Ok(meta) = page::meta(&stored.headers) else { return };
                let open = opened.iter_mut().find(|open| open.state.meta.run == meta.run);
                if let Some(open) = open.filter(|open| open.unrecorded_since().is_some()) {
                    recovered(&mut open.state, meta.page, stored);
                }
            };
            let looked = publisher.since((place.0, &place.1), since, visit).await;
            looked.context("look for pages that an import left")?;
        }
    }
    Ok(())
}

/// Notes what is stored of a run that no event has.
fn recovered(state: &mut RunState, number: u32, stored: &Stored) {
    let stored_id = stored.headers.get("Nats-Msg-Id").unwrap_or_default();
    if let Some((reason, _)) = dead_letter::refusal(&stored.headers) {
        put_aside(state, number, reason, &stored.body);
    } else if stored_id == id::raw(&state.meta.run, number) {
        state.got(number, envelope::read(&stored.body).map_or(0, |envelope| envelope.rows));
        state.brought(number, &sha256(&stored.body));
    } else {
        state.got_replay(stored_id);
    }
}

/// Notes that a body that is no page is in DLQ.
pub(super) fn put_aside(state: &mut RunState, number: u32, reason: Reason, body: &[u8]) {
    state.failed(number, reason);
    state.put_aside(number, &sha256(body));
}
