-- $1 root, $2 item. Its original is the body of its newest letter as fetched, however many replays have failed since.
select o.body as original, e.text as edited
from (
    select body from dead_letter_letter where item = $2
    order by attempt = 0 desc, raw_epoch desc nulls last, raw_seq desc nulls last, at desc, dlq_id desc limit 1
) o
left join (
    select detail ->> 'text' as text from dead_letter_action
    where root = $1 and action in ('edit', 'revert') order by id desc limit 1
) e on true
