-- The days of one title, each with its last observation: of all sources, or of one.
-- $1 catalogue, $2 title, $3 source or null, $4 and $5 first and last whole day, $6 and $7 the part of the day after it.
with history as materialized (
    -- What a history does not tell, it does not deny.
    select coalesce(array_agg(source_id), '{}') as sources from source where catalogue = $1 and is_history(source_id)
), part as not materialized (
    select captured_at, epoch, seq, run_id, source_id, score, scored_by, rank, popularity, members, favorites,
        source_id = any ((select sources from history)::int[]) as silent,
        row_number() over (order by captured_at desc, epoch desc, seq desc) as n,
        -- The first of these is whose score it is.
        row_number() over (
            order by score is null and source_id = any ((select sources from history)::int[]), captured_at desc, epoch desc, seq desc
        ) as m
    from observation
    where catalogue = $1 and mal_id = $2 and owner and captured_at between $6 and $7
        and ($3::int is null or source_id = $3)
), line as not materialized (
    select day, captured_at, epoch, seq, run_id, source_id, score::float8, scored_by, rank, popularity, members, favorites, silent
    from title_daily
    where catalogue = $1 and mal_id = $2 and line = 0 and day between $4 and $5
        and ($3::int is null or (sole and source_id = $3))
    union all
    select day, captured_at, epoch, seq, run_id, source_id, score::float8, scored_by, rank, popularity, members, favorites, silent
    from title_daily
    where catalogue = $1 and mal_id = $2 and line = $3 and day between $4 and $5
    union all
    select ($6 at time zone 'UTC')::date, (array_agg(captured_at order by m))[1], (array_agg(epoch order by m))[1],
        (array_agg(seq order by m))[1], (array_agg(run_id order by m))[1], (array_agg(source_id order by m))[1],
        (array_agg(score order by n) filter (where score is not null or not silent))[1]::float8,
        (array_agg(scored_by order by n) filter (where scored_by is not null or not silent))[1],
        (array_agg(rank order by n) filter (where rank is not null or not silent))[1],
        (array_agg(popularity order by n) filter (where popularity is not null or not silent))[1],
        (array_agg(members order by n) filter (where members is not null or not silent))[1],
        (array_agg(favorites order by n) filter (where favorites is not null or not silent))[1], bool_and(silent)
    from part
    having count(*) > 0
)
