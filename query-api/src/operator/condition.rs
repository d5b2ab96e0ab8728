//! Filters as parts of statements.

use chrono::{DateTime, Utc};
use kansoku_schemas::filter::{Fault, Filter, Piece, Term};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use crate::problem::Failure;

/// Adds the condition over `dead_letter d`.
pub(super) fn push(builder: &mut QueryBuilder<Postgres>, filter: &Filter, now: DateTime<Utc>) {
    for piece in filter.sql(now) {
        match piece {
            Piece::Sql(text) => builder.push(text),
            Piece::Text(text) => builder.push_bind(text),
            Piece::Texts(texts) => builder.push_bind(texts),
            Piece::Int(number) => builder.push_bind(number),
            Piece::Ints(numbers) => builder.push_bind(numbers),
            Piece::Instant(instant) => builder.push_bind(instant),
            Piece::Uuid(id) => builder.push_bind(id),
        };
    }
}

/// The same filter with the groups' numbers in the place of their paths and keywords: by these the planner knows how many
/// items there are.
pub(super) async fn by_groups(database: &mut PgConnection, filter: &Filter) -> Result<Filter, Failure> {
    if !filter.terms().iter().any(|term| matches!(term, Term::Path(_) | Term::Keyword(_))) {
        return Ok(filter.clone());
    }
    let all: Vec<(i64, String, String)> =
        sqlx::query_as("select grp, path, keyword from dead_letter_group").fetch_all(database).await?;
    let faults = all.into_iter().map(|(group, path, keyword)| Fault { group, path, keyword });
    let groups = faults.filter(|fault| filter.fits(fault)).map(|fault| fault.group).collect();
    let others = filter.only(|term| !matches!(term, Term::Path(_) | Term::Keyword(_) | Term::Group(_)));
    Ok(others.and(Term::Group(groups)))
}

/// Groups with fewer items than this are read whole, however far apart in time these died.
const FEW: i64 = 20_000;

/// Adds that an item is of the filter's groups, where these have few items; for the planner, who would look through all dead
/// letters in the order of the list. The condition itself says the same.
pub(super) async fn push_few(
    database: &mut PgConnection,
    builder: &mut QueryBuilder<Postgres>,
    filter: &Filter,
) -> Result<(), Failure> {
    let groups = filter.terms().iter().find_map(|term| match term {
        Term::Group(groups) => Some(groups),
        _ => None,
    });
    let Some(groups) = groups else { return Ok(()) };
    let sql = "select coalesce(sum(items), 0)::bigint from dead_letter_group_count where grp = any($1)";
    let items: i64 = sqlx::query_scalar(sql).bind(groups).fetch_one(database).await?;
    if items < FEW {
        builder.push("d.item = any(array(select item from dead_letter_fault where grp = any(");
        builder.push_bind(groups.clone()).push("))) and ");
    }
    Ok(())
}

/// Whether the kept counts know how many items match.
pub(super) fn is_counted(filter: &Filter) -> bool {
    filter.terms().iter().all(is_kept)
}

/// Whether the counts are kept by what the term asks for.
pub(super) fn is_kept(term: &Term) -> bool {
    matches!(term, Term::State(_) | Term::Reason(_) | Term::Stage(_) | Term::Dataset(_))
}
