-- $1 job. What became of a replay is told by its item; a member that an earlier job of the plan dealt with counts as it is now.
select j.job, j.plan, j.created_at, j.created_by, j.reason, j.members as takes, j.rate, j.canary, j.stop_share, j.state, j.asked,
    j.words, j.started_at, j.ended_at, p.filter, c.*
from dlq_job j
join dlq_plan p using (plan)
cross join lateral (
    select count(*) as members, count(*) filter (where became = 'waiting') as waiting,
        count(*) filter (where became in ('publishing', 'published')) as published,
        count(*) filter (where became = 'resolved') as resolved, count(*) filter (where became = 'failed') as failed,
        count(*) filter (where became = 'skipped') as skipped
    from (
        select case
            when m.outcome is null then 'waiting'
            when m.outcome = 'skipped' then 'skipped'
            when is_stored(d, m.n) then 'resolved'
            when exists (select from dead_letter_letter l where l.item = d.item and l.attempt = m.n) then 'failed'
            else m.outcome end as became
        from dlq_plan_member m left join dead_letter d using (root)
        where m.plan = j.plan and (j.members = 'all' or m.verdict = 'pass')
    ) members
) c
where j.job = $1
