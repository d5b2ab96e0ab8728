//! `page`: the accounts of each message, replaced by those of a later judgement, never added to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};

use super::{Ids, Refused, array_literal, column, observations::Touched};
use crate::{
    fault::{Fault, Part},
    page::Page,
};

/// A page of the batch with what became of its rows.
#[derive(Debug)]
pub(super) struct Account<'a> {
    pub(super) page: &'a Page,
    /// Indexes of the rows that were committed, sorted.
    pub(super) committed: BTreeSet<u32>,
    /// Rows that the tables refused.
    pub(super) refused: usize,
}

impl<'a> Account<'a> {
    /// The account of the page that is `number` in its batch.
    pub(super) fn new(number: usize, page: &'a Page, refused: &Refused) -> Self {
        let (lost, kept): (Vec<usize>, Vec<usize>) =
            (0..page.len()).partition(|place| refused.contains(&(number, *place)));
        let committed = kept.into_iter().filter_map(|place| page.index(place)).collect();
        Self { page, committed, refused: lost.len() }
    }
}

/// The RAW positions whose latest judgement is stored already.
pub(super) async fn known(
    session: &mut PgConnection,
    pages: &[&Page],
) -> Result<BTreeMap<(i64, i64), DateTime<Utc>>, Fault> {
    let rows: Vec<(i64, i64, DateTime<Utc>)> = sqlx::query_as(
        "select epoch, seq, judged_at from page
         join unnest($1::bigint[], $2::bigint[]) as i(epoch, seq) using (epoch, seq)",
    )
    .bind(pages.iter().map(|page| page.origin.epoch).collect::<Vec<_>>())
    .bind(pages.iter().map(|page| page.origin.seq).collect::<Vec<_>>())
    .fetch_all(session)
    .await
    .map_err(|error| Fault::new(Part::Books, "look up pages", error))?;
    Ok(rows.into_iter().map(|(epoch, seq, judged_at)| ((epoch, seq), judged_at)).collect())
}

/// Merges the judgements of one message: the latest's accounts, everybody's rows.
fn merge(accounts: Vec<Account<'_>>) -> Vec<Account<'_>> {
    let mut merged: BTreeMap<(i64, i64), Account<'_>> = BTreeMap::new();
    for mut account in accounts {
        let key = (account.page.origin.epoch, account.page.origin.seq);
        if let Some(mut other) = merged.remove(&key) {
            if other.page.origin.judged_at > account.page.origin.judged_at {
                std::mem::swap(&mut account, &mut other);
            }
            account.committed.append(&mut other.committed);
        }
        merged.insert(key, account);
    }
    merged.into_values().collect()
}

/// Writes the accounts.
pub(super) async fn write(
    session: &mut PgConnection,
    catalogue: &str,
    ids: &Ids,
    accounts: Vec<Account<'_>>,
    committed_at: DateTime<Utc>,
) -> Result<(), Fault> {
    let accounts = merge(accounts);
    let committed = |account: &Account<'_>| array_literal(account.committed.iter().map(u32::to_string));
    sqlx::query(
        "insert into page as p (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, url, trace_id,
             contract, judge, row_limit, received, accepted, dead, load_dead, committed, drift, warnings, replay_root,
             replay_row, stored_at, judged_at, committed_at)
         select epoch, seq, run_id, page, $1, source_id, dataset, captured_at, url, trace_id, contract, judge, row_limit,
             received, accepted, dead, load_dead, committed::int[], drift, warnings, replay_root, replay_row, stored_at,
             judged_at, $2
         from unnest($3::bigint[], $4::bigint[], $5::int[], $6::int[], $7::int[], $8::text[], $9::timestamptz[],
             $10::text[], $11::text[], $12::text[], $13::text[], $14::int[], $15::int[], $16::int[], $17::int[], $18::int[],
             $19::text[], $20::jsonb[], $21::jsonb[], $22::text[], $23::int[], $24::timestamptz[], $25::timestamptz[])
             as i(epoch, seq, run_id, page, source_id, dataset, captured_at, url, trace_id, contract, judge, row_limit,
             received, accepted, dead, load_dead, committed, drift, warnings, replay_root, replay_row, stored_at, judged_at)
         on conflict (epoch, seq) do update set
             run_id = excluded.run_id, page = excluded.page, source_id = excluded.source_id, dataset = excluded.dataset,
             captured_at = excluded.captured_at, url = excluded.url, trace_id = excluded.trace_id,
             contract = excluded.contract, judge = excluded.judge, row_limit = excluded.row_limit,
             received = excluded.received, accepted = excluded.accepted, dead = excluded.dead,
             load_dead = excluded.load_dead, drift = excluded.drift, warnings = excluded.warnings,
             replay_root = excluded.replay_root, replay_row = excluded.replay_row, stored_at = excluded.stored_at,
             judged_at = excluded.judged_at, committed_at = excluded.committed_at
         where excluded.judged_at > p.judged_at",
    )
    .bind(catalogue)
    .bind(committed_at)
    .bind(column(&accounts, |account| account.page.origin.epoch))
    .bind(column(&accounts, |account| account.page.origin.seq))
    .bind(column(&accounts, |account| ids.of(account.page).1))
    .bind(column(&accounts, |account| account.page.number))
    .bind(column(&accounts, |account| ids.of(account.page).0))
    .bind(column(&accounts, |account| account.page.dataset.to_string()))
    .bind(column(&accounts, |account| account.page.captured_at))
    .bind(column(&accounts, |account| account.page.url.clone()))
    .bind(column(&accounts, |account| account.page.trace_id.clone()))
    .bind(column(&accounts, |account| account.page.contract))
    .bind(column(&accounts, |account| account.page.judge.clone()))
    .bind(column(&accounts, |account| account.page.limit))
    .bind(column(&accounts, |account| account.page.received))
    .bind(column(&accounts, |account| account.page.accepted))
    .bind(column(&accounts, |account| account.page.dead))
    .bind(column(&accounts, |account| i32::try_from(account.refused).unwrap_or(i32::MAX)))
    .bind(column(&accounts, committed))
    .bind(column(&accounts, |account| Json(account.page.drift.clone())))
    .bind(column(&accounts, |account| Json(account.page.warnings.clone())))
    .bind(column(&accounts, |account| account.page.replay_root.clone()))
    .bind(column(&accounts, |account| account.page.replay_row))
    .bind(column(&accounts, |account| account.page.stored_at))
    .bind(column(&accounts, |account| account.page.origin.judged_at))
    .execute(&mut *session)
    .await
    .map_err(|error| Fault::new(Part::Books, "write pages", error))?;
    // Rows count as committed whichever judgement passed them, an older one that comes late included.
    sqlx::query(
        "update page p set committed = array(select distinct unnest(p.committed || i.committed::int[]) order by 1)
         from unnest($1::bigint[], $2::bigint[], $3::text[]) as i(epoch, seq, committed)
         where p.epoch = i.epoch and p.seq = i.seq and not i.committed::int[] <@ p.committed",
    )
    .bind(column(&accounts, |account| account.page.origin.epoch))
    .bind(column(&accounts, |account| account.page.origin.seq))
    .bind(column(&accounts, committed))
    .execute(session)
    .await
    .map(drop)
    .map_err(|error| Fault::new(Part::Books, "note the committed rows", error))
}

