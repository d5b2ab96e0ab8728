//! The message for VALID: the accepted rows of a page, with its counts.

use kansoku_nats::{Outgoing, page as message, trace};
use kansoku_schemas::{Accounts, Judged, Page};

use crate::page::{PageMetadata, RawPage};

/// Writes the contract of a judged page.
pub(crate) fn write(
    page: &RawPage<'_>,
    metadata: &PageMetadata,
    judge: &str,
    judged: Judged,
) -> serde_json::Result<(Outgoing, Accounts)> {
    let Judged { mut rows, rejected, limit, drift, warnings } = judged;
    let (accepted, dead) = (count(rows.len()), count(rejected.len()));
    let received = if metadata.row_replay().is_some() { 0 } else { accepted + dead };
    let counts = Accounts { received, accepted, dead, drift };
    rows.set_places(|index| {
        let index = metadata.index(index);
        (index, metadata.position(limit, index))
    });
    let contract = Page {
        contract: rows.kind().contract().to_owned(),
        judge: judge.to_owned(),
        meta: metadata.meta.clone(),
        raw: page.position(),
        trace_id: trace::trace_id(&page.delivery.stored.headers),
        limit,
        stored_at: page.delivery.stored.time,
        judged_at: page.now,
        accounts: counts.clone(),
        warnings,
        replay: metadata.replay.clone(),
        rows,
    };
    let body = serde_json::to_vec(&contract)?;
    let valid = message::valid(&metadata.meta, metadata.replay.as_ref(), page.position(), judge, body.into());
    Ok((valid, counts))
}

fn count(rows: usize) -> u32 {
    // A body is at most 1 MiB and a row at least two bytes.
    u32::try_from(rows).unwrap_or(u32::MAX)
}
