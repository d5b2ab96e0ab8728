//! The message for VALID: the accepted rows of a page, with its counts.

use kansoku_nats::{Outgoing, page as message, trace};
use kansoku_schemas::{
    Accounts, ContractPage, Fact, GENRE_PAGE, GenreRow, HISTORY_PAGE, HistoryRow, Judged, RowKind,
    RowVerdict, SNAPSHOT_PAGE, SnapshotRow,
};

use crate::page::{PageMetadata, RawPage};

/// Writes the contract of a judged page.
pub(crate) fn write(
    page: &RawPage<'_>,
    metadata: &PageMetadata,
    judge: &str,
    judged: Judged,
) -> serde_json::Result<(Outgoing, Accounts)> {
    let Judged { rows, limit, drift, warnings } = judged;
    let count = |passed: bool| count(rows.iter().filter(|row| row.outcome.is_ok() == passed).count());
    let (accepted, dead) = (count(true), count(false));
    let received = if metadata.row_replay().is_some() { 0 } else { accepted + dead };
    let counts = Accounts { received, accepted, dead, drift };
    let kind = metadata.meta.dataset.row_kind();
    let head = ContractPage::<()> {
        contract: match kind {
            RowKind::Anime => SNAPSHOT_PAGE,
            RowKind::Genre => GENRE_PAGE,
            RowKind::History => HISTORY_PAGE,
        }
        .to_owned(),
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
        rows: Vec::new(),
    };
    let rows = rows.into_iter();
    let body = match kind {
        RowKind::Anime => {
            let rows = rows.filter_map(|row| snapshot_row(metadata, limit, row));
            serde_json::to_vec(&head.with(rows.collect()))?
        }
        RowKind::Genre => {
            serde_json::to_vec(&head.with(rows.filter_map(|row| genre_row(metadata, row)).collect()))?
        }
        RowKind::History => {
            let rows = rows.filter_map(|row| history_row(metadata, limit, row));
            serde_json::to_vec(&head.with(rows.collect()))?
        }
    };
    let valid = message::valid(&metadata.meta, metadata.replay.as_ref(), page.position(), judge, body.into());
    Ok((valid, counts))
}

fn snapshot_row(metadata: &PageMetadata, limit: u32, row: RowVerdict) -> Option<SnapshotRow> {
    let index = metadata.index(row.index);
    match row.outcome.ok()? {
        Fact::Anime(anime) => {
            Some(SnapshotRow { index, position: metadata.position(limit, index), anime: *anime })
        }
        Fact::Genre(_) | Fact::History(_) => None,
    }
}

fn genre_row(metadata: &PageMetadata, row: RowVerdict) -> Option<GenreRow> {
    match row.outcome.ok()? {
        Fact::Genre(genre) => Some(GenreRow { index: metadata.index(row.index), ..genre }),
        Fact::Anime(_) | Fact::History(_) => None,
    }
}

fn history_row(metadata: &PageMetadata, limit: u32, row: RowVerdict) -> Option<HistoryRow> {
    let index = metadata.index(row.index);
    match row.outcome.ok()? {
        Fact::History(row) => Some(HistoryRow { index, position: metadata.position(limit, index), ..row }),
        Fact::Anime(_) | Fact::Genre(_) => None,
    }
}

fn count(rows: usize) -> u32 {
    // A body is at most 1 MiB and a row at least two bytes.
    u32::try_from(rows).unwrap_or(u32::MAX)
}
