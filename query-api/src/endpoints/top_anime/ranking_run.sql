-- The newest capture of the ranking that has one of the places asked for.
-- $1 catalogue, $2 source or null, $3 last instant or null, $4 how many places.
select r.run_id, r.run, s.name as source, r.captured_at, r.state
from run r
join source s using (source_id)
where r.catalogue = $1 and r.dataset = 'top.score'
    and ($2::int is null or r.source_id = $2)
    and ($3::timestamptz is null or r.captured_at <= $3)
    and exists (select from ranking_position k where k.run_id = r.run_id and k.position < $4)
order by r.captured_at desc, r.run desc
limit 1
