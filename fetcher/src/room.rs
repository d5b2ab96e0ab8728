//! Room in RAW. It drops its oldest message for a new one when it is full, so everybody who publishes to it waits while
//! more than half of it has not been read or, where it is archived, not been archived yet: then nothing is dropped that
//! somebody still needs.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::anyhow;
use kansoku_nats::{Client, PublishError, StreamState, subject};
use kansoku_schemas::ArchiveEvent;
use kansoku_service::Away;
use tokio::sync::Mutex;

/// The most bytes that are published between two looks: others publish too.
const MOST: u64 = 64 << 20;

/// What RAW must not drop yet, and how much of it there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// Bytes that are not read, or read and not settled, or not archived.
    pub bytes: u64,
    /// Half of RAW; `None` without a limit.
    pub most: Option<u64>,
    /// Who is behind most.
    pub behind: Behind,
}

/// Who needs what RAW holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// The validator has not read it.
    Validator,
    /// No archive file has it.
    Archive,
}

/// Looks how much of RAW is still needed; `archived` says whether somebody archives it.
pub async fn look(client: &Client, archived: bool) -> Result<Unread, Away> {
    let last = async || {
        if archived { client.last_on_subject("RUN", subject::ARCHIVES).await } else { Ok(None) }
    };
    let (raw, reader, last) =
        futures::try_join!(client.stream_state("RAW"), client.consumer_state("RAW", "validator"), last())?;
    let announced = last.and_then(|last| serde_json::from_slice::<ArchiveEvent>(&last.body).ok());
    let unarchived = if archived { unarchived(&raw, announced.as_ref()) } else { 0 };
    Ok(unread(&raw, reader.num_pending + reader.num_ack_pending, unarchived))
}

/// Messages in RAW after the last one that is announced.
fn unarchived(raw: &StreamState, announced: Option<&ArchiveEvent>) -> u64 {
    let last = announced.filter(|event| event.epoch == raw.epoch()).map_or(0, |event| event.last);
    raw.last_seq.saturating_sub(last).min(raw.messages)
}

fn unread(raw: &StreamState, unread: u64, unarchived: u64) -> Unread {
    let mean = raw.bytes.div_ceil(raw.messages.max(1));
    Unread {
        bytes: (unread.max(unarchived) * mean).min(raw.bytes),
        most: raw.max_bytes.map(|most| most / 2),
        behind: if unarchived > unread { Behind::Archive } else { Behind::Validator },
    }
}

/// Hands out the room that there was at the last look.
#[derive(Debug, Default)]
pub struct Room {
    left: Mutex<u64>,
    in_flight: AtomicU64,
}

/// Room taken for one message until it is stored or refused.
#[derive(Debug)]
pub struct Taken<'a> {
    room: &'a Room,
    bytes: u64,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.room.in_flight.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Room {
    /// Takes room for a message; where none is left, `look` is asked again and again by its own rules.
    pub async fn take(
        &self,
        bytes: u64,
        look: impl AsyncFnOnce() -> Result<u64, PublishError>,
    ) -> Result<Taken<'_>, PublishError> {
        let mut left = self.left.lock().await;
        if *left == 0 {
            *left = look().await?.min(MOST);
        }
        *left = left.saturating_sub(bytes);
        self.in_flight.fetch_add(bytes, Ordering::Relaxed);
        Ok(Taken { room: self, bytes })
    }

    /// The room that there is, after what is in flight.
    ///
    /// At most a sixteenth of RAW at once: the mean size of what is unread is a guess.
    pub fn after(&self, unread: Unread) -> Result<u64, Away> {
        let Some(most) = unread.most else { return Ok(u64::MAX) };
        let used = unread.bytes + self.in_flight.load(Ordering::Relaxed);
        match most.checked_sub(used) {
            Some(left) if left > 0 => Ok(left.min((most / 8).max(1))),
            _ => {
                let (who, what, cure) = match unread.behind {
                    Behind::Validator => ("validator", "it has not read", "start the validator"),
                    Behind::Archive => (
                        "archive",
                        "no archive file has yet",
                        "start `fetcher run`, look whether archive.dir can be written",
                    ),
                };
                let why = anyhow!("RAW is half full of pages that {what} ({used} of {} bytes)", 2 * most);
                let raise = "raise RAW's max_bytes (`topology apply --max-bytes RAW=BYTES`)";
                Err(Away::new(who, why).with_cure(format!("{cure}, or {raise}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn raw(messages: u64, bytes: u64, max_bytes: Option<u64>) -> StreamState {
        let created = DateTime::UNIX_EPOCH;
        StreamState { created, messages, bytes, max_bytes, first_seq: 1, last_seq: messages }
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
        let behind = unread(&state, 2, 9);
        assert_eq!((behind.bytes, behind.behind), (900, Behind::Archive));
        let full = Room::default().after(behind).unwrap_err().to_string();
        assert!(full.contains("no archive file has yet") && full.contains("fetcher run"), "{full}");
    }

    #[test]
    fn half_of_the_stream_may_be_unread() {
        let left = |unread: Unread| Room::default().after(unread).map_err(|away| away.to_string());
        assert_eq!(left(unread(&raw(10, 1_000, Some(4_000)), 4, 0)), Ok(250));
        assert_eq!(left(unread(&raw(10, 1_000, None), 10, 0)), Ok(u64::MAX));
        assert_eq!(left(unread(&raw(0, 0, Some(2_000)), 0, 0)), Ok(125));
        let full = left(unread(&raw(10, 1_000, Some(2_000)), 10, 0)).unwrap_err();
        assert!(full.contains("1000 of 2000 bytes") && full.contains("--max-bytes RAW="), "{full}");
    }

    #[tokio::test]
    async fn what_is_in_flight_takes_room_until_it_has_landed() {
        let room = Room::default();
        let empty = Unread { bytes: 0, most: Some(100), behind: Behind::Validator };
        let look = async || Ok(room.after(empty)?);
        let first = room.take(60, look).await.unwrap();
        let second = room.take(60, look).await.unwrap();
        assert!(room.take(1, look).await.is_err());
        drop((first, second));
        assert!(room.take(1, look).await.is_ok());
    }
}
