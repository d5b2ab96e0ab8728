select s.catalogue, s.name as source, (select count(*) from run r where r.source_id = s.source_id) as runs,
    case
        -- Every title of a catalogue was seen by its only source.
        when not exists (select from source o where o.catalogue = s.catalogue and o.source_id <> s.source_id) then
            (select count(*) from title_latest l where l.catalogue = s.catalogue)
        else (
            -- The newest day tells of most titles, a line of its own of most others; else the days are looked through in the
            -- index. `limit` keeps the planner from reading every day of every title instead.
            select count(*) from title_latest l
            where l.catalogue = s.catalogue and (
                l.source_id = s.source_id
                or (
                    select true from title_daily d
                    where d.catalogue = l.catalogue and d.mal_id = l.mal_id and d.line = s.source_id
                    limit 1
                )
                or (
                    select true from title_daily d
                    where d.catalogue = l.catalogue and d.mal_id = l.mal_id and d.line = 0 and d.sole and d.source_id = s.source_id
                        and d.day between (s.first_captured_at at time zone 'UTC')::date and (s.last_captured_at at time zone 'UTC')::date
                    limit 1
                )
            )
        )
    end as titles,
    s.observations, s.first_captured_at, s.last_captured_at
from source s
order by s.catalogue, s.name
