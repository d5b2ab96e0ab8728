-- The first year of a title whose premiere is known to the day, of the weeks themselves. $1 catalogue, $2 title, $3 the last week.
select first_year(
    coalesce(array_agg(n) filter (where n is not null), '{}'), coalesce(array_agg(hundredths) filter (where n is not null), '{}')
) as year, 51 as last
from anime a
left join lateral (
    select ((w.week - week_of(a.aired_from)) / 7)::smallint as n, (w.score * 100)::smallint as hundredths from title_week w
    where w.catalogue = $1 and w.mal_id = $2 and w.score is not null
        and w.week between week_of(a.aired_from) and least(week_of(a.aired_from) + 51 * 7, $3)
) w on true
where a.catalogue = $1 and a.mal_id = $2 and a.aired_from_precision = 'day'
group by a.mal_id
