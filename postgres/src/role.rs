//! What a server is among several.

use sqlx::{Error, PgConnection};

/// In recovery it has no place to write at. The first eight digits of a file of the log are its timeline, which each
/// promotion raises. Timelines of different clusters cannot be compared; the identifier tells them apart.
const ROLE: &str =
    "select case when pg_is_in_recovery() then null else left(pg_walfile_name(pg_current_wal_lsn()), 8) end,
    current_setting('transaction_read_only')::boolean, (select system_identifier from pg_control_system())";

/// Which data a primary has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lineage {
    /// The identifier of the cluster: another one after `initdb`, and so after an upgrade.
    pub cluster: i64,
    /// How many promotions lie before it, and one.
    pub timeline: u32,
}

/// What is known of several servers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// The primary that was seen last: one of the same cluster and an older timeline is a former primary.
    pub newest: Option<Lineage>,
    /// Which address it is at; `None` before it was found, and once it says that it is none any more.
    pub at: Option<usize>,
}

impl Known {
    /// What is known after all were asked, and which of them is the primary.
    pub(crate) fn after(self, answers: &[Answer]) -> (Self, Option<usize>) {
        match newest_primary(answers, self.newest) {
            Some((at, newest)) => (Self { newest: Some(newest), at: Some(at) }, Some(at)),
            // Silence says nothing: whoever has a session there notices.
            None => {
                let is_silent = |at: &usize| matches!(answers.get(*at), Some(Answer::Failed(_)));
                (Self { at: self.at.filter(is_silent), ..self }, None)
            }
        }
    }

    /// Whether a server that says so is the primary that is known, or a newer one of its cluster.
    pub(crate) fn accepts(self, role: Role) -> bool {
        match role {
            Role::Primary(said) => self
                .newest
                .is_none_or(|known| said.cluster == known.cluster && said.timeline >= known.timeline),
            Role::ReadOnly | Role::Standby => false,
        }
    }
}

/// What a server says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It takes writes.
    Primary(Lineage),
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
    pub(crate) fn reason(&self, known: Option<Lineage>) -> String {
        match self {
            Self::Is(Role::Primary(Lineage { timeline, .. })) => {
                let seen = known.map_or(0, |known| known.timeline);
                format!(
                    "is of timeline {timeline}, and {seen} was seen (if it is a former primary, end it or make it a standby; if it was restored, restart this program)"
                )
            }
            Self::Is(Role::ReadOnly) => "takes no writes (default_transaction_read_only)".to_owned(),
            Self::Is(Role::Standby) => "is a standby".to_owned(),
            Self::Failed(why) => format!("cannot be used ({why})"),
        }
    }
}

pub(crate) async fn ask(session: &mut PgConnection) -> Result<Role, Error> {
    let (timeline, is_read_only, cluster): (Option<String>, bool, i64) =
        sqlx::query_as(ROLE).fetch_one(session).await?;
    Ok(match timeline.map(|digits| u32::from_str_radix(&digits, 16)) {
        None => Role::Standby,
        _ if is_read_only => Role::ReadOnly,
        Some(Ok(timeline)) => Role::Primary(Lineage { cluster, timeline }),
        Some(Err(error)) => return Err(Error::Decode(error.into())),
    })
}

