-- What is in the temporary table kept is projected again.
insert into dead_letter (root, run, page, row, stage, catalogue, source, dataset, first_at, last_at, reason, pointer, message, judge)
select distinct on (root) root, run, page, row, first_stage, catalogue, source, dataset, at, at, reason, pointer, message, judge
from kept order by root, at;
insert into dead_letter_letter (dlq_id, epoch, seq, item, attempt, at, stage, reason, pointer, message, faults, judge, schema,
    schema_hash, raw_epoch, raw_seq, deliveries, trace_id, mal_id, title, headers, body)
select dlq_id, epoch, seq, d.item, attempt, k.at, k.stage, k.reason, k.pointer, k.message, faults, k.judge, schema, schema_hash,
    raw_epoch, raw_seq, deliveries, trace_id, k.mal_id, k.title, headers, body
from kept k join dead_letter d using (root) order by k.letter;
select settle_dead_letters(array(select item from dead_letter));
select note_letters(array(select letter from dead_letter_letter order by letter));
