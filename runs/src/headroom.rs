//! Headroom in RAW. It drops its oldest message for a new one when it is full, so everybody who publishes to it waits while
//! more than half of it has not been read or, where it is archived, not been archived yet; and while a page could push out
//! one that somebody still needs, however large those are and however small the others.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use anyhow::anyhow;
use chrono::{DateTime, TimeDelta, Utc};
use kansoku_nats::{Client, PublishError, StreamState, subject};
use kansoku_schemas::ArchiveEvent;
use kansoku_service::Unavailable;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

/// The most bytes that are published between two looks.
const MOST: u64 = 64 << 20;
/// How long a look counts: others publish too, and who reads may have stopped.
const FRESH: Duration = Duration::from_secs(1);
/// As many may publish at once and each go by a look of its own.
const PUBLISHERS: u64 = 4;
/// After a file was announced RAW is taken for archived as long as this.
const ARCHIVED: TimeDelta = TimeDelta::days(2);

/// What a publisher is told of RAW.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawSettings {
    /// Whether `archive keep` runs: then what it has not archived yet is still needed.
    pub archived: bool,
}

/// What RAW must not drop yet, and how much of it there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// Bytes that are not read, or read and not settled, or not archived, if they are of the mean size.
    pub bytes: u64,
    /// Bytes that drop nothing of it for certain.
    pub safe: u64,
    /// Half of RAW; `None` without a limit.
    pub most: Option<u64>,
    /// Who is behind most.
    pub behind: Behind,
}

impl Unread {
    /// The bytes that one publisher may add, beside those that are on their way.
    pub fn room(&self, in_flight: u64) -> u64 {
        let Some(most) = self.most else { return u64::MAX };
        let half = most.saturating_sub(self.bytes.saturating_add(in_flight));
        half.min(self.safe.saturating_sub(in_flight) / PUBLISHERS)
    }
}

/// Who needs what RAW holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// The validator has not read it.
    Validator,
    /// No archive file has it.
    Archive,
}

/// Looks how much of RAW is still needed. `archives` says whether we archive it; another process may, without our knowing
/// but by the files that it announced.
pub async fn look(client: &Client, archives: bool, now: DateTime<Utc>) -> Result<Unread, Unavailable> {
    let (raw, reader, last) = futures::try_join!(
        client.stream_state("RAW"),
        client.consumer_state("RAW", "validator"),
        client.last_on_subject("RUN", subject::ARCHIVES)
    )?;
    let announced = last.and_then(|last| serde_json::from_slice::<ArchiveEvent>(&last.body).ok());
    let is_archived = archives || announced.as_ref().is_some_and(|event| is_recent(event, &raw, now));
    let unarchived = if is_archived { unarchived(&raw, announced.as_ref()) } else { 0 };
    // After a kill what is not settled may be the oldest of what was delivered: all behind it stays as well.
    let unsettled = raw.last_seq.saturating_sub(reader.ack_floor).min(raw.messages);
    Ok(unread(&raw, unsettled, unarchived))
}

/// Whether somebody archives this RAW: each day that anything came ends with a file.
fn is_recent(event: &ArchiveEvent, raw: &StreamState, now: DateTime<Utc>) -> bool {
    event.epoch == raw.epoch() && now - event.at < ARCHIVED
}

/// Messages in RAW after the last one that is announced.
fn unarchived(raw: &StreamState, announced: Option<&ArchiveEvent>) -> u64 {
    let last = announced.filter(|event| event.epoch == raw.epoch()).map_or(0, |event| event.last);
    raw.last_seq.saturating_sub(last).min(raw.messages)
}

fn unread(raw: &StreamState, unread: u64, unarchived: u64) -> Unread {
    let needed = unread.max(unarchived).min(raw.messages);
    let mean = raw.bytes.div_ceil(raw.messages.max(1));
    Unread {
        bytes: needed.saturating_mul(mean).min(raw.bytes),
        safe: raw.headroom_beside(needed),
        most: raw.max_bytes.map(|most| most / 2),
        behind: if unarchived > unread { Behind::Archive } else { Behind::Validator },
    }
}

