-- The newest day, and the last one 7 to 13 days before it. What a history is silent on was told on the days before.
, shown as (
    (select 0 as back, * from line order by day desc limit 1)
    union all
    select 1, before.*
    from (select day from line order by day desc limit 1) newest
    cross join lateral (
        select * from line where day between newest.day - 13 and newest.day - 7 order by day desc limit 1
    ) before
)
select shown.back, shown.day,
    case when shown.silent then told.score else shown.score end as score,
    case when shown.silent then told.scored_by else shown.scored_by end as scored_by,
    case when shown.silent then told.rank else shown.rank end as rank,
    case when shown.silent then told.popularity else shown.popularity end as popularity,
    case when shown.silent then told.members else shown.members end as members,
    case when shown.silent then told.favorites else shown.favorites end as favorites
from shown
left join lateral (
    select
        (array_agg(score order by day desc) filter (where score is not null or not line.silent))[1] as score,
        (array_agg(scored_by order by day desc) filter (where scored_by is not null or not line.silent))[1] as scored_by,
        (array_agg(rank order by day desc) filter (where rank is not null or not line.silent))[1] as rank,
        (array_agg(popularity order by day desc) filter (where popularity is not null or not line.silent))[1] as popularity,
        (array_agg(members order by day desc) filter (where members is not null or not line.silent))[1] as members,
        (array_agg(favorites order by day desc) filter (where favorites is not null or not line.silent))[1] as favorites
    from line
    where shown.silent and line.day <= shown.day
) told on true
order by shown.back
