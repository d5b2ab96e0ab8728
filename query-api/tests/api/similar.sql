-- What similar titles are, said plainly over the weeks themselves. $1 title, $2 the last week, $3 how many.
with own as materialized (
    select mal_id, type, rating like 'Rx%' as adult, week_of(aired_from) as premiere
    from anime
    where catalogue = 'sample' and mal_id = $1 and aired_from_precision = 'day'
), mine as materialized (
    select (w.week - own.premiere) / 7 as n, w.score::float8 as score
    from own
    join title_week w on w.catalogue = 'sample' and w.mal_id = own.mal_id
        and w.week between own.premiere and least(own.premiere + 51 * 7, $2)
    where w.score is not null
), span as materialized (
    select min(n) as first, max(n) as last from mine having count(*) >= 4
), candidate as materialized (
    -- Looked at one by one, so as many as take no time.
    select a.mal_id, week_of(a.aired_from) as premiere
    from own
    join anime a on a.catalogue = 'sample' and a.mal_id <> own.mal_id and a.type = own.type and a.aired_from_precision = 'day'
        and a.aired_from between (select min(week) from title_week where catalogue = 'sample') - 51 * 7 and $2
        and (own.adult or a.rating is null or a.rating not like 'Rx%')
    join title_latest l on l.catalogue = 'sample' and l.line = 0 and l.mal_id = a.mal_id
    where exists (select from span)
    order by l.members desc nulls last, a.mal_id
    limit 300
), theirs as materialized (
    select c.mal_id, (w.week - c.premiere) / 7 as n, w.score::float8 as score
    from span
    cross join candidate c
    join title_week w on w.catalogue = 'sample' and w.mal_id = c.mal_id
        and w.week between c.premiere + span.first * 7 and least(c.premiere + span.last * 7, $2)
    where w.score is not null
), alike as (
    select theirs.mal_id, corr(theirs.score, mine.score) as likeness, count(*) as common, max(n) as last
    from theirs
    join mine using (n)
    group by theirs.mal_id
    having count(*) >= 4 and corr(theirs.score, mine.score) > 0
    order by likeness desc, common desc, mal_id
    limit $3
), line as materialized (
    select mal_id, n, theirs.score from alike join theirs using (mal_id)
)
select coalesce(jsonb_agg(to_jsonb(shown) - 'common' order by likeness desc, common desc, mal_id), '[]') from (
    select alike.mal_id, a.title, a.title_english, a.title_japanese, a.season, a.year, alike.likeness, alike.common,
        array(
            select line.score from generate_series(0, alike.last) as every(n)
            left join line on line.mal_id = alike.mal_id and line.n = every.n order by every.n
        ) as weeks,
        array(
            select mine.score from generate_series(0, alike.last) as every(n) left join mine on mine.n = every.n order by every.n
        ) as own
    from alike
    join anime a on a.catalogue = 'sample' and a.mal_id = alike.mal_id
) shown
