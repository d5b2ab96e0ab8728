-- The newest day, and the last one 7 to 13 days before it. What a history is silent on was told on the days before.
, shown as (
    (select 0 as back, * from line order by day desc limit 1)
    union all
    select 1, before.*
    from (select day from line order by day desc limit 1) newest
    cross join lateral (
        select * from line where day between newest.day - 13 and newest.day - 7 order by day desc limit 1
    ) before
), marked as (
    select *, source_id = any ((select sources from history)::int[]) as silent from shown
)
select marked.back, marked.day,
    case when silent then told.score else marked.score end as score,
    case when silent then told.scored_by else marked.scored_by end as scored_by,
    case when silent then told.rank else marked.rank end as rank,
    case when silent then told.popularity else marked.popularity end as popularity,
    case when silent then told.members else marked.members end as members,
    case when silent then told.favorites else marked.favorites end as favorites
from marked
left join lateral (
    select
        (array_agg(score order by day desc) filter (where score is not null or not quiet))[1] as score,
        (array_agg(scored_by order by day desc) filter (where scored_by is not null or not quiet))[1] as scored_by,
        (array_agg(rank order by day desc) filter (where rank is not null or not quiet))[1] as rank,
        (array_agg(popularity order by day desc) filter (where popularity is not null or not quiet))[1] as popularity,
        (array_agg(members order by day desc) filter (where members is not null or not quiet))[1] as members,
        (array_agg(favorites order by day desc) filter (where favorites is not null or not quiet))[1] as favorites
    from (
        select line.*, line.source_id = any ((select sources from history)::int[]) as quiet from line
        where marked.silent and line.day <= marked.day
    ) before
) told on true
order by marked.back
