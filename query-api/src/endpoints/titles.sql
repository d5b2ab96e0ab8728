-- The titles of a catalogue by their last known numbers. One that only a history named has no season and no genre to
-- count in, as far as anybody knows.
-- $1 catalogue, $2 source or null, $3 and $4 first and last whole day, $5 and $6 the part of the day after it,
-- $7 whether adult titles count.
with day_part as (
    -- By way of the runs: a part of a day has few of them, and their pages lead to their observations.
    select distinct on (o.mal_id) o.mal_id, o.score, o.members
    from run r
    join page p on p.run_id = r.run_id
    join observation o on o.captured_at = r.captured_at and o.epoch = p.epoch and o.seq = p.seq
    where r.catalogue = $1 and o.catalogue = $1 and o.owner
        and $5 <= $6 and r.captured_at between $5 and $6 and o.captured_at between $5 and $6
        and ($2::int is null or r.source_id = $2)
    order by o.mal_id, o.captured_at desc, o.epoch desc, o.seq desc
), recent as (
    -- Most titles are seen every day, and the rows of one day lie together.
    select distinct on (d.mal_id) d.mal_id, d.score, d.members
    from observation_daily d
    where d.catalogue = $1 and d.day between greatest($3, $4 - 1) and $4
        and ($2::int is null or d.source_id = $2)
    order by d.mal_id, d.day desc, d.captured_at desc, d.epoch desc, d.seq desc
), seen as (
    select * from day_part
    union all
    select * from recent where not exists (select from day_part where day_part.mal_id = recent.mal_id)
), title as materialized (
    select a.mal_id, a.year, a.season,
        case when seen.mal_id is null then older.score else seen.score end as score,
        case when seen.mal_id is null then older.members else seen.members end as members
    from anime a
    left join seen on seen.mal_id = a.mal_id
    left join lateral (
        -- The others one by one.
        select d.day, d.score, d.members
        from observation_daily d
        where seen.mal_id is null
            and d.catalogue = a.catalogue and d.mal_id = a.mal_id and d.day >= $3 and d.day < $4 - 1
            and ($2::int is null or d.source_id = $2)
        order by d.day desc, d.captured_at desc, d.epoch desc, d.seq desc
        limit 1
    ) older on true
    where a.catalogue = $1 and not a.name_only and ($7 or a.rating is null or a.rating not like 'Rx%')
        and (seen.mal_id is not null or older.day is not null)
)
