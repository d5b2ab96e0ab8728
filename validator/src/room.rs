//! Room in VALID. It drops its oldest message for a new one when it is full, so the validator waits while more than half
//! of it has not been read yet: then nothing is dropped that the loader still needs.

use anyhow::anyhow;
use kansoku_nats::{Client, StreamState};
use kansoku_service::Away;

/// Looks whether there is room.
pub(crate) async fn look(client: &Client) -> Result<(), Away> {
    let (valid, reader) =
        futures::try_join!(client.stream_state("VALID"), client.consumer_state("VALID", "loader"))?;
    check(&valid, reader.num_pending + reader.num_ack_pending)
}

fn check(valid: &StreamState, unread: u64) -> Result<(), Away> {
    let Some(most) = valid.max_bytes else { return Ok(()) };
    let mean = valid.bytes.div_ceil(valid.messages.max(1));
    let bytes = unread.saturating_mul(mean).min(valid.bytes);
    if bytes <= most / 2 {
        return Ok(());
    }
    let why = anyhow!("VALID is half full of pages that it has not read ({bytes} of {most} bytes)");
    let cure = "start the loader, or raise VALID's max_bytes (`topology apply --max-bytes VALID=BYTES`)";
    Err(Away::new("loader", why).with_cure(cure))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn valid(bytes: u64, max_bytes: Option<u64>) -> StreamState {
        let created = DateTime::UNIX_EPOCH;
        StreamState { created, messages: 10, bytes, max_bytes, first_seq: 1, last_seq: 10 }
    }

    #[test]
    fn half_of_it_may_be_unread() {
        assert!(check(&valid(1_000, Some(1_000)), 5).is_ok());
        assert!(check(&valid(1_000, None), 10).is_ok());
        assert!(check(&valid(400, Some(1_000)), 10).is_ok());
        let away = check(&valid(1_000, Some(1_000)), 6).unwrap_err();
        assert_eq!(away.dependency, "loader");
        assert!(away.to_string().contains("600 of 1000 bytes"), "{away}");
    }
}
