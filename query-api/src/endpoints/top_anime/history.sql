-- The days that each title was observed on, with the last score of the day.
-- $1 catalogue, $2 source or null, $3 titles, $4 first day, $5 the day after the last.
select asked.mal_id, d.day, d.score::float8 as score
from unnest($3::int[]) as asked(mal_id)
cross join lateral (
    select d.day, d.score from title_daily d
    where d.catalogue = $1 and d.mal_id = asked.mal_id and d.day >= $4 and d.day < $5
        and (d.line = 0 and ($2::int is null or d.sole and d.source_id = $2) or d.line = $2)
    offset 0
) d
