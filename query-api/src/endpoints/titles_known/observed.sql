-- What each page told in a part of a day, the latest first. By way of the runs: a part of a day has few of them, and their
-- pages lead to their observations.
-- $1 catalogue, $2 source or null, $3 and $4 first and last instant.
select s.silent, o.titles, o.scores, o.members
from run r
join (select source_id, is_history(source_id) as silent from source) s using (source_id)
join page p on p.run_id = r.run_id
cross join lateral (
    select array_agg(mal_id) as titles, array_agg((score * 100)::int) as scores, array_agg(members) as members
    from observation o
    where o.captured_at = r.captured_at and o.epoch = p.epoch and o.seq = p.seq and o.owner and o.captured_at between $3 and $4
) o
where r.catalogue = $1 and ($2::int is null or r.source_id = $2) and r.captured_at between $3 and $4 and o.titles is not null
order by r.captured_at desc, p.epoch desc, p.seq desc
