-- The present texts of dead letters, in the order of their roots ($1), and what tells whether they may be judged.
select g.root, d.item, d.stage, d.dataset, o.body,
    e.detail ->> 'text' as edit,
    jsonb_strip_nulls(jsonb_build_object('Dlq-Body', n.headers -> 'Dlq-Body')) as headers
from unnest($1::text[]) with ordinality as g(root, number)
left join dead_letter d on d.root = g.root
left join dead_letter_letter n on n.letter = d.letter
left join lateral (
    select body from dead_letter_letter where item = d.item
    order by attempt, raw_epoch desc nulls last, raw_seq desc nulls last, at desc, dlq_id desc limit 1
) o on true
left join lateral (
    select detail from dead_letter_action where root = g.root and action in ('edit', 'revert') order by id desc limit 1
) e on true
order by g.number
