//! The judged page for VALID: its accepted rows, with what is known of it.

use kansoku_nats::trace;
use kansoku_schemas::{Judged, Page, PageBody, PageCounts};

use crate::page::{PageMetadata, RawPage};

/// Puts a judged page together.
pub(crate) fn page(raw: &RawPage<'_>, metadata: PageMetadata, judge: &str, judged: Judged) -> Page {
    let Judged { mut rows, rejected, limit, drift, warnings } = judged;
    let (accepted, dead) = (count(rows.len()), count(rejected.len()));
    let received = if metadata.row_replay().is_some() { 0 } else { accepted + dead };
    rows.set_places(|index| {
        let index = metadata.index(index);
        (index, metadata.position(limit, index))
    });
    let body = PageBody {
        contract: rows.kind().contract().to_owned(),
        trace_id: trace::trace_id(&raw.delivery.stored.headers),
        limit,
        stored_at: raw.delivery.stored.time,
        judged_at: raw.now,
        counts: PageCounts { received, accepted, dead, drift },
        warnings,
        rows,
    };
    let PageMetadata { meta, replay } = metadata;
    Page { meta, replay, raw: raw.position(), judge: judge.to_owned(), body }
}

fn count(rows: usize) -> u32 {
    // A body is at most 1 MiB and a row at least two bytes.
    u32::try_from(rows).unwrap_or(u32::MAX)
}