/// The primary of the newest timeline, unless an even newer one is known. Two servers that both take writes are one promoted
/// standby, and the primary of before that came back, or goes on, without having heard of it. One of another cluster is
/// taken where the known one has none.
fn newest_primary(answers: &[Answer], known: Option<Lineage>) -> Option<(usize, Lineage)> {
    let primaries: Vec<_> = answers
        .iter()
        .enumerate()
        .filter_map(|(at, answer)| match answer {
            Answer::Is(Role::Primary(said)) => Some((at, *said)),
            _ => None,
        })
        .collect();
    let newest_of = |known: Lineage| {
        let same = primaries.iter().filter(move |(_, said)| said.cluster == known.cluster);
        // Of equal ones the first.
        same.filter(|(_, said)| said.timeline >= known.timeline).rev().max_by_key(|(_, said)| said.timeline)
    };
    let first_of_others = || {
        let mut others =
            primaries.iter().filter(|(_, said)| known.is_none_or(|known| said.cluster != known.cluster));
        others.next().map(|(_, said)| Lineage { timeline: 0, ..*said })
    };
    known.and_then(newest_of).or_else(|| first_of_others().and_then(newest_of)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn lineage(cluster: i64, timeline: u32) -> Lineage {
        Lineage { cluster, timeline }
    }

    fn primary(timeline: u32) -> Answer {
        Answer::Is(Role::Primary(lineage(7, timeline)))
    }

    fn other(timeline: u32) -> Answer {
        Answer::Is(Role::Primary(lineage(8, timeline)))
    }

    fn away() -> Answer {
        Answer::Failed("connection refused".to_owned())
    }

    /// Where the primary is, for somebody who has seen this timeline.
    fn found(answers: &[Answer], seen: u32) -> Option<(usize, u32)> {
        let known = (seen > 0).then_some(lineage(7, seen));
        newest_primary(answers, known).map(|(at, lineage)| (at, lineage.timeline))
    }

    #[test]
    fn the_primary_is_taken_wherever_it_is() {
        assert_eq!(found(&[primary(1), Answer::Is(Role::Standby)], 0), Some((0, 1)));
        assert_eq!(found(&[away(), primary(2)], 1), Some((1, 2)));
        assert_eq!(found(&[primary(3), primary(3)], 3), Some((0, 3)));
    }

    #[test]
    fn a_former_primary_is_left_alone() {
        assert_eq!(found(&[primary(1), primary(2)], 0), Some((1, 2)));
        assert_eq!(found(&[primary(1), primary(2)], 1), Some((1, 2)), "though it never went away");
        assert_eq!(found(&[primary(1), away()], 2), None, "even when it is the only one");
        let said = primary(1).reason(Some(lineage(7, 2)));
        assert!(said.contains("timeline 1, and 2 was seen"), "{said}");
    }

    #[test]
    fn timelines_of_another_cluster_are_not_compared() {
        assert_eq!(found(&[other(1), away()], 5), Some((0, 1)), "an upgrade, or a restore into a new one");
        assert_eq!(found(&[other(1), other(2)], 5), Some((1, 2)));
        assert_eq!(found(&[other(9), primary(2)], 2), Some((1, 2)), "the known one has a primary");
        assert_eq!(found(&[primary(2), other(9)], 0), Some((0, 2)), "nothing is known, so the first");
        assert_eq!(
            found(&[other(1), primary(1)], 2),
            Some((0, 1)),
            "the known one has a former primary only"
        );
    }

    #[test]
    fn whoever_takes_no_writes_is_none() {
        let none = [Answer::Is(Role::Standby), Answer::Is(Role::ReadOnly), away()];
        assert_eq!(found(&none, 0), None);
        let said = none.map(|answer| answer.reason(None));
        assert_eq!(said[0], "is a standby");
        assert!(said[1].contains("no writes") && said[2].contains("connection refused"), "{said:?}");
    }

    #[test]
    fn what_is_known_follows_what_they_say() {
        let (first, at) = Known::default().after(&[primary(1), Answer::Is(Role::Standby)]);
        assert_eq!((first.at, at), (Some(0), Some(0)));
        let (silent, at) = first.after(&[away(), Answer::Is(Role::Standby)]);
        assert_eq!((silent, at), (first, None), "silence says nothing");
        let (none, _) = first.after(&[Answer::Is(Role::ReadOnly), Answer::Is(Role::Standby)]);
        assert_eq!(none, Known { at: None, ..first });
        let (second, at) = none.after(&[primary(1), primary(2)]);
        assert_eq!((second.newest, at), (Some(lineage(7, 2)), Some(1)));
        assert_eq!(second.after(&[primary(1), Answer::Is(Role::Standby)]).0.newest, second.newest);
    }

    #[test]
    fn a_session_serves_on_the_known_primary_alone() {
        let known = Known { newest: Some(lineage(7, 2)), at: Some(1) };
        assert!(known.accepts(Role::Primary(lineage(7, 2))) && known.accepts(Role::Primary(lineage(7, 3))));
        assert!(!known.accepts(Role::Primary(lineage(7, 1))) && !known.accepts(Role::Primary(lineage(8, 2))));
        assert!(!known.accepts(Role::Standby) && !known.accepts(Role::ReadOnly));
        assert!(Known::default().accepts(Role::Primary(lineage(8, 1))));
    }
}
