-- $1 plan. A member with two faults of one kind counts once.
select jsonb_build_object('path', path, 'keyword', keyword, 'message', min(message), 'items', count(distinct root)) as failure
from (
    select m.root, regexp_replace(coalesce(f ->> 'instance_path', ''), '/[0-9]+(?=/|$)', '/*', 'g') as path,
        coalesce(f ->> 'keyword', '') as keyword, f ->> 'message' as message
    from dlq_plan_member m
    cross join lateral jsonb_array_elements(case when jsonb_typeof(m.faults) = 'array' then m.faults else '[]' end) f
    where m.plan = $1 and m.verdict = 'fail'
) faults
group by path, keyword
order by count(distinct root) desc, path, keyword
limit 20
