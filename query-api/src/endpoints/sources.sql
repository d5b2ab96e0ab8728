select s.catalogue, s.name as source, (select count(*) from run r where r.source_id = s.source_id) as runs,
    case
        -- Every title of a catalogue was seen by its only source.
        when not exists (select from source o where o.catalogue = s.catalogue and o.source_id <> s.source_id) then
            (select count(*) from title_latest l where l.catalogue = s.catalogue)
        else (
            -- One look-up for each title: the limit keeps the planner from reading every row of the source instead.
            select count(*) from title_latest l
            cross join lateral (
                select from title_daily d
                where d.catalogue = l.catalogue and d.mal_id = l.mal_id
                    and (d.line = 0 and d.sole and d.source_id = s.source_id or d.line = s.source_id)
                    and d.day between (s.first_captured_at at time zone 'UTC')::date and (s.last_captured_at at time zone 'UTC')::date
                order by d.line, d.day desc
                limit 1
            ) once
            where l.catalogue = s.catalogue
        )
    end as titles,
    s.observations, s.first_captured_at, s.last_captured_at
from source s
order by s.catalogue, s.name
