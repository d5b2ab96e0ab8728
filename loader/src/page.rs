//! Reads a message of VALID.

use kansoku_nats::{
    Stored,
    page::{NoPage, judged},
};
use kansoku_schemas::{Page, PageError, Reason};

use crate::storable::{self, Unstorable, in_micros};

/// Why nothing of a message of VALID can be stored.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is no judged page.
    #[error("the page cannot be read: {0}")]
    NoPage(#[from] NoPage),
    /// The tables cannot hold what is known of the page.
    #[error(transparent)]
    Unstorable(#[from] Unstorable),
}

impl Unreadable {
    /// The reason in its dead letter.
    pub fn reason(&self) -> Reason {
        match self {
            Self::NoPage(NoPage::Body(PageError::Json(error))) if !error.is_data() => Reason::NotJson,
            _ => Reason::Envelope,
        }
    }
}

/// Reads a message of VALID. What passes can be stored, but for the rows that [`storable::refused`] names.
pub fn read(message: &Stored) -> Result<Page, Unreadable> {
    let mut page = judged(message)?;
    for instant in [&mut page.meta.captured_at, &mut page.body.stored_at, &mut page.body.judged_at] {
        *instant = in_micros(*instant);
    }
    storable::page(&page)?;
    Ok(page)
}
