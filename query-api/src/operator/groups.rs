//! `GET dead-letters/groups`: faults of one kind, and what people said of them.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use kansoku_schemas::filter::{Filter, Term};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgConnection, QueryBuilder, types::Json as Jsonb};
use utoipa::{IntoParams, ToSchema};

use super::{
    Operators,
    access::{Operator, Read},
    condition,
    facets::{Facet, Facets, cells, facets, matching, sorted},
    items::{Projection, projection},
    request::Params,
};
use crate::problem::{Failure, Problem};

/// How many groups are shown, those of the latest letters first.
const MAX_GROUPS: i64 = 500;

/// An hour with items.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Hour {
    /// When it begins.
    hour: DateTime<Utc>,
    /// Items that first died in it.
    items: i64,
}

/// Faults of one kind: reason, place in the row, keyword of the schema.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub(crate) struct Group {
    /// Its number; `group:7` finds its items.
    pub group: i64,
    /// Why its items were rejected.
    pub reason: String,
    /// Where the fault is, with `*` for every index.
    #[schema(example = "/genres/*/name")]
    pub path: String,
    /// The keyword of the schema.
    pub keyword: String,
    /// The place in the schema.
    pub detail: String,
    /// `new`, `acknowledged`, `fixed`, `regressed` or `muted`.
    pub state: String,
    /// When its first item died.
    pub first_at: DateTime<Utc>,
    /// When its last item died.
    pub last_at: DateTime<Utc>,
    /// Items that match the filter.
    pub items: i64,
    /// Those of them that need somebody: open, failed again or quarantined.
    pub open: i64,
    /// Those of them that have no other fault.
    pub sole: i64,
    /// Whether replays of many items leave its items out.
    pub hold: bool,
    /// What somebody noted.
    #[schema(required = true)]
    pub note: Option<String>,
    /// An address that somebody gave.
    #[schema(required = true)]
    pub link: Option<String>,
    /// Who takes care of it.
    #[schema(required = true)]
    pub owner: Option<String>,
    /// The judge by which a replay of one of its items was stored.
    #[schema(required = true)]
    pub fixed_by: Option<String>,
    /// When that was.
    #[schema(required = true)]
    pub fixed_at: Option<DateTime<Utc>>,
    /// When a row came here in spite of the fix.
    #[schema(required = true)]
    pub regressed_at: Option<DateTime<Utc>>,
    /// How often people said something of it; a change names the one that its operator saw.
    pub version: i32,
    /// The last hours with items, up to 48, the oldest first.
    #[schema(value_type = Vec<Hour>)]
    #[serde(serialize_with = "hours")]
    pub hours: Jsonb<Vec<Hour>>,
}

fn hours<S: serde::Serializer>(hours: &Jsonb<Vec<Hour>>, serializer: S) -> Result<S::Ok, S::Error> {
    hours.0.serialize(serializer)
}

/// All groups.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Groups {
    /// Those with items, the latest first.
    groups: Vec<Group>,
    /// How many items there are of each value.
    facets: Facets,
    /// Whether all these numbers are exact; otherwise the newest items that match were counted, and there are more.
    counts_are_exact: bool,
    /// How fresh all this is.
    projection: Projection,
}

/// What the groups may be asked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GroupsParams {
    /// Which items count, as for dead letters.
    #[serde(default)]
    #[param(example = "state:open since:2h")]
    filter: String,
}

/// Groups of dead letters
///
/// A dead letter with several faults is in several groups.
#[utoipa::path(get, path = "/api/v1/operator/dead-letters/groups", operation_id = "dead_letter_groups", tag = "operator",
    params(GroupsParams), responses((status = 200, description = "The groups", body = Groups),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(operators): State<Operators>,
    _: Operator<Read>,
    Params(params): Params<GroupsParams>,
) -> Result<Json<Groups>, Failure> {
    let filter = Filter::parse(&params.filter)?;
    let now = operators.clock.now();
    let mut snapshot = operators.snapshot().await?;
    let filter = condition::by_groups(&mut snapshot, &filter).await?;
    let groups = read(&mut snapshot, &filter, None, now).await?;
    let (cells, are_exact) = cells(&mut snapshot, &filter, now).await?;
    let counts_are_exact = are_exact
        && (filter.terms().iter().all(condition::is_kept)
            || matching(&cells, &filter) < condition::MAX_COUNTED);
    let mut facets = facets(&cells, &filter);
    let mut paths = BTreeMap::<&str, i64>::new();
    for group in &groups {
        *paths.entry(&group.path).or_default() += group.items;
    }
    let path = |(value, items): (&str, i64)| Facet { value: value.to_owned(), items };
    facets.path = sorted(paths.into_iter().map(path).collect());
    let projection = projection(&mut snapshot).await?;
    Ok(Json(Groups { groups, facets, counts_are_exact, projection }))
}

