//! Filters as parts of statements.

use chrono::{DateTime, Utc};
use kansoku_schemas::filter::{Fault, Filter, Piece, Term};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::title_words;
use crate::problem::Failure;

/// Adds the condition over `dead_letter d`, and before it what indexes find of it, for the planner.
pub(super) async fn push(
    database: &mut PgConnection,
    builder: &mut QueryBuilder<Postgres>,
    filter: &Filter,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    for term in filter.terms() {
        match term {
            Term::Group(groups) => push_few(database, builder, groups).await?,
            Term::Title(part) => title_words::push(database, builder, part).await?,
            _ => {}
        }
    }
    push_terms(builder, filter, now);
    Ok(())
}

/// Adds the condition alone, over anything that has its columns.
pub(super) fn push_terms(builder: &mut QueryBuilder<Postgres>, filter: &Filter, now: DateTime<Utc>) {
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
async fn push_few(
    database: &mut PgConnection,
    builder: &mut QueryBuilder<Postgres>,
    groups: &[i64],
) -> Result<(), Failure> {
    let sql = "select coalesce(sum(items), 0)::bigint from dead_letter_group_count where grp = any($1)";
    let items: i64 = sqlx::query_scalar(sql).bind(groups).fetch_one(database).await?;
    if items < FEW {
        builder.push("d.item = any(array(select item from dead_letter_fault where grp = any(");
        builder.push_bind(groups.to_vec()).push("))) and ");
    }
    Ok(())
}

/// What no kept count knows is counted over so many items at most.
pub(super) const MAX_COUNTED: i64 = 10_000;

/// Adds the condition, and that only the newest items of it count.
pub(super) async fn push_newest(
    database: &mut PgConnection,
    builder: &mut QueryBuilder<Postgres>,
    filter: &Filter,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    push(database, builder, filter, now).await?;
    builder.push(" order by d.first_at desc, d.item desc limit ").push_bind(MAX_COUNTED);
    Ok(())
}

/// Where counts are kept of what matches, by state, stage, reason and dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// Of all items.
    All,
    /// Of the items of one group.
    Group(i64),
}

impl Kept {
    /// The counts that know all items of a filter, if there are such.
    pub(super) fn of(filter: &Filter) -> Option<Self> {
        let mut others = filter.terms().iter().filter(|term| !is_kept(term));
        match (others.next(), others.next()) {
            (None, _) => Some(Self::All),
            (Some(Term::Group(groups)), None) => match groups[..] {
                [group] => Some(Self::Group(group)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Adds the counts as `d`, and that the filter's other terms are met.
    pub(super) fn push(self, builder: &mut QueryBuilder<Postgres>, filter: &Filter, now: DateTime<Utc>) {
        match self {
            Self::All => builder.push("dead_letter_count d where "),
            Self::Group(group) => builder
                .push("(select c.*, g.reason from dead_letter_group_count c join dead_letter_group g using (grp) where grp = ")
                .push_bind(group)
                .push(") d where "),
        };
        push_terms(builder, &filter.only(is_kept), now);
    }
}

/// Whether the counts are kept by what the term asks for.
pub(super) fn is_kept(term: &Term) -> bool {
    matches!(term, Term::State(_) | Term::Reason(_) | Term::Stage(_) | Term::Dataset(_))
}
