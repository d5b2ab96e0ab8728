//! Where a page of runs ended: opaque to clients, and good for as long as the run exists.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::{parameters::bad, problem::Failure};

/// The last run of a page, by which the next page starts however many runs have come since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// Its instant.
    pub captured_at: DateTime<Utc>,
    /// Its id.
    pub run: Uuid,
}

impl Cursor {
    /// Reads a cursor.
    ///
    /// # Errors
    /// When we have not written it.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        Self::decode(text).ok_or_else(|| {
            let message =
                "is not a cursor of ours; take meta.next_cursor of the page before, or leave it out";
            bad("cursor", message, Vec::new())
        })
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (instant, run) = bytes.split_first_chunk::<8>()?;
        let captured_at = DateTime::from_timestamp_micros(i64::from_be_bytes(*instant))?;
        // What the database cannot keep, no cursor of ours holds.
        let years = 0..=9999;
        years.contains(&chrono::Datelike::year(&captured_at)).then_some(())?;
        Some(Self { captured_at, run: Uuid::from_slice(run).ok()? })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = self.captured_at.timestamp_micros().to_be_bytes();
        let bytes = [&instant[..], self.run.as_bytes()].concat();
        formatter.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_reads_what_it_wrote(micros in -62_000_000_000_000_000_i64..253_000_000_000_000_000, run: u128) {
            let captured_at = DateTime::from_timestamp_micros(micros).expect("within years 5 to 9987");
            let cursor = Cursor { captured_at, run: Uuid::from_u128(run) };
            prop_assert_eq!(Cursor::parse(&cursor.to_string()), Ok(cursor));
        }

        #[test]
        fn bytes_of_others_are_read_exactly_where_the_database_can_keep_their_instant(
            micros in -100_000_000_000_000_000_i64..300_000_000_000_000_000, run: u128,
        ) {
            let text = URL_SAFE_NO_PAD.encode([&micros.to_be_bytes()[..], &run.to_be_bytes()].concat());
            let year = DateTime::from_timestamp_micros(micros).map(|instant| chrono::Datelike::year(&instant));
            let cursor = Cursor::parse(&text);
            prop_assert_eq!(cursor.is_ok(), year.is_some_and(|year| (0..=9999).contains(&year)));
            if let Ok(cursor) = cursor {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }

        #[test]
        fn a_cursor_that_was_cut_or_grew_is_refused(run: u128, cut in 1_usize..32, more in "[A-Za-z0-9_=-]{1,8}") {
            let text = Cursor { captured_at: DateTime::UNIX_EPOCH, run: Uuid::from_u128(run) }.to_string();
            prop_assert!(Cursor::parse(&text[..text.len() - cut]).is_err());
            prop_assert!(Cursor::parse(&(text.clone() + &more)).is_err());
            prop_assert!(Cursor::parse(&(more + &text)).is_err());
        }
    }

    #[test]
    fn the_refusal_says_where_to_get_one() {
        let failure = Cursor::parse("2").expect_err("no cursor");
        assert!(failure.to_string().starts_with("cursor: is not a cursor of ours"));
    }
}
