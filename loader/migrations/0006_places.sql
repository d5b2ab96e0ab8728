-- Where pages of a run overlap, since the upstream changed the number of rows on a page meanwhile, the lower page keeps its
-- places. Null: written by a loader of an older version, which counts as the page that comes later.
alter table ranking_position add column page int;

-- Facts that are the same as before are not written again. The digest counts only where digest_seq = seq: a loader of an
-- older version leaves it alone. `links` served the same purpose and is no longer read.
alter table anime add column digest bigint, add column digest_seq bigint;
alter table anime alter column links drop not null;

-- Whether a source has been captured by more than one run at an instant.
create index page_instant on page (source_id, captured_at);

-- received = stored + duplicate + dead, per run, counted in places (run, page, row): a page that is in RAW twice, and a
-- replay of one of its rows, are the same places once more. pages_in_flight have not been committed, so their rows are not
-- known yet. What is dead is told by those who rejected it, what is stored or duplicate by what was committed: each message
-- has to add up, so a row that got lost between them shows. What was stored stays when a later judgement is stricter, and
-- a row that is stored is not dead: of the latest judgement's dead, those that an earlier one committed do not count.
create or replace view balance as
with pages as (
    select p.run_id, p.page, count(*) as messages, max(p.received) as received, sum(p.stored)::bigint as stored,
        max(cardinality(p.committed))::bigint as committed,
        bool_and(p.stored <= cardinality(p.committed) and (p.replay_row is not null or p.received = cardinality(p.committed)
            + p.dead + p.load_dead - greatest(cardinality(p.committed) - (p.accepted - p.load_dead), 0))) as adds_up
    from page p
    group by p.run_id, p.page
), places as (
    select run_id, stored, adds_up, received, case
            when messages = 1 then committed
            else (select count(distinct i.row) from page p, unnest(p.committed) as i(row)
                where p.run_id = pages.run_id and p.page = pages.page)
        end as committed
    from pages
), sums as (
    select run_id, sum(greatest(received, committed))::bigint as received, sum(committed)::bigint as committed,
        sum(least(stored, committed))::bigint as stored, bool_and(adds_up) as adds_up
    from places
    group by run_id
)
select r.run_id, r.run, r.catalogue, r.source_id, r.dataset, r.captured_at, coalesce(s.received, 0) as received,
    coalesce(s.stored, 0) as stored, coalesce(s.committed - s.stored, 0) as duplicate,
    coalesce(s.received - s.committed, 0) as dead,
    (select count(*) from unnest(r.pages_got) as got(page)
        where not exists (select from page p where p.run_id = r.run_id and p.page = got.page)) as pages_in_flight,
    coalesce(s.adds_up, true) as balanced
from run r
left join sums s using (run_id);
