with brought as (
    select source_id,
        -- A page of genres stores genres, not observations.
        coalesce(sum(stored) filter (where dataset <> 'genres'), 0)::bigint as observations,
        bool_or(dataset = 'history') as history,
        min(captured_at) as first, max(captured_at) as last
    from page group by source_id
), asked as (
    select source_id, count(*) as runs from run group by source_id
)
select
    s.catalogue, s.name as source, coalesce(asked.runs, 0) as runs,
    case
        when brought.source_id is null then 0
        -- A history tells of titles by their ids alone, too.
        when brought.history then (
            select count(distinct d.mal_id) from observation_daily d
            where d.catalogue = s.catalogue and d.source_id = s.source_id
                and d.day between (brought.first at time zone 'UTC')::date and (brought.last at time zone 'UTC')::date
        )
        -- Every title of a catalogue was seen by its only source.
        when not exists (select from source o where o.catalogue = s.catalogue and o.source_id <> s.source_id) then
            (select count(*) from anime a where a.catalogue = s.catalogue)
        else (
            -- One look-up for each title: the limit keeps the planner from reading every row of the source instead.
            select count(*) from anime a
            cross join lateral (
                select from observation_daily d
                where d.catalogue = a.catalogue and d.mal_id = a.mal_id and d.source_id = s.source_id
                    and d.day between (brought.first at time zone 'UTC')::date and (brought.last at time zone 'UTC')::date
                order by d.day desc
                limit 1
            ) once
            where a.catalogue = s.catalogue
        )
    end as titles,
    coalesce(brought.observations, 0) as observations,
    brought.first as first_captured_at,
    brought.last as last_captured_at
from source s
left join brought using (source_id)
left join asked using (source_id)
order by s.catalogue, s.name
