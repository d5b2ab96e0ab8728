//! The text of an item: its own bytes, and what an operator made of them.

use sqlx::{FromRow, PgConnection};

use crate::problem::Failure;

/// The texts of an item.
#[derive(Debug, FromRow)]
pub(super) struct Texts {
    /// The bytes that came.
    pub original: Vec<u8>,
    /// An operator's text in their place.
    pub edited: Option<String>,
}

impl Texts {
    /// Reads them.
    pub(super) async fn read(database: &mut PgConnection, root: &str, item: i64) -> Result<Self, Failure> {
        Ok(sqlx::query_as(include_str!("text.sql")).bind(root).bind(item).fetch_one(database).await?)
    }

    /// The present bytes.
    pub(super) fn current(&self) -> &[u8] {
        self.edited.as_deref().map_or(&self.original, str::as_bytes)
    }
}
