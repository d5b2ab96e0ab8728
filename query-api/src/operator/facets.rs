//! How many items there are of each state, reason, stage and dataset.

use chrono::{DateTime, Utc};
use kansoku_schemas::filter::{Filter, Pattern, Term};
use serde::Serialize;
use sqlx::{FromRow, PgConnection, QueryBuilder};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::condition::{self, Kept};
use crate::problem::Failure;

/// A value and its items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Facet {
    /// The value.
    pub value: String,
    /// How many items have it.
    pub items: i64,
}

/// How many items there are of each value. The term about a facet itself does not count in it, so that it shows what else
/// could be asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Facets {
    /// By state.
    pub state: Vec<Facet>,
    /// By reason.
    pub reason: Vec<Facet>,
    /// By stage.
    pub stage: Vec<Facet>,
    /// By dataset.
    pub dataset: Vec<Facet>,
    /// Faults by their place; an item with several counts in each.
    pub path: Vec<Facet>,
}

/// The items of one cell.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Cell {
    state: String,
    stage: String,
    reason: String,
    dataset: String,
    items: i64,
}

/// Counts by cell, without the terms that a facet may leave out, and whether they are exact. The kept counts know, unless the
/// filter asks for more; then the newest items are counted.
pub(super) async fn cells(
    database: &mut PgConnection,
    filter: &Filter,
    now: DateTime<Utc>,
) -> Result<(Vec<Cell>, bool), Failure> {
    let deep = filter.only(|term| !condition::is_kept(term));
    if let Some(kept) = Kept::of(&deep) {
        let mut query = QueryBuilder::new("select state, stage, reason, dataset, items from ");
        kept.push(&mut query, &deep, now);
        query.push(" and items > 0");
        return Ok((query.build_query_as().fetch_all(database).await?, true));
    }
    let mut query = QueryBuilder::new(
        "select state, stage, reason, dataset, count(*) as items from (\
         select d.state, d.stage, d.reason, d.dataset from dead_letter d where ",
    );
    condition::push_newest(database, &mut query, &deep, now).await?;
    query.push(") d group by state, stage, reason, dataset");
    let cells: Vec<Cell> = query.build_query_as().persistent(false).fetch_all(database).await?;
    let counted: i64 = cells.iter().map(|cell| cell.items).sum();
    Ok((cells, counted < condition::MAX_COUNTED))
}

/// How many items of the cells match.
pub(super) fn matching(cells: &[Cell], filter: &Filter) -> i64 {
    let met = |cell: &&Cell| filter.terms().iter().all(|term| meets(term, cell));
    cells.iter().filter(met).map(|cell| cell.items).sum()
}

/// The facets of these cells.
pub(super) fn facets(cells: &[Cell], filter: &Filter) -> Facets {
    let of = |key: &str, value: fn(&Cell) -> &str| {
        let mut sums = BTreeMap::<&str, i64>::new();
        let others = filter.only(|term| term.key() != key);
        for cell in cells.iter().filter(|cell| others.terms().iter().all(|term| meets(term, cell))) {
            *sums.entry(value(cell)).or_default() += cell.items;
        }
        sorted(sums.into_iter().map(|(value, items)| Facet { value: value.to_owned(), items }).collect())
    };
    Facets {
        state: of("state", |cell| &cell.state),
        reason: of("reason", |cell| &cell.reason),
        stage: of("stage", |cell| &cell.stage),
        dataset: of("dataset", |cell| &cell.dataset),
        path: Vec::new(),
    }
}

/// The most first.
pub(super) fn sorted(mut facets: Vec<Facet>) -> Vec<Facet> {
    facets.sort_by(|one, other| other.items.cmp(&one.items).then_with(|| one.value.cmp(&other.value)));
    facets
}

/// Whether the items of a cell meet a term; what else the filter asks for, they meet all.
fn meets(term: &Term, cell: &Cell) -> bool {
    match term {
        Term::State(states) => states.iter().any(|state| state.as_str() == cell.state),
        Term::Reason(reason) => reason.as_str() == cell.reason,
        Term::Stage(stage) => stage.as_str() == cell.stage,
        Term::Dataset(Pattern::Exact(dataset)) => *dataset == cell.dataset,
        Term::Dataset(Pattern::Prefix(begin)) => cell.dataset.starts_with(begin.as_str()),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_facet_leaves_its_own_term_out() {
        let cell = |state: &str, dataset: &str, items| Cell {
            state: state.into(),
            stage: "validate".into(),
            reason: "schema".into(),
            dataset: dataset.into(),
            items,
        };
        let cells = [cell("open", "top.score", 5), cell("open", "genres", 2), cell("discarded", "genres", 7)];
        let facets = facets(&cells, &Filter::parse("state:open dataset:genres page:3").unwrap());
        let pairs =
            |facets: &[Facet]| facets.iter().map(|one| (one.value.clone(), one.items)).collect::<Vec<_>>();
        assert_eq!(pairs(&facets.state), [("discarded".into(), 7), ("open".into(), 2)]);
        assert_eq!(pairs(&facets.dataset), [("top.score".into(), 5), ("genres".into(), 2)]);
        assert_eq!(pairs(&facets.reason), [("schema".into(), 2)]);
    }
}
