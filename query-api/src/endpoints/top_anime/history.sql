-- The days that each title was observed on, with the last score of the day, of whichever source. Who knows none, such as a
-- history of members, hides none; without any the day was observed and has no score.
-- $1 catalogue, $2 source or null, $3 titles, $4 first day, $5 the day after the last.
select asked.mal_id, daily.day, daily.score
from unnest($3::int[]) as asked(mal_id)
cross join lateral (
    select distinct on (d.day) d.day, d.score::float8 as score
    from observation_daily d
    where d.catalogue = $1 and d.mal_id = asked.mal_id and d.day >= $4 and d.day < $5
        and ($2::int is null or d.source_id = $2)
    order by d.day, (d.score is null), d.captured_at desc, d.epoch desc, d.seq desc
) daily
