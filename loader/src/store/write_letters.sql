-- Writes letters beside their items; says which are new, and their items.
insert into dead_letter_letter (letter, item, dlq_id, epoch, seq, attempt, at, stage, reason, pointer, message, faults, judge, schema,
    schema_hash, raw_epoch, raw_seq, deliveries, trace_id, mal_id, title, headers, body)
overriding system value
select coalesce(letter, nextval('dead_letter_letter_letter_seq')), item, dlq_id, epoch, seq, attempt, at, stage, reason, pointer,
    message, faults, judge, schema, schema_hash, raw_epoch, raw_seq, deliveries, trace_id, mal_id, title, headers, body
from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::int[], $7::timestamptz[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::jsonb[], $13::text[], $14::text[], $15::text[], $16::bigint[], $17::bigint[], $18::bigint[],
    $19::text[], $20::bigint[], $21::text[], $22::jsonb[], $23::bytea[])
    as i(letter, item, dlq_id, epoch, seq, attempt, at, stage, reason, pointer, message, faults, judge, schema, schema_hash, raw_epoch,
        raw_seq, deliveries, trace_id, mal_id, title, headers, body)
on conflict (dlq_id) do nothing
returning letter, item
