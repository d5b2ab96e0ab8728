-- The newest capture up to an instant, and the oldest of all.
-- $1 catalogue or null, $2 the instant.
select max(newest.captured_at) as newest, min(oldest.captured_at) as oldest
from data_version c
left join lateral (
    select r.captured_at from run r where r.catalogue = c.catalogue and r.captured_at <= $2 order by r.captured_at desc limit 1
) newest on true
left join lateral (
    select r.captured_at from run r where r.catalogue = c.catalogue order by r.captured_at limit 1
) oldest on true
where $1::text is null or c.catalogue = $1
