-- What was last known of these titles on a day: their newest numbers where nobody has observed them since, else from their days.
-- $1 catalogue, $2 source or null, $3 first day, $4 last day, $5 titles.
with latest as materialized (
    select mal_id, score, members, captured_at < ($4 + 1)::timestamp at time zone 'UTC' as counts
    from (
        select * from title_latest
        where catalogue = $1 and line = (select case when is_shared($1) then coalesce($2::int, 0) else 0 end)
        offset 0 -- Read as a whole, as above all for a source of few titles.
    ) every_title
    where mal_id = any ($5)
)
select coalesce(array_agg(mal_id), '{}') as titles, coalesce(array_agg((score * 100)::int), '{}') as scores,
    coalesce(array_agg(members), '{}') as members, false as silent
from (
    select mal_id, score, members from latest where counts
    union all
    select l.mal_id, case when last.silent then told.score else last.score end,
        case when last.silent then told.members else last.members end
    from latest l
    cross join lateral (
        select * from (
            (select * from title_daily d
            where d.catalogue = $1 and d.mal_id = l.mal_id and d.line = 0 and d.day between $3 and $4
                and ($2::int is null or d.sole and d.source_id = $2)
            order by d.day desc limit 1)
            union all
            (select * from title_daily d
            where d.catalogue = $1 and d.mal_id = l.mal_id and d.line = $2 and d.day between $3 and $4
            order by d.day desc limit 1)
        ) lines
        order by day desc limit 1
    ) last
    left join lateral (
        -- What a history is silent on, the days before may tell.
        select
            (array_agg(d.score order by d.day desc) filter (where d.score is not null or not d.silent))[1] as score,
            (array_agg(d.members order by d.day desc) filter (where d.members is not null or not d.silent))[1] as members
        from title_daily d
        where d.catalogue = $1 and d.mal_id = l.mal_id and d.day between $3 and $4
            and (d.line = 0 and ($2::int is null or d.sole and d.source_id = $2) or d.line = $2)
    ) told on last.silent
    where not l.counts
) known
