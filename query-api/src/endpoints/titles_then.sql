-- The titles of a catalogue by the numbers last known by an instant, or to one source.
-- $1 catalogue, $2 whether adult titles count, $3 for what follows, $4 source or null, $5 and $6 first and last whole day,
-- $7 and $8 the part of the day after it.
with asked as (
    select $3::text as kind, case when is_shared($1) then coalesce($4::int, 0) else 0 end as line
), observed as materialized (
    -- By way of the runs: a part of a day has few of them, and their pages lead to their observations.
    select o.mal_id, o.captured_at, o.epoch, o.seq, o.score, o.members, h.silent
    from run r
    join (select source_id, is_history(source_id) as silent from source) h using (source_id)
    join page p on p.run_id = r.run_id
    join observation o on o.captured_at = r.captured_at and o.epoch = p.epoch and o.seq = p.seq
    where r.catalogue = $1 and o.owner
        and $7 <= $8 and r.captured_at between $7 and $8 and o.captured_at between $7 and $8
        and ($4::int is null or r.source_id = $4)
), marked as materialized (
    select *, mal_id in (select mal_id from observed where silent) as has_history from observed
), day_part as materialized (
    (select distinct on (mal_id) mal_id, silent, score, members
    from marked
    where not has_history
    order by mal_id, captured_at desc, epoch desc, seq desc)
    union all
    -- Few titles have a history, so these may take ten times as long.
    select mal_id, bool_and(silent),
        (array_agg(score order by captured_at desc, epoch desc, seq desc) filter (where score is not null or not silent))[1],
        (array_agg(members order by captured_at desc, epoch desc, seq desc) filter (where members is not null or not silent))[1]
    from marked
    where has_history
    group by mal_id
), known as materialized (
    select mal_id, score, members, $5 <= $6 and captured_at < ($6 + 1)::timestamp at time zone 'UTC' as counts
    from title_latest
    where catalogue = $1 and line = (select line from asked)
), last_day as materialized (
    select mal_id, silent, score, members
    from title_daily
    where catalogue = $1 and day = $6 and (line = 0 and ($4::int is null or sole and source_id = $4) or line = $4)
), fact as materialized (
    select mal_id, year, season, true as is_shown
    from anime
    where catalogue = $1 and not name_only and ($2 or rating is null or rating not like 'Rx%')
), candidate as materialized (
    -- The newest day of a title where it counts, else the last day, on which most titles were observed. Full joins, though every
    -- title is known: the planner cannot make loops of them, whatever it takes the number of rows for.
    select mal_id, fact.year, fact.season, fact.is_shown, p.silent as part_silent, p.score as part_score, p.members as part_members,
        counts or d.silent is false as is_known, case when counts then known.score else d.score end as score,
        case when counts then known.members else d.members end as members
    from known
    full join last_day d using (mal_id)
    full join day_part p using (mal_id)
    full join fact using (mal_id)
), title as materialized (
    -- What a history is silent on, the days before may tell.
    select mal_id, year, season, case when part_silent is false then part_score else coalesce(part_score, score) end as score,
        case when part_silent is false then part_members else coalesce(part_members, members) end as members
    from candidate
    where is_shown and (is_known or part_silent is false)
    union all
    select c.mal_id, c.year, c.season, coalesce(c.part_score, case when last.silent then told.score else last.score end),
        coalesce(c.part_members, case when last.silent then told.members else last.members end)
    from candidate c
    left join lateral (
        select * from (
            (select * from title_daily d
            where d.catalogue = $1 and d.mal_id = c.mal_id and d.line = 0 and d.day between $5 and $6
                and ($4::int is null or d.sole and d.source_id = $4)
            order by d.day desc limit 1)
            union all
            (select * from title_daily d
            where d.catalogue = $1 and d.mal_id = c.mal_id and d.line = $4 and d.day between $5 and $6
            order by d.day desc limit 1)
        ) lines
        order by day desc limit 1
    ) last on true
    left join lateral (
        select
            (array_agg(d.score order by d.day desc) filter (where d.score is not null or not d.silent))[1] as score,
            (array_agg(d.members order by d.day desc) filter (where d.members is not null or not d.silent))[1] as members
        from title_daily d
        where d.catalogue = $1 and d.mal_id = c.mal_id and d.day between $5 and $6
            and (d.line = 0 and ($4::int is null or d.sole and d.source_id = $4) or d.line = $4)
    ) told on last.silent
    where c.is_shown and not is_known and part_silent is not false and (last.mal_id is not null or part_silent)
)
