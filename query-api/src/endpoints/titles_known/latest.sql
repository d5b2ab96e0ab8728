-- The last known numbers of each title, scores in hundredths.
-- $1 catalogue, $2 source or null.
select coalesce(array_agg(mal_id), '{}') as titles, coalesce(array_agg((score * 100)::int), '{}') as scores,
    coalesce(array_agg(members), '{}') as members, false as silent
from title_latest
where catalogue = $1 and ($2::int is null or source_id = $2)
    and line = (select case when is_shared($1) then coalesce($2::int, 0) else 0 end)
