//! What an error of the database means for the batch in hand.

use std::fmt;

use kansoku_service::Unavailable;

/// The name of the database in `/readyz`.
pub const POSTGRES: &str = "postgres";

/// What to do about an error of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A value that the tables refuse: dead-letter what holds it, commit the rest.
    Data,
    /// No partition takes the row: make it and try again.
    Partition,
    /// The database is unreachable or busy: wait and try again.
    Unavailable,
    /// Our own mistake: wait, be not ready, alarm. Nothing is dead-lettered for it.
    Bug,
}

/// Whose values a statement writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// The rows' own, which come from upstream.
    Upstream,
    /// Ours.
    Ours,
}

/// A statement that failed.
#[derive(Debug)]
pub struct DbError {
    /// What it means.
    pub kind: ErrorKind,
    /// What was being done, as a verb phrase.
    pub doing: &'static str,
    /// The SQLSTATE, where the server gave one.
    pub code: Option<String>,
    /// The driver's error.
    pub source: sqlx::Error,
}

impl DbError {
    /// Classifies an error of a statement that writes these values.
    pub fn new(values: Values, doing: &'static str, source: sqlx::Error) -> Self {
        let code = source.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
        Self { kind: kind_of(values, &source), doing, code, source }
    }

    /// Makes an error of a statement that writes our own values.
    pub fn ours(doing: &'static str) -> impl Fn(sqlx::Error) -> Self + Copy {
        move |source| Self::new(Values::Ours, doing, source)
    }

    /// Makes an error of a statement that writes the rows' own values.
    pub fn upstream(doing: &'static str) -> impl Fn(sqlx::Error) -> Self + Copy {
        move |source| Self::new(Values::Upstream, doing, source)
    }
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.doing)
    }
}

impl std::error::Error for DbError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// The consume loop waits and tries again, whatever it was: nothing is lost for our own mistakes either. Those wait for a new
/// version, or for a change of the tables by hand.
impl From<DbError> for Unavailable {
    fn from(error: DbError) -> Self {
        let cause = anyhow::anyhow!("{}", error.source).context(error.doing);
        if error.kind == ErrorKind::Unavailable {
            return Self::new(POSTGRES, cause);
        }
        let code = error.code.as_deref().unwrap_or("none");
        let remediation = "a defect of the loader, or tables changed by hand: nothing is lost, the batch waits for a repair";
        Self::new(POSTGRES, cause.context(format!("the tables refuse what the loader writes (code {code})")))
            .with_remediation(remediation)
    }
}

/// Classifies an error of the driver.
pub fn kind_of(values: Values, error: &sqlx::Error) -> ErrorKind {
    match error {
        sqlx::Error::Database(error) => match error.code() {
            Some(code) => classify(values, &code, error.constraint()),
            None => ErrorKind::Bug,
        },
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => ErrorKind::Unavailable,
        _ => ErrorKind::Bug,
    }
}

/// Classifies a SQLSTATE (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
///
/// Postgres reports a missing partition as 23514, as it does a violated check, but without a constraint's name.
pub fn classify(values: Values, code: &str, constraint: Option<&str>) -> ErrorKind {
    if code == "23514" && constraint.is_none() {
        return ErrorKind::Partition;
    }
    if values == Values::Upstream && (code.starts_with("22") || code == "23502" || code == "23514") {
        return ErrorKind::Data;
    }
    if code == "25006" {
        // Read-only: a standby, or a server whose disk is full.
        return ErrorKind::Unavailable;
    }
    match code.get(..2) {
        Some("08" | "40" | "53" | "55" | "57" | "58") => ErrorKind::Unavailable,
        _ => ErrorKind::Bug,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_does_not_fit_is_data_only_where_it_comes_from_upstream() {
        for code in ["22003", "22021", "22P02", "23502"] {
            assert_eq!(classify(Values::Upstream, code, None), ErrorKind::Data, "{code}");
            assert_eq!(classify(Values::Ours, code, None), ErrorKind::Bug, "{code}");
        }
        let members = Some("observation_members_check");
        assert_eq!(classify(Values::Upstream, "23514", members), ErrorKind::Data);
        assert_eq!(classify(Values::Ours, "23514", Some("run_state_check")), ErrorKind::Bug);
    }

    #[test]
    fn a_check_without_a_name_is_a_missing_partition() {
        assert_eq!(classify(Values::Upstream, "23514", None), ErrorKind::Partition);
    }

    #[test]
    fn a_server_in_trouble_is_unavailable() {
        for code in [
            "08006", "25006", "40001", "40P01", "53100", "53300", "55P03", "57014", "57P01", "57P03", "58030",
        ] {
            assert_eq!(classify(Values::Upstream, code, None), ErrorKind::Unavailable, "{code}");
            assert_eq!(classify(Values::Ours, code, None), ErrorKind::Unavailable, "{code}");
        }
    }

    #[test]
    fn anything_else_is_our_mistake() {
        for code in ["42601", "42P01", "42501", "23503", "23505", "21000", "25P02", "XX000", "2"] {
            assert_eq!(classify(Values::Upstream, code, None), ErrorKind::Bug, "{code}");
        }
    }

    #[test]
    fn a_lost_connection_is_unavailable() {
        let lost = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert_eq!(DbError::upstream("write")(sqlx::Error::Io(lost)).kind, ErrorKind::Unavailable);
        assert_eq!(DbError::ours("read")(sqlx::Error::PoolTimedOut).kind, ErrorKind::Unavailable);
        assert_eq!(DbError::ours("read")(sqlx::Error::RowNotFound).kind, ErrorKind::Bug);
    }
}