/// Counts again what these pages own.
pub(super) async fn count(
    session: &mut PgConnection,
    catalogue: &str,
    touched: &Touched,
) -> Result<(), Fault> {
    sqlx::query(
        "update page p set stored = c.owned, duplicate = cardinality(p.committed) - c.owned
         from (
             select p.epoch, p.seq, (
                 select count(*) from observation o
                 where o.epoch = p.epoch and o.seq = p.seq and o.captured_at = p.captured_at and o.owner
             ) + (select count(*) from genre_observation g where g.epoch = p.epoch and g.seq = p.seq and g.owner) as owned
             from unnest($2::bigint[], $3::bigint[]) as t(epoch, seq)
             join page p using (epoch, seq)
         ) c
         where p.epoch = c.epoch and p.seq = c.seq and p.catalogue = $1
             and (p.stored, p.duplicate) is distinct from (c.owned, cardinality(p.committed) - c.owned)",
    )
    .bind(catalogue)
    .bind(touched.iter().map(|page| page.0).collect::<Vec<_>>())
    .bind(touched.iter().map(|page| page.1).collect::<Vec<_>>())
    .execute(session)
    .await
    .map(drop)
    .map_err(|error| Fault::new(Part::Books, "count what the pages own", error))
}

/// What these pages own, and how many of their committed rows own nothing.
pub(super) async fn sum(session: &mut PgConnection, pages: &Touched) -> Result<(i64, i64), Fault> {
    sqlx::query_as(
        "select coalesce(sum(stored), 0)::bigint, coalesce(sum(duplicate), 0)::bigint from page
         join unnest($1::bigint[], $2::bigint[]) as i(epoch, seq) using (epoch, seq)",
    )
    .bind(pages.iter().map(|page| page.0).collect::<Vec<_>>())
    .bind(pages.iter().map(|page| page.1).collect::<Vec<_>>())
    .fetch_one(session)
    .await
    .map_err(|error| Fault::new(Part::Books, "sum what the pages own", error))
}
