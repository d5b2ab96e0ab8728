//! What a server is among several.

use sqlx::{Error, PgConnection};

/// In recovery it has no place to write at. The first eight digits of a file of the log are its timeline, which each
/// promotion raises.
const ROLE: &str =
    "select case when pg_is_in_recovery() then null else left(pg_walfile_name(pg_current_wal_lsn()), 8) end,
    current_setting('transaction_read_only')::boolean";

/// What a server says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It takes writes.
    Primary {
        /// How many promotions lie before it, and one.
        timeline: u32,
    },
    /// It was told to take none.
    ReadOnly,
    /// It repeats what a primary does.
    Standby,
}

/// What came of asking a server.
#[derive(Debug)]
pub(crate) enum Answer {
    Is(Role),
    Failed(String),
}

impl Answer {
    /// Why it is not used.
    pub(crate) fn reason(&self, known: u32) -> String {
        match self {
            Self::Is(Role::Primary { timeline }) => {
                format!(
                    "is a former primary (timeline {timeline}, and {known} was seen): end it, or make it a standby"
                )
            }
            Self::Is(Role::ReadOnly) => "takes no writes (default_transaction_read_only)".to_owned(),
            Self::Is(Role::Standby) => "is a standby".to_owned(),
            Self::Failed(why) => format!("cannot be used ({why})"),
        }
    }
}

pub(crate) async fn ask(session: &mut PgConnection) -> Result<Role, Error> {
    let (timeline, is_read_only): (Option<String>, bool) = sqlx::query_as(ROLE).fetch_one(session).await?;
    Ok(match timeline.map(|digits| u32::from_str_radix(&digits, 16)) {
        None => Role::Standby,
        _ if is_read_only => Role::ReadOnly,
        Some(Ok(timeline)) => Role::Primary { timeline },
        Some(Err(error)) => return Err(Error::Decode(error.into())),
    })
}

/// The primary of the newest timeline, unless an even newer one is known. Two servers that both take writes are one promoted
/// standby, and the primary of before that came back without having heard of it.
pub(crate) fn newest_primary(answers: &[Answer], known: u32) -> Option<(usize, u32)> {
    let primaries = answers.iter().enumerate().filter_map(|(at, answer)| match answer {
        Answer::Is(Role::Primary { timeline }) if *timeline >= known => Some((at, *timeline)),
        _ => None,
    });
    // Of equal ones the first.
    primaries.rev().max_by_key(|(_, timeline)| *timeline)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn primary(timeline: u32) -> Answer {
        Answer::Is(Role::Primary { timeline })
    }

    fn away() -> Answer {
        Answer::Failed("connection refused".to_owned())
    }

    #[test]
    fn the_primary_is_taken_wherever_it_is() {
        assert_eq!(newest_primary(&[primary(1), Answer::Is(Role::Standby)], 0), Some((0, 1)));
        assert_eq!(newest_primary(&[away(), primary(2)], 1), Some((1, 2)));
        assert_eq!(newest_primary(&[primary(3), primary(3)], 3), Some((0, 3)));
    }

    #[test]
    fn a_former_primary_that_came_back_is_left_alone() {
        assert_eq!(newest_primary(&[primary(1), primary(2)], 0), Some((1, 2)));
        assert_eq!(newest_primary(&[primary(1), away()], 2), None, "even when it is the only one");
        assert!(primary(1).reason(2).contains("former primary (timeline 1, and 2 was seen)"));
    }

    #[test]
    fn whoever_takes_no_writes_is_none() {
        let none = [Answer::Is(Role::Standby), Answer::Is(Role::ReadOnly), away()];
        assert_eq!(newest_primary(&none, 0), None);
        let said = none.map(|answer| answer.reason(0));
        assert_eq!(said[0], "is a standby");
        assert!(said[1].contains("no writes") && said[2].contains("connection refused"), "{said:?}");
    }
}
