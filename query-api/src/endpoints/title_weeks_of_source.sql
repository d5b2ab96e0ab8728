-- Every week from the first observed to the last, $8, without places: those are among the observations of all sources.
, seen as materialized (
    select date_trunc('week', day::timestamp)::date as week,
        (array_agg(score order by day desc) filter (where score is not null or not silent))[1] as score,
        (array_agg(members order by day desc) filter (where members is not null or not silent))[1] as members
    from line
    group by 1
)
select every.week::date as week, seen.week is not null as observed, seen.score, seen.members,
    seen.members - lag(seen.members) over (order by every.week) as members_gained,
    null::int as score_place, null::int as members_place
from generate_series((select min(week) from seen)::timestamp, $8::date::timestamp, interval '7 days') as every(week)
left join seen on seen.week = every.week::date
order by every.week
