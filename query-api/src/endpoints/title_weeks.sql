-- Every week from the first observed to the last.
-- $1 catalogue, $2 title, $3 the last week.
with seen as materialized (
    select week, score::float8 as score, members, members_gained, score_place, members_place
    from title_week
    where catalogue = $1 and mal_id = $2 and week <= $3
)
select every.week::date as week, seen.week is not null as observed, seen.score, seen.members, seen.members_gained,
    seen.score_place, seen.members_place
from generate_series((select min(week) from seen)::timestamp, $3::date::timestamp, interval '7 days') as every(week)
left join seen on seen.week = every.week::date
order by every.week
