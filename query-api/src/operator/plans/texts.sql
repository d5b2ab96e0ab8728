-- $1 plan, $2 roots, $3 the most bytes. Each text as it was before the plan's own replay changed it.
select t.root, t.text
from unnest($2::text[]) g (root)
join dead_letter d using (root)
cross join lateral (
    select body from dead_letter_letter where item = d.item
    order by attempt = 0 desc, raw_epoch desc nulls last, raw_seq desc nulls last, at desc, dlq_id desc limit 1
) o
left join lateral (
    select detail ->> 'text' as text from dead_letter_action a
    where a.root = d.root and action in ('edit', 'revert') and id < coalesce((
        select min(own.id) from dead_letter_action own where own.root = d.root and own.action = 'edit' and own.plan = $1
    ), 9223372036854775807)
    order by id desc limit 1
) e on true
cross join lateral (select d.root, coalesce(convert_to(e.text, 'UTF8'), o.body) as text) t
where octet_length(t.text) <= $3
