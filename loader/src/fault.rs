//! What an error of the database means for the batch in hand.

use std::fmt;

/// What to do about an error of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A row that the tables refuse: find it, dead-letter it, commit the rest.
    Data,
    /// No partition takes the row: make it and try again.
    Partition,
    /// The database is away or busy: hold the batch and try again.
    Unavailable,
    /// Our own mistake: hold the batch, be not ready, alarm. Nothing is dead-lettered for it.
    Bug,
}

/// What a failed statement was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The rows' own upserts: what they hold comes from upstream.
    Rows,
    /// Everything else: what it holds is ours.
    Books,
}

/// A statement that failed.
#[derive(Debug)]
pub struct Fault {
    /// What it means.
    pub class: Class,
    /// What was being done, as a verb phrase.
    pub doing: &'static str,
    /// The SQLSTATE, where the server gave one.
    pub code: Option<String>,
    /// The driver's error.
    pub source: sqlx::Error,
}

impl Fault {
    /// Judges an error of a statement about `part`.
    pub fn new(part: Part, doing: &'static str, source: sqlx::Error) -> Self {
        let code = source.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
        Self { class: class_of(part, &source), doing, code, source }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.doing)
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Judges an error of the driver.
pub fn class_of(part: Part, error: &sqlx::Error) -> Class {
    match error {
        sqlx::Error::Database(error) => match error.code() {
            Some(code) => classify(part, &code, error.constraint()),
            None => Class::Bug,
        },
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Class::Unavailable,
        _ => Class::Bug,
    }
}

/// Judges a SQLSTATE (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
///
/// Postgres reports a missing partition as 23514, as it does a violated check, but without a constraint's name.
pub fn classify(part: Part, code: &str, constraint: Option<&str>) -> Class {
    if code == "23514" && constraint.is_none() {
        return Class::Partition;
    }
    if part == Part::Rows && (code.starts_with("22") || code == "23502" || code == "23514") {
        return Class::Data;
    }
    if code == "25006" {
        // Read-only: a standby, or a server whose disk is full.
        return Class::Unavailable;
    }
    match code.get(..2) {
        Some("08" | "40" | "53" | "55" | "57" | "58") => Class::Unavailable,
        _ => Class::Bug,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_does_not_fit_is_data_only_in_a_row() {
        for code in ["22003", "22021", "22P02", "23502"] {
            assert_eq!(classify(Part::Rows, code, None), Class::Data, "{code}");
            assert_eq!(classify(Part::Books, code, None), Class::Bug, "{code}");
        }
        assert_eq!(classify(Part::Rows, "23514", Some("observation_members_check")), Class::Data);
        assert_eq!(classify(Part::Books, "23514", Some("run_state_check")), Class::Bug);
    }

    #[test]
    fn a_check_without_a_name_is_a_missing_partition() {
        assert_eq!(classify(Part::Rows, "23514", None), Class::Partition);
    }

    #[test]
    fn a_server_in_trouble_is_away() {
        for code in [
            "08006", "25006", "40001", "40P01", "53100", "53300", "55P03", "57014", "57P01", "57P03", "58030",
        ] {
            assert_eq!(classify(Part::Rows, code, None), Class::Unavailable, "{code}");
            assert_eq!(classify(Part::Books, code, None), Class::Unavailable, "{code}");
        }
    }

    #[test]
    fn anything_else_is_our_mistake() {
        for code in ["42601", "42P01", "42501", "23503", "23505", "21000", "25P02", "XX000", "2"] {
            assert_eq!(classify(Part::Rows, code, None), Class::Bug, "{code}");
        }
    }

    #[test]
    fn a_lost_connection_is_away() {
        let lost = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert_eq!(Fault::new(Part::Rows, "write", sqlx::Error::Io(lost)).class, Class::Unavailable);
        assert_eq!(Fault::new(Part::Books, "read", sqlx::Error::PoolTimedOut).class, Class::Unavailable);
        assert_eq!(Fault::new(Part::Books, "read", sqlx::Error::RowNotFound).class, Class::Bug);
    }
}
