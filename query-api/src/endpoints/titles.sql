-- The titles of a catalogue by their last known numbers. One that only a history named has no season and no genre to
-- count in, as far as anybody knows.
-- $1 catalogue, $2 source or null, $3 and $4 first and last whole day, $5 and $6 the part of the day after it,
-- $7 whether adult titles count.
with history as (
    -- Who kept the score of a title need not know its members: what a history does not tell, it does not deny.
    select array_agg(s.source_id) as sources from source s where s.catalogue = $1 and starts_with(s.name, 'csv:')
), day_part as (
    -- By way of the runs: a part of a day has few of them, and their pages lead to their observations.
    select distinct on (o.mal_id) o.mal_id, o.source_id, o.score, o.members
    from run r
    join page p on p.run_id = r.run_id
    join observation o on o.captured_at = r.captured_at and o.epoch = p.epoch and o.seq = p.seq
    where r.catalogue = $1 and o.owner
        and $5 <= $6 and r.captured_at between $5 and $6 and o.captured_at between $5 and $6
        and ($2::int is null or r.source_id = $2)
    order by o.mal_id, o.captured_at desc, o.epoch desc, o.seq desc
), recent as (
    -- Most titles are seen every day, and the rows of one day lie together.
    select distinct on (d.mal_id) d.mal_id, d.source_id, d.score, d.members
    from observation_daily d
    where d.catalogue = $1 and d.day between greatest($3, $4 - 1) and $4
        and ($2::int is null or d.source_id = $2)
    order by d.mal_id, d.day desc, d.captured_at desc, d.epoch desc, d.seq desc
), seen as materialized (
    -- The part of a day is newer than any whole day.
    select distinct on (mal_id) mal_id, source_id, score, members
    from (select 1 as newness, * from day_part union all select 0, * from recent) of_both
    order by mal_id, newness desc
), last as (
    -- A catalogue that has just come is not in the statistics: the planner takes its tables for empty and would read all that
    -- was seen once per title. A full join is never done so, and `coalesce` keeps it one.
    select a.mal_id, a.year, a.season,
        case when seen.mal_id is null then older.score else seen.score end as score,
        case when seen.mal_id is null then older.members else seen.members end as members,
        coalesce(seen.source_id, older.source_id) = any ((select sources from history)::int[]) as of_history
    from (
        select * from anime
        where catalogue = $1 and not name_only and ($7 or rating is null or rating not like 'Rx%')
    ) a
    full join seen using (mal_id)
    left join lateral (
        -- The others one by one.
        select d.day, d.source_id, d.score, d.members
        from observation_daily d
        where seen.mal_id is null
            and d.catalogue = a.catalogue and d.mal_id = a.mal_id and d.day >= $3 and d.day < $4 - 1
            and ($2::int is null or d.source_id = $2)
        order by d.day desc, d.captured_at desc, d.epoch desc, d.seq desc
        limit 1
    ) older on true
    where coalesce(a.catalogue, '') = $1 and (seen.mal_id is not null or older.day is not null)
), title as materialized (
    select last.mal_id, last.year, last.season,
        case when last.score is not null or last.of_history is not true then last.score else (
            select o.score from observation o
            where o.catalogue = $1 and o.mal_id = last.mal_id and o.owner and ($2::int is null or o.source_id = $2)
                and o.captured_at >= $3::timestamp at time zone 'UTC'
                and o.captured_at < greatest(($4 + 1)::timestamp at time zone 'UTC', $6 + interval '1 microsecond')
                and (o.score is not null or o.source_id <> all ((select sources from history)::int[]))
            order by o.captured_at desc, o.epoch desc, o.seq desc
            limit 1
        ) end as score,
        case when last.members is not null or last.of_history is not true then last.members else (
            select o.members from observation o
            where o.catalogue = $1 and o.mal_id = last.mal_id and o.owner and ($2::int is null or o.source_id = $2)
                and o.captured_at >= $3::timestamp at time zone 'UTC'
                and o.captured_at < greatest(($4 + 1)::timestamp at time zone 'UTC', $6 + interval '1 microsecond')
                and (o.members is not null or o.source_id <> all ((select sources from history)::int[]))
            order by o.captured_at desc, o.epoch desc, o.seq desc
            limit 1
        ) end as members
    from last
)
