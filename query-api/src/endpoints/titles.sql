-- $1 catalogue, $2 source or null, $3 and $4 first and last whole day, $5 and $6 the part of the day after it,
-- $7 whether adult titles count.
with title as materialized (
    select a.mal_id, a.year, a.season, latest.score, latest.members
    from anime a
    cross join lateral (
        -- The last observation that counts: of the day that counts in part, or else of the whole days before it.
        select newest.score, newest.members from (
            (
                select o.captured_at, o.score, o.members
                from observation o
                where o.catalogue = a.catalogue and o.mal_id = a.mal_id and o.owner
                    and $5 <= $6 and o.captured_at between $5 and $6
                    and ($2::int is null or o.source_id = $2)
                order by o.captured_at desc, o.epoch desc, o.seq desc
                limit 1
            ) union all (
                select d.captured_at, d.score, d.members
                from observation_daily d
                where d.catalogue = a.catalogue and d.mal_id = a.mal_id and d.day between $3 and $4
                    and ($2::int is null or d.source_id = $2)
                order by d.day desc, d.captured_at desc, d.epoch desc, d.seq desc
                limit 1
            )
        ) newest
        order by newest.captured_at desc
        limit 1
    ) latest
    where a.catalogue = $1 and ($7 or a.rating is null or a.rating not like 'Rx%')
)
