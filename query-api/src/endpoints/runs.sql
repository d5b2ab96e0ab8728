-- $1 catalogue, $2 source or null, $3 last instant or null, $4 dataset or null, $5 and $6 the last run of the page before
-- or null, $7 how many.
select
    r.run, r.dataset, s.name as source, r.captured_at, r.state, r.pages_planned, cardinality(r.pages_got) as pages_got,
    books.received, books.accepted, books.dead, books.stored, books.duplicate,
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
cross join lateral (
    select b.received, b.dead, b.stored, b.duplicate,
        (select coalesce(sum(greatest(p.accepted, cardinality(p.committed))), 0)::bigint
            from page p where p.run_id = r.run_id) as accepted
    from balance b
    where b.run_id = r.run_id
    offset 0
) books
order by r.captured_at desc, r.run desc
