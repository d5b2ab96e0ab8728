//! Room in VALID. It drops its oldest message for a new one when it is full, so the validator waits while more than half
//! of it has not been read yet, and while a batch could push out a page that the loader still needs.

use anyhow::anyhow;
use kansoku_nats::{Client, StreamState};
use kansoku_service::Unavailable;

/// The most bytes that a batch of pages adds: what is pulled at once, and contracts are longer than pages.
const BATCH: u64 = 32 << 20;

/// Looks whether there is room.
pub(crate) async fn look(client: &Client) -> Result<(), Unavailable> {
    let (valid, reader) =
        futures::try_join!(client.stream_state("VALID"), client.consumer_state("VALID", "loader"))?;
    // After a kill what is not settled may be the oldest of what was delivered: all behind it stays as well.
    check(&valid, valid.last_seq.saturating_sub(reader.ack_floor).min(valid.messages))
}

fn check(valid: &StreamState, unread: u64) -> Result<(), Unavailable> {
    let Some(most) = valid.max_bytes else { return Ok(()) };
    let mean = valid.bytes.div_ceil(valid.messages.max(1));
    let bytes = unread.saturating_mul(mean).min(valid.bytes);
    // The mean of all may be far below that of what is unread, so this alone would let unread pages go.
    if unread == 0 || (bytes <= most / 2 && valid.room_beside(unread) >= BATCH.min(most / 2)) {
        return Ok(());
    }
    let why =
        anyhow!("VALID is half full of pages that it has not read, or might be ({bytes} of {most} bytes)");
    let remediation = "start the loader, or raise max_bytes in nats/streams/VALID.json and run `make up`";
    Err(Unavailable::new("loader", why).with_remediation(remediation))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn valid(bytes: u64, max_bytes: Option<u64>) -> StreamState {
        let created = DateTime::UNIX_EPOCH;
        StreamState {
            created,
            messages: 10,
            bytes,
            max_bytes,
            drops_oldest: true,
            first_seq: 1,
            last_seq: 10,
        }
    }

    #[test]
    fn half_of_it_may_be_unread() {
        assert!(check(&valid(1_000, Some(1_000)), 0).is_ok());
        assert!(check(&valid(1_000, Some(1_000)), 5).is_ok());
        assert!(check(&valid(1_000, None), 10).is_ok());
        assert!(check(&valid(400, Some(1_000)), 10).is_ok());
        let away = check(&valid(1_000, Some(1_000)), 6).unwrap_err();
        assert_eq!(away.dependency, "loader");
        assert!(away.to_string().contains("600 of 1000 bytes"), "{away}");
    }

    #[test]
    fn large_pages_behind_small_ones_are_kept() {
        const GIB: u64 = 1 << 30;
        let created = DateTime::UNIX_EPOCH;
        let full = |messages| StreamState {
            created,
            messages,
            bytes: 4 * GIB,
            max_bytes: Some(4 * GIB),
            drops_oldest: true,
            first_seq: 1,
            last_seq: messages,
        };
        // A mean of 43 kB says that 20,000 are a fifth; of 200 kB each they would be all of it.
        assert!(check(&full(100_000), 20_000).is_err());
        assert!(check(&full(1_000_000), 20_000).is_ok(), "what was read takes more than a batch");
        assert!(check(&full(5_000), 2_000).is_ok(), "the largest of them fit beside a batch");
        assert!(check(&full(4_000), 0).is_ok(), "all is read");
    }
}