/// Hands out the room that there was at the last look.
#[derive(Debug, Default)]
pub struct Headroom {
    left: Mutex<Option<(u64, Instant)>>,
    in_flight: AtomicU64,
}

/// Headroom taken for one message until it is stored or refused.
#[derive(Debug)]
pub struct Taken<'a> {
    headroom: &'a Headroom,
    bytes: u64,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.headroom.in_flight.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Headroom {
    /// Takes room for a message at `now`; where too little is left, or none has looked for a while, `look` is asked again
    /// and again by its own rules.
    pub async fn take(
        &self,
        bytes: u64,
        now: impl Fn() -> Instant,
        look: impl AsyncFnOnce() -> Result<u64, PublishError>,
    ) -> Result<Taken<'_>, PublishError> {
        let mut left = self.left.lock().await;
        let fresh = left.filter(|(left, at)| *left >= bytes && now().duration_since(*at) < FRESH);
        let (room, at) = match fresh {
            Some(fresh) => fresh,
            None => (look().await?.min(MOST), now()),
        };
        *left = Some((room.saturating_sub(bytes), at));
        self.in_flight.fetch_add(bytes, Ordering::Relaxed);
        Ok(Taken { headroom: self, bytes })
    }

    /// The room that there is for a message of so many bytes, after what is in flight.
    pub fn after(&self, unread: Unread, bytes: u64) -> Result<u64, Unavailable> {
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        let left = unread.room(in_flight);
        if left >= bytes {
            return Ok(left);
        }
        let (who, what, remediation) = match unread.behind {
            Behind::Validator => ("validator", "it has not read", "start the validator"),
            Behind::Archive => (
                "archive",
                "no archive file has yet",
                "start `archive keep`, look whether its folder can be written",
            ),
        };
        let used = unread.bytes.saturating_add(in_flight);
        let all = unread.most.map_or(u64::MAX, |most| 2 * most);
        let why = anyhow!("RAW is half full of pages that {what}, or might be ({used} of {all} bytes)");
        let raise = "raise max_bytes in nats/streams/RAW.json and run `make up`";
        Err(Unavailable::new(who, why).with_remediation(format!("{remediation}, or {raise}")))
    }
}

#[cfg(test)]
mod tests {
    use kansoku_service::{Clock, SystemClock};

    use super::*;

    fn raw(messages: u64, bytes: u64, max_bytes: Option<u64>) -> StreamState {
        let created = DateTime::UNIX_EPOCH;
        StreamState {
            created,
            messages,
            bytes,
            max_bytes,
            drops_oldest: true,
            first_seq: 1,
            last_seq: messages,
        }
    }

    #[test]
    fn what_is_not_archived_counts_where_it_is_archived() {
        let state = raw(10, 1_000, Some(1_200));
        let event = |epoch, last| ArchiveEvent {
            epoch,
            first: 1,
            last,
            file: String::new(),
            captures: last,
            bytes: 1,
            sha256: String::new(),
            instance: String::new(),
            at: DateTime::UNIX_EPOCH,
        };
        assert_eq!(unarchived(&state, None), 10);
        assert_eq!(unarchived(&state, Some(&event(0, 7))), 3);
        assert_eq!(unarchived(&state, Some(&event(5, 7))), 10, "of another RAW");
        let later = |days| DateTime::UNIX_EPOCH + TimeDelta::days(days);
        assert!(is_recent(&event(0, 7), &state, later(1)));
        assert!(!is_recent(&event(0, 7), &state, later(2)), "nobody does any more");
        assert!(!is_recent(&event(5, 7), &state, later(1)), "of another RAW");
        let behind = unread(&state, 2, 9);
        assert_eq!((behind.bytes, behind.behind), (900, Behind::Archive));
        let full = Headroom::default().after(behind, 1).unwrap_err().to_string();
        assert!(full.contains("no archive file has yet") && full.contains("archive keep"), "{full}");
    }

