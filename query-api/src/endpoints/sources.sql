select s.catalogue, s.name as source, (select count(*) from run r where r.source_id = s.source_id) as runs,
    (
        -- Line 0 is that of the only source.
        select count(*) from title_latest l
        where l.catalogue = s.catalogue and l.line = case when is_shared(s.catalogue) then s.source_id else 0 end
            and s.first_captured_at is not null
    ) as titles,
    s.observations, s.first_captured_at, s.last_captured_at
from source s
order by s.catalogue, s.name
