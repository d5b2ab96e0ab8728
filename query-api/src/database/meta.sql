-- A capture is a run of which at least one page is stored; pages share the instant of their run. The oldest one is told even
-- where `as_of` lies before it: an empty answer has to say since when there is something.
-- $1 catalogue, $2 source or null, $3 last instant or null.
with asked as materialized (
    select s.name, s.first_captured_at, newest.captured_at,
        -- A source that was asked and gave nothing has no part in the answer.
        (
            select true from page p
            where p.source_id = s.source_id and p.captured_at <= coalesce($3, 'infinity') and cardinality(p.committed) > 0
            order by p.captured_at
            limit 1
        ) as gave
    from source s
    left join lateral (
        select p.captured_at from page p
        where p.source_id = s.source_id and p.captured_at <= coalesce($3, 'infinity')
        order by p.captured_at desc
        limit 1
    ) newest on true
    where s.catalogue = $1 and ($2::int is null or s.source_id = $2)
)
select
    array(select name from asked where gave order by name) as sources,
    (select max(captured_at) from asked) as captured_at,
    (select min(first_captured_at) from asked) as first_captured_at,
    not exists (
        select from run r
        where r.catalogue = $1
            and ($2::int is null or r.source_id = $2)
            and r.captured_at <= coalesce($3, 'infinity')
            and r.captured_at >= (select date_trunc('day', max(captured_at), 'UTC') from asked)
            and r.state <> 'complete'
    ) as complete
