-- $1 plan, $2 which of its members the job takes.
select coalesce(skipped, '') as why, count(*) as members
from dlq_plan_member
where plan = $1 and outcome = 'skipped' and ($2 = 'all' or verdict = 'pass')
group by why order by members desc, why limit 20
