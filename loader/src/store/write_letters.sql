-- Writes letters and the items that they are about; says which letters are new, and their items.
with given as materialized (
    select *
    from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::uuid[], $6::int[], $7::int[], $8::text[], $9::text[],
        $10::text[], $11::text[], $12::int[], $13::timestamptz[], $14::text[], $15::text[], $16::text[], $17::text[],
        $18::jsonb[], $19::text[], $20::text[], $21::text[], $22::bigint[], $23::bigint[], $24::bigint[], $25::text[],
        $26::bigint[], $27::text[], $28::jsonb[], $29::bytea[])
        as i(dlq_id, epoch, seq, root, run, page, row, first_stage, catalogue, source, dataset, attempt, at, stage, reason, pointer,
            message, faults, judge, schema, schema_hash, raw_epoch, raw_seq, deliveries, trace_id, mal_id, title, headers, body)
), items as (
    insert into dead_letter as d (root, run, page, row, stage, catalogue, source, dataset, first_at, last_at, mal_id, title, reason,
        pointer, message, judge)
    select distinct on (root) root, run, page, row, first_stage, catalogue, source, dataset, at, at, mal_id, title, reason, pointer,
        message, judge
    from given order by root, at
    on conflict (root) do update set first_at = least(d.first_at, excluded.first_at)
    returning item, root
)
insert into dead_letter_letter (dlq_id, epoch, seq, item, attempt, at, stage, reason, pointer, message, faults, judge, schema,
    schema_hash, raw_epoch, raw_seq, deliveries, trace_id, mal_id, title, headers, body)
select dlq_id, epoch, seq, item, attempt, at, stage, reason, pointer, message, faults, judge, schema, schema_hash, raw_epoch,
    raw_seq, deliveries, trace_id, mal_id, title, headers, body
from given join items using (root)
order by seq
on conflict (dlq_id) do nothing
returning letter, item
