//! Where a page of an ordered list ended: opaque to clients, and good for as long as the list keeps its order.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike, Utc};
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use uuid::Uuid;

use crate::parameters::{Refusal, Value};

/// What an ordered list is ordered by, as bytes.
pub(crate) trait Key: Sized {
    /// Writes it.
    fn write(&self, bytes: &mut Vec<u8>);
    /// Reads it from the front of what is left; `None` where the database could not keep it.
    fn read(bytes: &mut &[u8]) -> Option<Self>;
}

/// The key of the last item of a page, by which the next page starts however many items have come since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor<K>(pub K);

impl<K: Key> Value for Cursor<K> {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let mut left = bytes.as_slice();
        let key = K::read(&mut left).filter(|_| left.is_empty());
        key.map(Self).ok_or_else(|| Refusal {
            message:
                "is not a cursor of this list; take meta.next_cursor of the page before, or leave it out"
                    .into(),
            allowed: Vec::new(),
        })
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1))
    }
}

impl<K: Key> fmt::Display for Cursor<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::new();
        self.0.write(&mut bytes);
        formatter.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl<K: Key> Serialize for Cursor<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Key for DateTime<Utc> {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.timestamp_micros().to_be_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let instant = Self::from_timestamp_micros(i64::from_be_bytes(*bytes.split_off(..8)?.first_chunk()?))?;
        (0..=9999).contains(&instant.year()).then_some(instant)
    }
}

impl Key for i64 {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_be_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self::from_be_bytes(*bytes.split_off(..8)?.first_chunk()?))
    }
}

/// Takes all that is left, so it comes last.
impl Key for String {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.as_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(std::mem::take(bytes)).ok()?;
        (!text.is_empty() && !text.contains('\0')).then(|| text.to_owned())
    }
}

impl Key for Uuid {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.as_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Self::from_slice(bytes.split_off(..16)?).ok()
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.write(bytes);
        self.1.write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::read(bytes)?, B::read(bytes)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type RunCursor = Cursor<(DateTime<Utc>, Uuid)>;

    proptest! {
        #[test]
        fn a_cursor_reads_what_it_wrote(micros in -62_000_000_000_000_000_i64..253_000_000_000_000_000, run: u128) {
            let captured_at = DateTime::from_timestamp_micros(micros).expect("within years 5 to 9987");
            let cursor = Cursor((captured_at, Uuid::from_u128(run)));
            prop_assert_eq!(RunCursor::parse(&cursor.to_string()), Ok(cursor));
        }

        #[test]
        fn bytes_of_others_are_read_exactly_where_the_database_can_keep_their_instant(
            micros in -100_000_000_000_000_000_i64..300_000_000_000_000_000, run: u128,
        ) {
            let text = URL_SAFE_NO_PAD.encode([&micros.to_be_bytes()[..], &run.to_be_bytes()].concat());
            let year = DateTime::from_timestamp_micros(micros).map(|instant| chrono::Datelike::year(&instant));
            let cursor = RunCursor::parse(&text);
            prop_assert_eq!(cursor.is_ok(), year.is_some_and(|year| (0..=9999).contains(&year)));
            if let Ok(cursor) = cursor {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }

        #[test]
        fn a_cursor_that_was_cut_or_grew_is_refused(run: u128, cut in 1_usize..32, more in "[A-Za-z0-9_=-]{1,8}") {
            let text = Cursor((DateTime::UNIX_EPOCH, Uuid::from_u128(run))).to_string();
            prop_assert!(RunCursor::parse(&text[..text.len() - cut]).is_err());
            prop_assert!(RunCursor::parse(&(text.clone() + &more)).is_err());
            prop_assert!(RunCursor::parse(&(more + &text)).is_err());
        }
    }

    #[test]
    fn the_refusal_says_where_to_get_one() {
        let refusal = RunCursor::parse("2").expect_err("no cursor");
        assert!(refusal.message.starts_with("is not a cursor of this list"));
    }
}
