//! The version of each catalogue's data: what tells two states of the data apart.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use sqlx::{PgExecutor, Row, types::Json};
use uuid::Uuid;

use super::ReadError;
use crate::vocabulary::Catalogue;

/// The versions of some catalogues in one certain database: a counter that every commit raises, and a random token that
/// every commit changes, since a counter climbs through the same numbers again after a restore.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Versions {
    database: String,
    of: BTreeMap<String, (i64, Uuid)>,
}

impl Versions {
    /// Reads them, within a snapshot where there is one.
    pub(crate) async fn read(session: impl PgExecutor<'_>) -> Result<Self, ReadError> {
        let row = sqlx::query(include_str!("versions.sql")).fetch_one(session).await?;
        let of: Json<BTreeMap<String, (i64, Uuid)>> = row.try_get("versions")?;
        Ok(Self { database: row.try_get("database")?, of: of.0 })
    }

    /// The counter of one catalogue; 0 before its first row.
    pub(crate) fn counter(&self, catalogue: Catalogue) -> i64 {
        self.of.get(catalogue.name()).map_or(0, |(counter, _)| *counter)
    }

    /// What a response about one catalogue depends on, or about all of them.
    pub(crate) fn of(&self, catalogue: Option<Catalogue>) -> Self {
        let Some(catalogue) = catalogue else { return self.clone() };
        let of = self.of.iter().filter(|(name, _)| *name == catalogue.name());
        Self {
            database: self.database.clone(),
            of: of.map(|(name, version)| (name.clone(), *version)).collect(),
        }
    }

    /// Whether no counter is lower and one is higher.
    fn is_newer_than(&self, other: &Self) -> bool {
        let higher = |(name, (counter, _)): (&String, &(i64, Uuid))| {
            other.of.get(name).is_none_or(|(before, _)| counter > before)
        };
        let lower = |(name, (before, _)): (&String, &(i64, Uuid))| {
            self.of.get(name).is_none_or(|(counter, _)| counter < before)
        };
        self.database == other.database && self.of.iter().any(higher) && !other.of.iter().any(lower)
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.database)?;
        self.of.iter().try_for_each(|(name, (counter, token))| write!(formatter, " {name}.{counter}.{token}"))
    }
}

/// The versions as they were last read, and how often they have been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownVersions {
    /// The versions.
    pub versions: Versions,
    /// The count of readings; this one included.
    pub reading: u64,
}

impl KnownVersions {
    /// What is known of the versions that a response depends on.
    pub(crate) fn of(&self, catalogue: Option<Catalogue>) -> Self {
        Self { versions: self.versions.of(catalogue), reading: self.reading }
    }

    /// Whether a response is current that was read at `version`, after as many readings of the versions.
    ///
    /// One read since the last of them may be newer than what is known: its notice is under way, or lost. With a reading in
    /// between, a higher counter is one of before a restore.
    pub(crate) fn covers(&self, version: &Versions, reading: u64) -> bool {
        *version == self.versions || (reading == self.reading && version.is_newer_than(&self.versions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(mal: i64, sample: i64) -> Versions {
        let of = [("mal", mal), ("sample", sample)];
        let token = |counter: i64| Uuid::from_u64_pair(0, counter.unsigned_abs());
        Versions {
            database: "7.5".into(),
            of: of.map(|(name, counter)| (name.to_owned(), (counter, token(counter)))).into(),
        }
    }

    #[test]
    fn versions_tell_catalogues_and_databases_apart() {
        let versions = versions(12, 3);
        let mal = versions.of(Some(Catalogue::Mal));
        assert_eq!(mal.to_string(), "7.5 mal.12.00000000-0000-0000-0000-00000000000c");
        assert!(versions.to_string().contains("mal.12.") && versions.to_string().contains(" sample.3."));
        assert_eq!((versions.counter(Catalogue::Mal), mal.counter(Catalogue::Sample)), (12, 0));
        assert_ne!(mal, Versions { database: "8.5".into(), ..mal.clone() });
    }

    #[test]
    fn a_response_is_current_at_the_known_version_or_at_a_newer_one_read_since() {
        let known = KnownVersions { versions: versions(12, 3), reading: 5 };
        assert!(known.covers(&versions(12, 3), 1));
        assert!(known.covers(&versions(13, 3), 5), "its notice is under way");
        assert!(
            !known.covers(&versions(13, 3), 4),
            "the versions were read since: it is of before a restore"
        );
        assert!(!known.covers(&versions(11, 3), 5) && !known.covers(&versions(13, 2), 5));
        let mut restored = versions(12, 3);
        restored.of.insert("mal".into(), (12, Uuid::from_u64_pair(9, 9)));
        assert!(!known.covers(&restored, 5), "the counter alone is not the version");
    }
}
