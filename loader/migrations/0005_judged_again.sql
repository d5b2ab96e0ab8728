-- What was stored stays when a later judgement is stricter, and a row that is stored is not dead: the latest judgement's dead
-- are counted without those that an earlier one committed. A committed row that got lost still shows.
create or replace view balance as
with whole as (
    select run_id, sum(received)::bigint as received, sum(cardinality(committed))::bigint as committed,
        -- Committed rows beyond those that the latest judgement passed were passed by an earlier one.
        sum(dead + load_dead - greatest(cardinality(committed) - (accepted - load_dead), 0))::bigint as dead,
        sum(stored)::bigint as stored
    from page where replay_row is null group by run_id
), healed as (
    select p.run_id, count(distinct (p.page, p.replay_row)) filter (where not exists (
        select from page w where w.run_id = p.run_id and w.page = p.page and w.replay_row is null
            and p.replay_row = any (w.committed)
    )) as places, sum(p.stored)::bigint as stored
    from page p where p.replay_row is not null and cardinality(p.committed) > 0 group by p.run_id
), sums as (
    select r.run_id, coalesce(w.received, 0) as received, coalesce(w.stored, 0) + coalesce(h.stored, 0) as stored,
        coalesce(w.committed, 0) + coalesce(h.places, 0) as committed,
        coalesce(w.dead, 0) - coalesce(h.places, 0) as dead,
        (select count(*) from unnest(r.pages_got) as got(page)
            where not exists (select from page p where p.run_id = r.run_id and p.page = got.page)) as pages_in_flight
    from run r
    left join whole w using (run_id)
    left join healed h using (run_id)
)
select r.run_id, r.run, r.catalogue, r.source_id, r.dataset, r.captured_at, s.received, s.stored,
    s.committed - s.stored as duplicate, s.dead, s.pages_in_flight,
    s.received = s.committed + s.dead and s.stored <= s.committed as balanced
from sums s
join run r using (run_id);
