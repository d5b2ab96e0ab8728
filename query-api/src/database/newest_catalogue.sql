select c.catalogue
from data_version c
cross join lateral (
    select r.captured_at from run r
    where r.catalogue = c.catalogue and exists (select from page p where p.run_id = r.run_id)
    order by r.captured_at desc
    limit 1
) newest
order by newest.captured_at desc, c.catalogue
limit 1
