-- The titles of a catalogue by the numbers last known by an instant, or to one source.
-- $1 catalogue, $2 whether adult titles count, $3 for what follows, $4 source or null, $5 and $6 first and last whole day,
-- $7 and $8 the part of the day after it.
with asked as (
    select $3::text as kind
), history as (
    select coalesce(array_agg(s.source_id), '{}') as sources from source s where s.catalogue = $1 and is_history(s.source_id)
), day_part as (
    -- By way of the runs: a part of a day has few of them, and their pages lead to their observations.
    select 2 as newness, mal_id, bool_and(silent) as silent,
        (array_agg(score order by captured_at desc, epoch desc, seq desc) filter (where score is not null or not silent))[1] as score,
        (array_agg(members order by captured_at desc, epoch desc, seq desc)
            filter (where members is not null or not silent))[1] as members
    from (
        select o.mal_id, o.captured_at, o.epoch, o.seq, o.score, o.members,
            o.source_id = any ((select sources from history)::int[]) as silent
        from run r
        join page p on p.run_id = r.run_id
        join observation o on o.captured_at = r.captured_at and o.epoch = p.epoch and o.seq = p.seq
        where r.catalogue = $1 and o.owner
            and $7 <= $8 and r.captured_at between $7 and $8 and o.captured_at between $7 and $8
            and ($4::int is null or r.source_id = $4)
    ) o
    group by mal_id
), whole as (
    select 1 as newness, a.mal_id, d.silent, d.score, d.members
    from anime a
    cross join lateral (
        select * from (
            (select * from title_daily d
            where d.catalogue = $1 and d.mal_id = a.mal_id and d.line = 0 and d.day between $5 and $6
                and ($4::int is null or d.sole and d.source_id = $4)
            order by d.day desc limit 1)
            union all
            (select * from title_daily d
            where d.catalogue = $1 and d.mal_id = a.mal_id and d.line = $4 and d.day between $5 and $6
            order by d.day desc limit 1)
        ) lines
        order by day desc limit 1
    ) d
    where a.catalogue = $1
), told as (
    -- What a history is silent on, the days before may tell.
    select 0 as newness, w.mal_id, false as silent, earlier.score, earlier.members
    from whole w
    cross join lateral (
        select
            (array_agg(d.score order by d.day desc)
                filter (where d.score is not null or not d.silent))[1] as score,
            (array_agg(d.members order by d.day desc)
                filter (where d.members is not null or not d.silent))[1] as members
        from title_daily d
        where d.catalogue = $1 and d.mal_id = w.mal_id and d.day between $5 and $6
            and (d.line = 0 and ($4::int is null or d.sole and d.source_id = $4) or d.line = $4)
    ) earlier
    where w.silent
), seen as (
    select mal_id,
        (array_agg(score order by newness desc) filter (where score is not null or not silent))[1] as score,
        (array_agg(members order by newness desc) filter (where members is not null or not silent))[1] as members
    from (select * from day_part union all select * from whole union all select * from told) every
    group by mal_id
), title as materialized (
    select s.mal_id, a.year, a.season, s.score, s.members
    from seen s
    join anime a on a.catalogue = $1 and a.mal_id = s.mal_id
    where not a.name_only and ($2 or a.rating is null or a.rating not like 'Rx%')
)
