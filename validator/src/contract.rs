//! The message for VALID: the accepted rows of a page, with its books.

use kansoku_nats::{Outgoing, page, trace};
use kansoku_schemas::{
    Accounts, ContractPage, Fact, GENRE_PAGE, GenreRow, HISTORY_PAGE, HistoryRow, Judged, RowKind,
    RowVerdict, SNAPSHOT_PAGE, SnapshotRow,
};

use crate::{
    arrival::{Arrival, Tally},
    place::Place,
};

/// Writes the contract of a judged page.
pub(crate) fn write(
    arrival: &Arrival<'_>,
    place: &Place,
    judge: &str,
    judged: Judged,
) -> serde_json::Result<(Outgoing, Tally)> {
    let Judged { rows, limit, drift, warnings } = judged;
    let count = |passed: bool| count(rows.iter().filter(|row| row.outcome.is_ok() == passed).count());
    let tally = Tally { accepted: count(true), dead: count(false), drift: drift.clone() };
    let received = if place.row_replay().is_some() { 0 } else { tally.accepted + tally.dead };
    let accounts = Accounts { received, accepted: tally.accepted, dead: tally.dead, drift };
    let kind = place.meta.dataset.row_kind();
    let head = ContractPage::<()> {
        contract: match kind {
            RowKind::Anime => SNAPSHOT_PAGE,
            RowKind::Genre => GENRE_PAGE,
            RowKind::History => HISTORY_PAGE,
        }
        .to_owned(),
        judge: judge.to_owned(),
        meta: place.meta.clone(),
        raw: arrival.position(),
        trace_id: trace::trace_id(&arrival.delivery.stored.headers),
        limit,
        stored_at: arrival.delivery.stored.time,
        judged_at: arrival.now,
        accounts,
        warnings,
        replay: place.replay.clone(),
        rows: Vec::new(),
    };
    let rows = rows.into_iter();
    let body = match kind {
        RowKind::Anime => {
            let rows = rows.filter_map(|row| snapshot_row(place, limit, row));
            serde_json::to_vec(&head.with(rows.collect()))?
        }
        RowKind::Genre => {
            serde_json::to_vec(&head.with(rows.filter_map(|row| genre_row(place, row)).collect()))?
        }
        RowKind::History => {
            let rows = rows.filter_map(|row| history_row(place, limit, row));
            serde_json::to_vec(&head.with(rows.collect()))?
        }
    };
    let valid = page::valid(&place.meta, place.replay.as_ref(), arrival.position(), judge, body.into());
    Ok((valid, tally))
}

fn snapshot_row(place: &Place, limit: u32, row: RowVerdict) -> Option<SnapshotRow> {
    let index = place.index(row.index);
    match row.outcome.ok()? {
        Fact::Anime(anime) => {
            Some(SnapshotRow { index, position: place.position(limit, index), anime: *anime })
        }
        Fact::Genre(_) | Fact::History(_) => None,
    }
}

fn genre_row(place: &Place, row: RowVerdict) -> Option<GenreRow> {
    match row.outcome.ok()? {
        Fact::Genre(genre) => Some(GenreRow { index: place.index(row.index), ..genre }),
        Fact::Anime(_) | Fact::History(_) => None,
    }
}

fn history_row(place: &Place, limit: u32, row: RowVerdict) -> Option<HistoryRow> {
    let index = place.index(row.index);
    match row.outcome.ok()? {
        Fact::History(row) => Some(HistoryRow { index, position: place.position(limit, index), ..row }),
        Fact::Anime(_) | Fact::Genre(_) => None,
    }
}

fn count(rows: usize) -> u32 {
    // A body is at most 1 MiB and a row at least two bytes.
    u32::try_from(rows).unwrap_or(u32::MAX)
}
