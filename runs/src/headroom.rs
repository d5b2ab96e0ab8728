//! Headroom in RAW. It drops its oldest message for a new one when it is full, so everybody who publishes to it waits while
//! more than half of it has not been read or, where it is archived, not been archived yet; and while a page could push out
//! one that somebody still needs, however large those are and however small the others.
//!
//! A page is published as the next one after the sequence that was looked at: whoever else publishes, the look is true.

use anyhow::anyhow;
use chrono::{DateTime, TimeDelta, Utc};
use kansoku_nats::{Client, StreamState, subject};
use kansoku_schemas::ArchiveEvent;
use kansoku_service::Unavailable;
use serde::{Deserialize, Serialize};

/// After a file was announced RAW is taken for archived as long as this.
const ARCHIVED: TimeDelta = TimeDelta::days(2);

/// How a publisher takes RAW.
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
    /// RAW's last sequence.
    pub last_seq: u64,
    /// Who is behind most.
    pub behind: Behind,
}

impl Unread {
    /// The bytes that may be added.
    pub fn headroom(&self) -> u64 {
        self.most.map_or(u64::MAX, |most| most.saturating_sub(self.bytes).min(self.safe))
    }

    /// Whether so many bytes may be added.
    ///
    /// # Errors
    /// Who is behind, and what to do about it.
    pub fn check(&self, bytes: u64) -> Result<(), Unavailable> {
        if self.headroom() >= bytes {
            return Ok(());
        }
        let (who, what, remediation) = match self.behind {
            Behind::Validator => ("validator", "it has not read", "start the validator"),
            Behind::Archive => (
                "archive",
                "no archive file has yet",
                "start `archive keep`, look whether its folder can be written",
            ),
        };
        let all = self.most.map_or(u64::MAX, |most| 2 * most);
        let why =
            anyhow!("RAW is half full of pages that {what}, or might be ({} of {all} bytes)", self.bytes);
        let raise = "raise max_bytes in nats/streams/RAW.json and run `make up`";
        Err(Unavailable::new(who, why).with_remediation(format!("{remediation}, or {raise}")))
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
        last_seq: raw.last_seq,
        behind: if unarchived > unread { Behind::Archive } else { Behind::Validator },
    }
}

#[cfg(test)]
mod tests {
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
        let full = behind.check(500).unwrap_err().to_string();
        assert!(full.contains("no archive file has yet") && full.contains("archive keep"), "{full}");
    }

    const MIB: u64 = 1 << 20;

    #[test]
    fn half_of_the_stream_may_be_unread() {
        let small = |count| unread(&raw(10, 10 * MIB, Some(40 * MIB)), count, 0);
        assert_eq!(small(4).headroom(), 16 * MIB);
        assert_eq!(unread(&raw(10, 1_000, None), 10, 0).headroom(), u64::MAX);
        let full = unread(&raw(10, 1_000, Some(2_000)), 10, 0).check(1).unwrap_err().to_string();
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
}