/// Counts the faults of items that are looked at one by one …
const OTHERS: &str = "select fault.grp, count(*) as items, count(*) filter (where fault.sole) as sole, \
     count(*) filter (where d.state in ('open', 'failed', 'quarantined')) as open from (select d.item, d.state from ";
/// … by their index: the planner would rather read all faults there are.
const EACH_FAULT: &str = ") d cross join lateral (select f.grp, f.sole from dead_letter_fault f where f.item = d.item offset 0) fault";

/// The groups with items that match, or one group whether it has any or not.
pub(super) async fn read(
    database: &mut PgConnection,
    filter: &Filter,
    one: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Vec<Group>, Failure> {
    let mut query = QueryBuilder::new("with counted as (");
    // Of the groups that are asked for, and of all where none is, the counts are kept.
    let own = filter.terms().iter().find_map(|term| match term {
        Term::Group(groups) => Some(groups.as_slice()),
        _ => None,
    });
    let is_kept =
        filter.terms().iter().all(|term| condition::is_kept(term) || matches!(term, Term::Group(_)));
    if is_kept {
        query.push(
            "select grp, sum(items)::bigint as items, sum(sole)::bigint as sole, \
             coalesce(sum(items) filter (where state in ('open', 'failed', 'quarantined')), 0)::bigint as open \
             from (select c.*, g.reason from dead_letter_group_count c join dead_letter_group g using (grp)) d where ",
        );
        condition::push_terms(&mut query, &filter.only(condition::is_kept), now);
        if let Some(own) = own {
            query.push(" and grp = any(").push_bind(own).push(")");
        }
        query.push(" group by grp having sum(items) > 0");
    }
    match own.filter(|_| is_kept) {
        None if is_kept => {}
        None => {
            query.push(OTHERS).push("dead_letter d where ");
            condition::push_newest(database, &mut query, filter, now).await?;
            query.push(EACH_FAULT).push(" group by fault.grp");
        }
        // Which other faults their newest items have.
        Some(own) => {
            query.push(" union all ").push(OTHERS);
            query
                .push("(select distinct item from (select item, sole from dead_letter_fault where grp = any(")
                .push_bind(own);
            query.push(") order by item desc limit ").push_bind(condition::MAX_COUNTED);
            query.push(") newest where not sole) newest cross join lateral (select * from dead_letter i where i.item = newest.item offset 0) d where ");
            condition::push_terms(&mut query, &filter.only(condition::is_kept), now);
            query.push(EACH_FAULT).push(" where fault.grp <> all(").push_bind(own);
            query.push(") group by fault.grp");
        }
    }
    query.push(")");
    query.push(
        " select g.grp as \"group\", g.reason, g.path, g.keyword, g.detail, dead_letter_group_state(g) as state, \
         g.first_at, g.last_at, coalesce(c.items, 0) as items, coalesce(c.open, 0) as open, coalesce(c.sole, 0) as sole, \
         g.hold, g.note, g.link, g.owner, g.fixed_by, g.fixed_at, g.regressed_at, g.version, h.hours \
         from dead_letter_group g left join counted c using (grp) cross join lateral (\
             select coalesce(jsonb_agg(jsonb_build_object('hour', hour, 'items', items) order by hour), '[]') as hours \
             from (select hour, items from dead_letter_group_hour where grp = g.grp order by hour desc limit 48) last\
         ) h where g.last_at < 'infinity' and g.last_at > '-infinity' and ",
    );
    match one {
        Some(group) => query.push("g.grp = ").push_bind(group),
        None => query.push("c.grp is not null"),
    };
    query.push(" order by g.last_at desc, g.grp limit ").push_bind(MAX_GROUPS);
    Ok(query.build_query_as().persistent(false).fetch_all(database).await?)
}
