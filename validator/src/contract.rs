//! The message for VALID: the accepted rows of a page, with its books.

use kansoku_nats::{Outgoing, page, trace};
use kansoku_schemas::{
    Accounts, Fact, GENRE_PAGE, GenrePage, GenreRow, Judged, PageMeta, Position, Replay, RowVerdict,
    SNAPSHOT_PAGE, SnapshotPage, SnapshotRow,
};

use crate::{
    decide::{Arrival, Tally},
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
    let Place { meta, replay } = place.clone();
    let stored = &arrival.delivery.stored;
    let common = Common {
        judge: judge.to_owned(),
        raw: arrival.position(),
        trace_id: trace::trace_id(&stored.headers),
        meta,
        replay,
        accounts,
    };
    let body = if common.meta.dataset.is_anime_rows() {
        let rows = rows.into_iter().filter_map(|row| snapshot_row(place, limit, row)).collect();
        let Common { judge, raw, trace_id, meta, replay, accounts } = common;
        serde_json::to_vec(&SnapshotPage {
            contract: SNAPSHOT_PAGE.to_owned(),
            judge,
            meta,
            raw,
            trace_id,
            limit,
            stored_at: stored.time,
            judged_at: arrival.now,
            accounts,
            warnings,
            replay,
            rows,
        })?
    } else {
        let rows = rows.into_iter().filter_map(|row| genre_row(place, row)).collect();
        let Common { judge, raw, trace_id, meta, replay, accounts } = common;
        serde_json::to_vec(&GenrePage {
            contract: GENRE_PAGE.to_owned(),
            judge,
            meta,
            raw,
            trace_id,
            limit,
            stored_at: stored.time,
            judged_at: arrival.now,
            accounts,
            warnings,
            replay,
            rows,
        })?
    };
    let valid = page::valid(&place.meta, place.replay.as_ref(), arrival.position(), judge, body.into());
    Ok((valid, tally))
}

/// What both contracts say alike.
struct Common {
    judge: String,
    raw: Position,
    trace_id: Option<String>,
    meta: PageMeta,
    replay: Option<Replay>,
    accounts: Accounts,
}

/// The index that a row had on its original page.
pub(crate) fn original_index(place: &Place, index: u32) -> u32 {
    place.row_replay().map_or(index, |(_, row)| row)
}

fn snapshot_row(place: &Place, limit: u32, row: RowVerdict) -> Option<SnapshotRow> {
    let index = original_index(place, row.index);
    match row.outcome.ok()? {
        Fact::Anime(anime) => {
            Some(SnapshotRow { index, position: place.position(limit, index), anime: *anime })
        }
        Fact::Genre(_) => None,
    }
}

fn genre_row(place: &Place, row: RowVerdict) -> Option<GenreRow> {
    match row.outcome.ok()? {
        Fact::Genre(genre) => Some(GenreRow { index: original_index(place, row.index), ..genre }),
        Fact::Anime(_) => None,
    }
}

fn count(rows: usize) -> u32 {
    // A body is at most 1 MiB and a row at least two bytes.
    u32::try_from(rows).unwrap_or(u32::MAX)
}
