-- $1 a run, or null for all; of those with a greater run_id than $2. A place is a row of a page of a run. Most pages are one message whose rows are all committed; the
-- places of all other pages are looked at one by one. A page counts the rows of its longest message.
with given as materialized (
    select run_id, run, dataset, captured_at, state, pages_got from run where ($1::uuid is null or run = $1) and run_id > $2
), lengths as (
    select received, array(select generate_series(0, received - 1)) as rows
    from (select distinct received from page join given using (run_id)) lengths
), came as materialized (
    select p.run_id, p.page, coalesce(max(p.received) filter (where p.replay_row is null), 0) as received,
        sum(p.stored) as stored, bool_or(p.replay_row is null) as is_whole,
        count(*) = 1 and bool_and(p.replay_row is null and p.committed = l.rows) as is_plain
    from page p join given using (run_id) join lengths l using (received)
    group by p.run_id, p.page
), dead as materialized (
    select g.run_id, d.page, d.row, d.state from dead_letter d join given g using (run) where d.state <> 'resolved'
), odd as materialized (
    select run_id, page from came where not is_plain
    union
    select run_id, page from dead where row is not null
), places as (
    select run_id, page, row, bool_or(is_received) as is_received, bool_or(is_committed) as is_committed, max(state) as state
    from (
        select c.run_id, c.page, row, true as is_received, false as is_committed, null::text as state
        from came c join odd using (run_id, page) cross join lateral generate_series(0, c.received - 1) as row
        union all
        select p.run_id, p.page, row, false, true, null
        from page p join odd using (run_id, page) cross join lateral unnest(p.committed) as row
        union all
        select run_id, page, row, false, false, state from dead where row is not null
    ) facts
    group by run_id, page, row
), told as (
    select p.*, p.is_received and not p.is_committed and p.state is null as is_missing,
        -- Of a page that is still on its way, only its dead letters may be here.
        (p.is_committed or p.state is not null) and not p.is_received
            and (coalesce(c.is_whole, false) or g.state not in ('stub', 'running') and not p.page = any(g.pages_got))
            or p.is_committed and p.state is not null as is_extra
    from places p join given g using (run_id) left join came c using (run_id, page)
), by_place as (
    select run_id, count(*) filter (where is_committed) as committed,
        count(*) filter (where state in ('open', 'published', 'failed')) as dead_open,
        count(*) filter (where state = 'quarantined') as dead_quarantined,
        count(*) filter (where state = 'discarded') as dead_discarded,
        count(*) filter (where is_missing) as missing_rows, count(*) filter (where is_extra) as extra_rows,
        (jsonb_agg(jsonb_build_object('page', page, 'row', row) order by page, row) filter (where is_missing)) as missing,
        (jsonb_agg(jsonb_build_object('page', page, 'row', row) order by page, row) filter (where is_extra)) as extra
    from told group by run_id
), in_flight as (
    select g.run_id, count(*) as pages
    from given g cross join lateral unnest(g.pages_got) as got(page)
    left join came c on c.run_id = g.run_id and c.page = got.page
    left join (select distinct run_id, page from dead where row is null) d on d.run_id = g.run_id and d.page = got.page
    where c.run_id is null and d.run_id is null
    group by g.run_id
), by_page as (
    select run_id, sum(received)::bigint as received, sum(stored)::bigint as stored,
        coalesce(sum(received) filter (where (run_id, page) not in (select run_id, page from odd)), 0)::bigint as plain
    from came group by run_id
)
select g.run, g.dataset, g.captured_at, coalesce(b.received, 0) as received, coalesce(b.stored, 0) as stored,
    coalesce(b.plain, 0) + coalesce(o.committed, 0) - coalesce(b.stored, 0) as duplicate,
    coalesce(o.dead_open, 0) as dead_open, coalesce(o.dead_quarantined, 0) as dead_quarantined,
    coalesce(o.dead_discarded, 0) as dead_discarded,
    coalesce(f.pages, 0) as in_flight_pages,
    coalesce(jsonb_path_query_array(o.missing, '$[0 to 999]'), '[]') as missing,
    coalesce(jsonb_path_query_array(o.extra, '$[0 to 999]'), '[]') as extra,
    coalesce(o.missing_rows, 0) as missing_rows, coalesce(o.extra_rows, 0) as extra_rows
from given g left join by_page b using (run_id) left join by_place o using (run_id) left join in_flight f using (run_id)
order by g.captured_at desc, g.run
