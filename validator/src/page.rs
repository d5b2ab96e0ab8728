//! A page as it comes from RAW, and its metadata: which page of which run it is, and what it replays.

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_nats::{Delivery, Stored, page, subject};
use kansoku_schemas::{Judged, PageMeta, Position, Replay, Root, RunId, Stage};
use sha2::{Digest, Sha256};

/// How far the clock of a fetcher may be ahead of the server's.
const MAX_AHEAD: TimeDelta = TimeDelta::minutes(5);
/// The most that a page's number, a row's index and its position may be: the tables count with 32 bits.
const MAX_PLACE: u32 = i32::MAX.cast_unsigned();
/// The header that makes a page the replay of one row.
const ROW: &str = "Kansoku-Row";

/// A page in hand.
#[derive(Debug, Clone, Copy)]
pub struct RawPage<'a> {
    /// The message.
    pub delivery: &'a Delivery,
    /// The epoch of its stream position: RAW's creation in ms.
    pub epoch: u64,
    /// Now.
    pub now: DateTime<Utc>,
}

impl RawPage<'_> {
    /// Where the page is in RAW.
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch, seq: self.delivery.stored.seq }
    }
}

/// What a page is, besides its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageMetadata {
    pub(crate) meta: PageMeta,
    pub(crate) replay: Option<Replay>,
}

impl PageMetadata {
    /// Reads it from the headers and checks it; in words why it cannot be.
    pub(crate) fn read(stored: &Stored) -> Result<Self, String> {
        let headers = &stored.headers;
        let meta = page::meta(headers).map_err(|error| error.to_string())?;
        let replay = page::replay(headers).map_err(|error| error.to_string())?;
        if subject::raw(&meta.dataset) != stored.subject {
            return Err(format!(
                "the header ce-subject says {}, the subject is {}",
                meta.dataset, stored.subject
            ));
        }
        if let Some((what, length, most)) = meta.too_long() {
            return Err(format!("the {what} has {length} bytes, and {most} are the most"));
        }
        if meta.page == 0 {
            return Err("the header Kansoku-Page holds 0: pages count from 1".to_owned());
        }
        if meta.page > MAX_PLACE {
            return Err(format!("the header Kansoku-Page holds {}, and {MAX_PLACE} is the most", meta.page));
        }
        let (captured_at, stored_at) = (meta.captured_at, stored.time);
        if captured_at > stored_at + MAX_AHEAD {
            return Err(format!(
                "captured at {captured_at}, more than 5 minutes after it was stored at {stored_at}"
            ));
        }
        match &replay {
            None if headers.get(ROW).is_some() => {
                return Err(format!("the header {ROW} is there without Dlq-Root"));
            }
            None => {}
            Some(replay) => check_replay(&meta, replay)?,
        }
        Ok(Self { meta, replay })
    }

    /// The row that alone is replayed, with the attempt's root.
    pub(crate) fn row_replay(&self) -> Option<(&Replay, u32)> {
        let replay = self.replay.as_ref()?;
        Some((replay, replay.row?))
    }

    /// The index that a row had on its original page.
    pub(crate) fn index(&self, index: u32) -> u32 {
        self.row_replay().map_or(index, |(_, row)| row)
    }

    /// The position in the ranking of the row at `index` on the page.
    pub(crate) fn position(&self, limit: u32, index: u32) -> u32 {
        let stated = self.row_replay().and_then(|(replay, _)| replay.position);
        stated.unwrap_or_else(|| u32::try_from(self.meta.position(limit, index)).unwrap_or(u32::MAX))
    }

    /// Its rows stand where the tables can count; in words where they do not.
    pub(crate) fn check_places(&self, judged: &Judged) -> Result<(), String> {
        let last = u32::try_from(judged.received().saturating_sub(1)).unwrap_or(u32::MAX);
        let index = self.index(last);
        let (page, limit, position) = (self.meta.page, judged.limit, self.position(judged.limit, index));
        if [limit, index, position].into_iter().all(|place| place <= MAX_PLACE) {
            return Ok(());
        }
        Err(format!(
            "row {index} of page {page} of {limit} rows has the position {position}: {MAX_PLACE} is the most of each"
        ))
    }
}

/// A replay names the root that its page has.
fn check_replay(meta: &PageMeta, replay: &Replay) -> Result<(), String> {
    let Replay { root, row, position, .. } = replay;
    if (root.run, root.page) != (meta.run, meta.page) || row.is_some_and(|row| root.row != Some(row)) {
        return Err(format!("the header Dlq-Root names {root}, the page is {}:{}", meta.run, meta.page));
    }
    if row.is_none() && root.row.is_some() {
        return Err(format!("the replay of the row {root} has no header {ROW}"));
    }
    if row.is_some() && position.is_none() && meta.dataset.is_ranked() {
        return Err(format!("the replay of the row {root} has no header Kansoku-Position"));
    }
    Ok(())
}

/// The root of a rejection of the whole page, as far as its headers tell: its own, or the one it replays.
pub(crate) fn root(stored: &Stored) -> (Root, Option<Replay>) {
    let headers = &stored.headers;
    if let Ok(PageMetadata { replay: Some(replay), .. }) = PageMetadata::read(stored) {
        return (replay.root, Some(replay));
    }
    let run = headers.get("Kansoku-Run").and_then(|run| run.parse().ok());
    let page = headers.get("Kansoku-Page").and_then(|page| page.parse().ok());
    let run = run.unwrap_or_else(|| unidentified(stored));
    (Root { run, page: page.unwrap_or(0), row: None, stage: Stage::Validate }, None)
}

/// A run for a message that names none: the same for the same message.
fn unidentified(stored: &Stored) -> RunId {
    let at: DateTime<Utc> = stored.time;
    RunId::import("nameless", &stored.subject, at, &hex::encode(Sha256::digest(&stored.body)))
}