    const MIB: u64 = 1 << 20;

    #[test]
    fn half_of_the_stream_may_be_unread() {
        let left = |unread: Unread| Headroom::default().after(unread, 1).map_err(|away| away.to_string());
        let small = |unread_count| unread(&raw(10, 10 * MIB, Some(40 * MIB)), unread_count, 0);
        assert_eq!(left(small(4)), Ok(9 * MIB), "a publisher takes a part of 36 MiB");
        assert_eq!(left(unread(&raw(10, 1_000, None), 10, 0)), Ok(u64::MAX));
        assert_eq!(left(unread(&raw(0, 0, Some(2_000)), 0, 0)), Ok(500));
        let full = left(unread(&raw(10, 1_000, Some(2_000)), 10, 0)).unwrap_err();
        assert!(full.contains("1000 of 2000 bytes") && full.contains("nats/streams/RAW.json"), "{full}");
    }

    #[test]
    fn large_pages_behind_small_ones_are_kept() {
        let full = |messages| raw(messages, 264 * MIB, Some(264 * MIB));
        // 700 pages of a mean of 38 kB: 300 unread ones seem to be 11 MiB, and may be all of it.
        assert_eq!(unread(&full(7_000), 300, 0).bytes, 300 * (264 * MIB).div_ceil(7_000));
        assert!(unread(&full(7_000), 300, 0).safe < 2 * MIB + 20_000, "what may go takes 300 bytes each");
        assert_eq!(unread(&full(7_000), 200, 0).safe, 64 * MIB, "200 of the largest leave that");
        assert_eq!(unread(&full(7_000), 0, 0).safe, 264 * MIB, "all is read");
    }

    proptest::proptest! {
        #[test]
        fn nothing_needed_is_dropped_whatever_the_sizes(
            others in proptest::collection::vec(300..=StreamState::LARGEST, 0..40),
            needed in proptest::collection::vec(300..=StreamState::LARGEST, 0..40),
            more in 0..64 * MIB,
        ) {
            let bytes: u64 = others.iter().chain(&needed).sum();
            let state = raw((others.len() + needed.len()) as u64, bytes, Some(bytes + more));
            let safe = unread(&state, needed.len() as u64, 0).safe;
            // Bytes that have to go to make room, oldest first.
            let to_go = safe.saturating_sub(more);
            proptest::prop_assert!(needed.is_empty() || to_go <= others.iter().sum());
        }
    }

    #[tokio::test]
    async fn what_is_in_flight_takes_room_until_it_has_landed() {
        let (room, at) = (Headroom::default(), SystemClock.monotonic());
        let empty = Unread { bytes: 0, safe: 400, most: Some(100), behind: Behind::Validator };
        let take = async |bytes| room.take(bytes, || at, async || Ok(room.after(empty, bytes)?)).await;
        let first = take(60).await.unwrap();
        assert!(take(60).await.is_err());
        let second = take(40).await.unwrap();
        assert!(take(1).await.is_err());
        drop((first, second));
        assert!(take(1).await.is_ok());
    }

    #[tokio::test]
    async fn a_look_counts_for_a_second() {
        let (room, at) = (Headroom::default(), SystemClock.monotonic());
        let looks = std::cell::Cell::new(0);
        let take = async |now| {
            room.take(
                1,
                || now,
                async || {
                    looks.set(looks.get() + 1);
                    Ok(100)
                },
            )
            .await
            .unwrap();
            looks.get()
        };
        assert_eq!(take(at).await, 1);
        assert_eq!(take(at + FRESH / 2).await, 1);
        assert_eq!(take(at + FRESH).await, 2);
    }
}
