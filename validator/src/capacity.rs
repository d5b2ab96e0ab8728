//! Capacity of VALID. It drops its oldest message for a new one when it is full, so the validator waits while more than
//! half of it has not been read yet.

use anyhow::anyhow;
use kansoku_nats::{Client, StreamState};
use kansoku_service::Unavailable;

/// Waits for the loader while VALID has no capacity.
pub(crate) async fn check(client: &Client) -> Result<(), Unavailable> {
    let (valid, reader) =
        futures::try_join!(client.stream_state("VALID"), client.consumer_state("VALID", "loader"))?;
    // After a kill what is not settled may be the oldest of what was delivered: all behind it stays as well.
    has_capacity(&valid, valid.last_seq.saturating_sub(reader.ack_floor).min(valid.messages))
}

/// By the mean size of what is in it, which says little of a few messages: half of the stream is kept free for that.
fn has_capacity(valid: &StreamState, unread: u64) -> Result<(), Unavailable> {
    let Some(most) = valid.max_bytes else { return Ok(()) };
    let mean = valid.bytes.div_ceil(valid.messages.max(1));
    let bytes = unread.saturating_mul(mean).min(valid.bytes);
    if bytes <= most / 2 {
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
        assert!(has_capacity(&valid(1_000, Some(1_000)), 0).is_ok());
        assert!(has_capacity(&valid(1_000, Some(1_000)), 5).is_ok());
        assert!(has_capacity(&valid(1_000, None), 10).is_ok());
        assert!(has_capacity(&valid(400, Some(1_000)), 10).is_ok());
        let full = has_capacity(&valid(1_000, Some(1_000)), 6).unwrap_err();
        assert_eq!(full.dependency, "loader");
        assert!(full.to_string().contains("600 of 1000 bytes"), "{full}");
    }
}
