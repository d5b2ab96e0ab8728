-- Items as they were before an action and a replay of theirs ($2, $3), or are now where those are beyond all; in the order
-- of the roots ($1). The headers are those of the newest dead letter, the bytes those that came first.
select g.root, d.item, d.version, d.state, d.stage, d.dataset, n.dlq_id as parent, n.headers, o.body,
    e.detail ->> 'text' as edit, d.failures, d.correction, s.stands,
    greatest(a.n, l.attempt, 0) as replays, h.hold
from unnest($1::text[], $2::bigint[], $3::int[]) with ordinality as g(root, before, attempt, number)
left join dead_letter d on d.root = g.root
left join lateral (
    select dlq_id, headers from dead_letter_letter where item = d.item and attempt < g.attempt
    order by attempt desc, raw_epoch desc nulls last, raw_seq desc nulls last, at desc, dlq_id desc limit 1
) n on true
left join lateral (
    select body from dead_letter_letter where item = d.item
    order by attempt, raw_epoch desc nulls last, raw_seq desc nulls last, at desc, dlq_id desc limit 1
) o on true
left join lateral (
    select detail from dead_letter_action
    where root = g.root and id < g.before and action in ('edit', 'revert') order by id desc limit 1
) e on true
left join lateral (select stands from stored_edit(g.root) where d.correction is not null) s on true
left join lateral (select max(n) as n from dead_letter_action where root = g.root) a on true
left join lateral (select max(attempt) as attempt from dead_letter_letter where item = d.item) l on true
left join lateral (
    select format('%s %s %s', r.reason, r.path, r.keyword) as hold
    from dead_letter_fault f join dead_letter_group r using (grp)
    where f.item = d.item and r.hold order by f.grp limit 1
) h on true
order by g.number
