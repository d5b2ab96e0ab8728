-- $1 plan. A member's verdict is of the item's version when the plan was frozen; what its own job did to the item since says nothing.
select p.plan, p.created_at, p.created_by, p.filter, p.schema_name as schema, p.steps, p.state, p.error, p.judge, p.deployed,
    p.ready_at, m.items, m.passes, m.fails, m.replayable, m.invalid, p.accepted_checked, p.accepted_failing, j.job
from dlq_plan p
cross join lateral (
    select count(*) as items, count(*) filter (where verdict = 'pass') as passes, count(*) filter (where verdict = 'fail') as fails,
        count(*) filter (where verdict = 'pass' and outcome is null and d.version = m.version
            and (d.state in ('open', 'failed') or d.state = 'resolved' and d.correction in ('waiting', 'failed'))
            -- As the replayer, which lets a single item of a held group through.
            and case when held.any and several.any then not exists (
                select from dead_letter_fault f join dead_letter_group g using (grp) where f.item = d.item and g.hold
            ) else true end) as replayable,
        count(*) filter (where outcome is null and d.version is distinct from m.version) as invalid
    from dlq_plan_member m left join dead_letter d using (root)
    cross join (select exists (select from dead_letter_group where hold) as any) held
    cross join (select count(*) > 1 as any from (select from dlq_plan_member where plan = p.plan limit 2) two) several
    where m.plan = p.plan
) m
left join lateral (select job from dlq_job where plan = p.plan order by created_at desc, job desc limit 1) j on true
where p.plan = $1
