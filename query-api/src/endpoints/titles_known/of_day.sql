-- What captures told of titles on a day.
-- $1 catalogue, $2 source or null, $3 day.
select coalesce(array_agg(mal_id), '{}') as titles, coalesce(array_agg((score * 100)::int), '{}') as scores,
    coalesce(array_agg(members), '{}') as members, false as silent
from title_daily
where catalogue = $1 and day = $3 and not silent
    and (line = 0 and ($2::int is null or sole and source_id = $2) or line = $2)
