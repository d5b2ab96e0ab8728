//! The titles of a catalogue by their last known numbers, as the start of a query.

use sqlx::{Postgres, postgres::PgArguments, query::Query};

use crate::{database::Scope, vocabulary::Adult};

/// A query that reads `title` (mal_id, year, season, score, members) and may read `asked.kind`; in both forms.
macro_rules! titles_known {
    ($rest:literal) => {
        $crate::endpoints::titles_known::TitlesKnown {
            latest: concat!(include_str!("titles_latest.sql"), include_str!($rest)),
            then: concat!(include_str!("titles_then.sql"), include_str!($rest)),
        }
    };
}
pub(super) use titles_known;

/// The same query about what is known now, which is kept, and about what was known then, or by one source.
pub(super) struct TitlesKnown {
    pub latest: &'static str,
    pub then: &'static str,
}

impl TitlesKnown {
    /// The one of the two that a selection takes, with its arguments.
    pub(super) fn query(
        self,
        scope: &Scope,
        adult: Adult,
        kind: Option<&'static str>,
    ) -> Query<'static, Postgres, PgArguments> {
        let is_latest = scope.source_id.is_none() && scope.as_of.is_none();
        let query = sqlx::query(if is_latest { self.latest } else { self.then })
            .bind(scope.catalogue.name())
            .bind(adult == Adult::Show)
            .bind(kind);
        if is_latest {
            return query;
        }
        query
            .bind(scope.source_id)
            .bind(scope.window.whole_from)
            .bind(scope.window.whole_until)
            .bind(scope.window.rest_from)
            .bind(scope.window.rest_until)
    }
}
