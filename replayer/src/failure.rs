//! Why a piece of work is not done, and what that means for it.

use kansoku_nats::PublishError;
use kansoku_service::Unavailable;

/// The name of the database in `/readyz`.
pub(crate) const POSTGRES: &str = "postgres";

/// Why a piece of work is not done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something that it needs does not answer: it is tried again.
    Unavailable(Unavailable),
    /// It can never be done as it was asked for.
    Broken(anyhow::Error),
}

impl From<Unavailable> for Failure {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Unavailable(unavailable) => Self::Unavailable(unavailable),
            other => Self::Broken(other.into()),
        }
    }
}

/// Names what was being done when a statement failed.
pub(crate) trait Doing<T> {
    /// `what` is a verb with its object.
    fn doing(self, what: &'static str) -> Result<T, Failure>;
}

impl<T> Doing<T> for Result<T, sqlx::Error> {
    fn doing(self, what: &'static str) -> Result<T, Failure> {
        self.map_err(|error| {
            let is_data = is_data(&error);
            let cause = anyhow::Error::new(error).context(what);
            if is_data { Failure::Broken(cause) } else { Unavailable::new(POSTGRES, cause).into() }
        })
    }
}

/// Whether the values of this work are at fault. Everything else is mended elsewhere: by the server, by the loader, which
/// makes the tables, or by a person who reads `/readyz`.
fn is_data(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
        }
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::Encode(_) => true,
        _ => false,
    }
}
