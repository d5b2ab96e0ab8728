-- Writes letters about items; says which are new, and their items. Arrays that are unnested in the list of a select are not copied
-- first, bodies and all.
insert into dead_letter_letter (item, dlq_id, epoch, seq, attempt, at, stage, reason, pointer, message, faults, judge, schema,
    schema_hash, raw_epoch, raw_seq, deliveries, trace_id, mal_id, title, headers, body)
select item, dlq_id, epoch, seq, attempt, at, stage, reason, pointer, message, faults, judge, schema, schema_hash, raw_epoch, raw_seq,
    deliveries, trace_id, mal_id, title, headers, body
from (
    select unnest($1::bigint[]) as item, unnest($2::text[]) as dlq_id, unnest($3::bigint[]) as epoch, unnest($4::bigint[]) as seq,
        unnest($5::int[]) as attempt, unnest($6::timestamptz[]) as at, unnest($7::text[]) as stage, unnest($8::text[]) as reason,
        unnest($9::text[]) as pointer, unnest($10::text[]) as message, unnest($11::jsonb[]) as faults, unnest($12::text[]) as judge,
        unnest($13::text[]) as schema, unnest($14::text[]) as schema_hash, unnest($15::bigint[]) as raw_epoch,
        unnest($16::bigint[]) as raw_seq, unnest($17::bigint[]) as deliveries, unnest($18::text[]) as trace_id,
        unnest($19::bigint[]) as mal_id, unnest($20::text[]) as title, unnest($21::jsonb[]) as headers, unnest($22::bytea[]) as body
) i
on conflict (dlq_id) do nothing
returning letter, item
