-- $1 catalogue, $2 source or null, $3 last instant or null, $4 first day, $5 last day.
with seen as (
    select (captured_at at time zone 'UTC')::date as day, count(*) as runs,
        count(*) filter (where state = 'complete') as complete
    from run
    where catalogue = $1
        and ($2::int is null or source_id = $2)
        and ($3::timestamptz is null or captured_at <= $3)
        and captured_at >= $4::date::timestamp at time zone 'UTC'
        and captured_at < ($5::date + 1)::timestamp at time zone 'UTC'
    group by 1
)
select every.day::date as day, coalesce(seen.runs, 0) as runs, coalesce(seen.complete, 0) as complete
from generate_series($4::date::timestamp, $5::date::timestamp, interval '1 day') as every(day)
left join seen on seen.day = every.day::date
order by every.day
