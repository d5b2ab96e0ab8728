-- The next members of a plan ($1) without a verdict, after a root ($2), so many ($3): their present texts, and what tells whether
-- they may be judged.
select g.root, d.item, d.stage, d.dataset, o.body,
    e.detail ->> 'text' as edit,
    jsonb_strip_nulls(jsonb_build_object('Dlq-Body', n.headers -> 'Dlq-Body')) as headers
from (select root from dlq_plan_member where plan = $1 and root > $2 and verdict is null order by root limit $3) g
left join dead_letter d on d.root = g.root
left join dead_letter_letter n on n.letter = d.letter
left join lateral (
    select body from dead_letter_letter where item = d.item
    order by attempt, raw_epoch desc nulls last, raw_seq desc nulls last, at desc, dlq_id desc limit 1
) o on true
left join lateral (
    select detail from dead_letter_action where root = g.root and action in ('edit', 'revert') order by id desc limit 1
) e on true
order by g.root
