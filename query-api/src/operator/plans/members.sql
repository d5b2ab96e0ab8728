-- $1 plan, $2 root after which, $3 verdict, $4 outcome, $5 limit. What became of a replay is told by the item.
select * from (
    select m.root, d.title, m.version, m.outcome is null and d.version is distinct from m.version as changed, m.verdict,
        case when jsonb_typeof(m.faults) = 'array' then m.faults else '[]' end as faults,
        case
            when m.outcome is null or m.outcome = 'skipped' then m.outcome
            when is_stored(d, m.n) then 'resolved'
            when exists (select from dead_letter_letter l where l.item = d.item and l.attempt = m.n) then 'failed'
            else m.outcome end as outcome,
        m.skipped, m.n
    from dlq_plan_member m left join dead_letter d using (root)
    where m.plan = $1 and ($2::text is null or m.root > $2) and ($3::text is null or m.verdict = $3)
) members
where $4::text is null or outcome = $4
order by root
limit $5
