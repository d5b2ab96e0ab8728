, point as (
    select
        year * 4 + array_position(array['winter', 'spring', 'summer', 'fall'], season) - 1 as ordinal,
        count(*) as titles,
        count(score) as scored,
        avg(score)::float8 as mean_score,
        percentile_cont(0.5) within group (order by score::float8) as median_score,
        percentile_cont(0.5) within group (order by members::float8) as median_members,
        sum(members)::bigint as members
    from title
    where year is not null and season is not null
    group by year, season
)
select
    every.ordinal / 4 as year,
    (array['winter', 'spring', 'summer', 'fall'])[every.ordinal % 4 + 1] as season,
    coalesce(point.titles, 0) as titles,
    coalesce(point.scored, 0) as scored,
    point.mean_score,
    point.median_score,
    point.median_members,
    point.members
from (select min(ordinal) as first, max(ordinal) as last from point) range
cross join generate_series(range.first, range.last) as every(ordinal)
left join point using (ordinal)
order by every.ordinal
