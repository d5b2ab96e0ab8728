-- :letters dead letters over the thirty days before now in forty datasets and 38 groups, settled, as the loader leaves them. Their
-- bodies are the rows of standard input with a number of their own in the place of @: 49 of 50 pass, as if the schema had been too
-- strict when they died. A fifth is discarded, one of twenty was replayed in vain, one of ten has two faults.
create temp table given (n int generated always as identity (start 0 minvalue 0) primary key, body text);
\copy given (body) from pstdin with (format csv, quote e'\x01', delimiter e'\x02')
analyze given;
insert into source (catalogue, name, first_seen_at) values ('sample', 'bench', now());
insert into run (run, catalogue, source_id, dataset, captured_at, state, pages_planned, pages_got)
select gen_random_uuid(), 'sample', source_id,
    case when n % 10 = 0 then 'top.score' else format('season.%s.%s', 2016 + n % 10, (array['winter', 'spring', 'summer', 'fall'])[n / 10 % 4 + 1]) end,
    now() - (interval '30 days' / :letters * (:letters - n * 1000)), 'complete', 40, array(select generate_series(1, 40))
from source, generate_series(0, (:letters - 1) / 1000) n order by n;
create temp table letter_of as
select i, i + 1 as item, run, i % 1000 / 25 + 1 as page, i % 25 as row, dataset, captured_at, captured_at + i % 1000 * interval '1 ms' as at,
    format('%s:%s:%s:validate', run, i % 1000 / 25 + 1, i % 25) as root, (i % 20 = 3)::int as replays, i % 5 = 0 as is_discarded,
    case when i % 4 = 0 then 'later' else 'earlier' end as judge, i % 37 + 1 as kind, i % 10 = 1 as has_two
from generate_series(0, :letters - 1) i join run on run_id = (select min(run_id) from run) + i / 1000;
create index on letter_of (i);
analyze letter_of;

insert into dead_letter (item, root, run, page, row, stage, catalogue, source, dataset, first_at, last_at, mal_id, title, reason, pointer,
    message, judge, letter, failures, state, version)
overriding system value
select item, root, run, page, row, 'validate', 'sample', 'bench', dataset, at, at, i, 'Title ' || md5(i::text), 'schema', '/field' || kind, 'does not match',
    judge, 2 * i + 1 + replays, replays, case when is_discarded then 'discarded' when replays > 0 then 'failed' else 'open' end,
    1 + 2 * replays + is_discarded::int
from letter_of order by i;
insert into dead_letter_letter (letter, dlq_id, epoch, seq, item, attempt, at, stage, reason, pointer, message, faults, judge, schema, schema_hash,
    raw_epoch, raw_seq, deliveries, mal_id, title, headers, body)
overriding system value
select 2 * i + 1 + attempt, root || ':1-' || i / 25 || ':' || attempt, 1, 2 * i + 1 + attempt, item, attempt, at, 'validate', 'schema', '/field' || kind,
    'does not match', jsonb_build_array(jsonb_build_object('instance_path', '/field' || kind, 'schema_path', '', 'keyword', 'type'))
        || case when has_two then '[{"instance_path": "/genres/0/name", "schema_path": "", "keyword": "type"}]' else '[]' end::jsonb,
    judge, 'anime.v1', repeat('0', 64), 1, i / 25, 1, i, 'Title ' || md5(i::text),
    jsonb_build_object('ce-specversion', '1.0', 'ce-id', run || ':' || page, 'ce-type', 'moe.kansoku.page.fetched.v1', 'ce-source', 'bench',
        'ce-subject', dataset, 'ce-time', to_char(captured_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'content-type', 'application/json',
        'Kansoku-Catalogue', 'sample', 'Kansoku-Run', run, 'Kansoku-Page', page::text, 'Kansoku-Pages', '40', 'Kansoku-Limit', '25',
        'Kansoku-Raw-Epoch', '1', 'Kansoku-Raw-Seq', (i / 25)::text, 'Dlq-Root', root, 'Dlq-Row', row::text, 'Kansoku-Row', row::text, 'Kansoku-Position', row::text, 'Dlq-Attempt', attempt::text),
    convert_to(replace(body, '@', case when i % 50 = 7 then '"' || i || '"' else (1000000 + i)::text end), 'utf8')
from letter_of join given on n = i % (select count(*) from given), generate_series(0, replays) attempt order by i, attempt;
insert into dead_letter_action (at, actor, action, root, version, n, reason, audit_epoch, audit_seq)
select at, 'bench', case when is_discarded then 'discard' else 'replay' end, root, 1, case when is_discarded then null else 1 end, 'bench', 1, item
from letter_of where is_discarded or replays > 0 order by i;

insert into dead_letter_group (reason, path, keyword, first_at, last_at, new_at, detail)
select 'schema', case n when 38 then '/genres/*/name' else '/field' || n end, 'type', low, high, high, ''
from (select min(at) as low, max(at) as high from letter_of) span, generate_series(1, 38) n;
insert into dead_letter_fault (item, grp, sole)
select item, grp, not has_two from letter_of join dead_letter_group on path = '/field' || kind order by grp, item;
insert into dead_letter_fault (item, grp, sole)
select item, grp, false from letter_of join dead_letter_group on path = '/genres/*/name' where has_two order by item;
insert into dead_letter_group_hour (grp, hour, items)
select f.grp, date_trunc('hour', at, 'UTC'), count(*) from dead_letter_fault f join letter_of using (item) group by 1, 2;
insert into dead_letter_count (state, stage, reason, dataset, items)
select state, stage, reason, dataset, count(*) from dead_letter group by 1, 2, 3, 4;
insert into dead_letter_group_count (grp, state, stage, dataset, items, sole)
select f.grp, d.state, d.stage, d.dataset, count(*), count(*) filter (where f.sole) from dead_letter_fault f join dead_letter d using (item)
group by 1, 2, 3, 4;
insert into dlq_progress (stream, epoch, seq, last_seq, at) values ('DLQ', 1, 2 * :letters, 2 * :letters, now())
on conflict (stream) do update set epoch = excluded.epoch, seq = excluded.seq, last_seq = excluded.last_seq, at = excluded.at;
select setval('dead_letter_item_seq', max(item)) from dead_letter;
select setval('dead_letter_letter_letter_seq', max(letter)) from dead_letter_letter;
vacuum analyze;
