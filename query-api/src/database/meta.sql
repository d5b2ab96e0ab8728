-- A capture is a run of which at least one page is stored. The oldest one is told even where `as_of` lies before it: an
-- empty answer has to say since when there is something.
-- $1 catalogue, $2 source or null, $3 last instant or null.
with newest as (
    select r.captured_at
    from run r
    where r.catalogue = $1
        and ($2::int is null or r.source_id = $2)
        and ($3::timestamptz is null or r.captured_at <= $3)
        and exists (select from page p where p.run_id = r.run_id)
    order by r.captured_at desc
    limit 1
), oldest as (
    select r.captured_at
    from run r
    where r.catalogue = $1
        and ($2::int is null or r.source_id = $2)
        and exists (select from page p where p.run_id = r.run_id)
    order by r.captured_at
    limit 1
)
select
    array(
        select s.name from source s
        where s.catalogue = $1
            and ($2::int is null or s.source_id = $2)
            -- A source that was asked and gave nothing has no part in the answer.
            and exists (
                select from run r join page p using (run_id)
                where r.source_id = s.source_id and cardinality(p.committed) > 0
                    and ($3::timestamptz is null or r.captured_at <= $3)
            )
        order by s.name
    ) as sources,
    (select captured_at from newest) as captured_at,
    (select captured_at from oldest) as first_captured_at,
    not exists (
        select from run r
        where r.catalogue = $1
            and ($2::int is null or r.source_id = $2)
            and ($3::timestamptz is null or r.captured_at <= $3)
            and r.captured_at >= (select date_trunc('day', captured_at, 'UTC') from newest)
            and r.state <> 'complete'
    ) as complete
