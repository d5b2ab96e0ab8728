//! Room in RAW. It drops its oldest message for a new one when it is full, so everybody who publishes to it waits while
//! more than half of it has not been read yet: then nothing is dropped that the validator still needs.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::anyhow;
use kansoku_nats::{Client, PublishError, StreamState};
use kansoku_service::Away;
use tokio::sync::Mutex;

/// The most bytes that are published between two looks: others publish too.
const MOST: u64 = 64 << 20;

/// What the validator has not read, and how much of it there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// Bytes that are not read, or read and not settled.
    pub bytes: u64,
    /// Half of RAW; `None` without a limit.
    pub most: Option<u64>,
}

/// Looks how much of RAW is unread.
pub async fn look(client: &Client) -> Result<Unread, Away> {
    let (raw, reader) =
        futures::try_join!(client.stream_state("RAW"), client.consumer_state("RAW", "validator"))?;
    Ok(unread(&raw, reader.num_pending + reader.num_ack_pending))
}

fn unread(raw: &StreamState, messages: u64) -> Unread {
    let mean = raw.bytes.div_ceil(raw.messages.max(1));
    Unread { bytes: (messages * mean).min(raw.bytes), most: raw.max_bytes.map(|most| most / 2) }
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
            _ => Err(Away::new(
                "validator",
                anyhow!("RAW is half full of pages that it has not read ({used} of {} bytes)", 2 * most),
            )
            .with_cure(
                "start the validator, or raise RAW's max_bytes (`topology apply --max-bytes RAW=BYTES`)",
            )),
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
    fn half_of_the_stream_may_be_unread() {
        let left = |unread: Unread| Room::default().after(unread).map_err(|away| away.to_string());
        assert_eq!(left(unread(&raw(10, 1_000, Some(4_000)), 4)), Ok(250));
        assert_eq!(left(unread(&raw(10, 1_000, None), 10)), Ok(u64::MAX));
        assert_eq!(left(unread(&raw(0, 0, Some(2_000)), 0)), Ok(125));
        let full = left(unread(&raw(10, 1_000, Some(2_000)), 10)).unwrap_err();
        assert!(full.contains("1000 of 2000 bytes") && full.contains("--max-bytes RAW="), "{full}");
    }

    #[tokio::test]
    async fn what_is_in_flight_takes_room_until_it_has_landed() {
        let room = Room::default();
        let empty = Unread { bytes: 0, most: Some(100) };
        let look = async || Ok(room.after(empty)?);
        let first = room.take(60, look).await.unwrap();
        let second = room.take(60, look).await.unwrap();
        assert!(room.take(1, look).await.is_err());
        drop((first, second));
        assert!(room.take(1, look).await.is_ok());
    }
}
