-- $1 catalogue, $2 source or null, $3 last instant or null, $4 dataset or null, $5 and $6 the last run of the page before
-- or null, $7 how many.
select
    r.run, r.dataset, s.name as source, r.captured_at, r.state, r.pages_planned, cardinality(r.pages_got) as pages_got,
    coalesce(b.received, 0) as received, coalesce(b.accepted, 0) as accepted, coalesce(b.dead, 0) as dead,
    coalesce(b.stored, 0) as stored, coalesce(b.duplicate, 0) as duplicate,
    r.warnings, r.started_at, r.ended_at
from (
    select * from run
    where catalogue = $1
        and ($2::int is null or source_id = $2)
        and ($3::timestamptz is null or captured_at <= $3)
        and ($4::text is null or dataset = $4)
        and ($5::timestamptz is null or (captured_at, run) < ($5, $6::uuid))
    order by captured_at desc, run desc
    limit $7
) r
join source s using (source_id)
left join run_balance b using (run_id)
order by r.captured_at desc, r.run desc
