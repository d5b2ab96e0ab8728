-- The text before an edit is that of the edit before it, or the one that came.
select a.id, a.at, a.actor, a.action, a.root, a.version, a.n, a.plan, a.job, a.reason, a.detail, a.audit_seq is not null as sent,
    case when a.action in ('edit', 'revert') then coalesce(
        (select convert_to(e.detail ->> 'text', 'UTF8') from (
            select detail from dead_letter_action where root = a.root and id < a.id and action in ('edit', 'revert')
            order by id desc limit 1
        ) e),
        (select l.body from dead_letter d join dead_letter_letter l using (item) where d.root = a.root
            order by l.attempt = 0 desc, l.raw_epoch desc nulls last, l.raw_seq desc nulls last, l.at desc, l.dlq_id desc limit 1)
    ) end as before
from dead_letter_action a
