select week, score, members,
    case when lag(week) over (order by week) = week - 7 then members - lag(members) over (order by week) end as members_gained,
    null::int as score_place, null::int as members_place
from (
    select date_trunc('week', day::timestamp)::date as week,
        (array_agg(score order by day desc) filter (where score is not null or not quiet))[1] as score,
        (array_agg(members order by day desc) filter (where members is not null or not quiet))[1] as members
    from (select *, source_id = any ((select sources from history)::int[]) as quiet from line) days
    group by 1
) weeks
order by week
