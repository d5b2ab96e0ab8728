-- $1 plan. A member's verdict is of the item's version when the plan was frozen; what its own job did to the item since says nothing.
select p.plan, p.created_at, p.created_by, p.filter, p.schema_name as schema, p.steps, p.state, p.error, p.judge, p.deployed,
    p.ready_at, m.items, m.passes, m.fails, m.invalid, p.accepted_checked, p.accepted_failing, j.job
from dlq_plan p
cross join lateral (
    select count(*) as items, count(*) filter (where verdict = 'pass') as passes, count(*) filter (where verdict = 'fail') as fails,
        count(*) filter (where outcome is null and d.version is distinct from m.version) as invalid
    from dlq_plan_member m left join dead_letter d using (root)
    where m.plan = p.plan
) m
left join lateral (select job from dlq_job where plan = p.plan order by created_at desc, job desc limit 1) j on true
where p.plan = $1
