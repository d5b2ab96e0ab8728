-- Dead letters of the small world, as the loader projects them. Row 4 of the page of run 3 never passed; page 2 of run 4 was no
-- page at all; page 2 of run 5 has twelve rows without a day, which died one minute after another.
create temporary table letter_given (
    run int, page int, row int, stage text, attempt int, at timestamptz, reason text, pointer text, message text, faults jsonb,
    schema text, mal_id bigint, title text, body bytea
);
insert into letter_given values
    (3, 1, 4, 'validate', 0, '2026-11-13 04:00:01Z', 'schema', '/mal_id', '"x" is not of type "integer"',
        '[{"instance_path": "/mal_id", "schema_path": "/properties/mal_id/type", "keyword": "type"},
          {"instance_path": "/genres/0/name", "schema_path": "/properties/genres/items/properties/name/type", "keyword": "type"}]',
        'anime.v1', null, '<script>alert(1)</script>',
        convert_to(E'{"mal_id": "x",\n "title": "<script>alert(1)</script>", "genres": [{"name": 7}], "members": 123456789012345678}', 'utf8')),
    (4, 2, null, 'validate', 0, '2026-11-13 05:00:01Z', 'not_json', '', 'expected value at line 1 column 1', '[]', 'envelope.v1', null, null,
        convert_to(E'<html>\x1b[31m\x07bad gateway</html>', 'utf8')),
    (4, 3, null, 'fetch', 0, '2026-11-13 05:00:02Z', 'not_json', '', 'not UTF-8', '[]', null, null, null, '\xff00fe');
insert into letter_given
select 5, 2, n, 'validate', 0, '2026-11-14 04:00Z'::timestamptz + n * interval '1 minute', 'schema', '/aired/from',
    '"soon" does not match', '[{"instance_path": "/aired/from", "schema_path": "/properties/aired/properties/from/pattern", "keyword": "pattern"}]',
    'anime.v1', 900 + n, 'Row ' || n, convert_to(format('{"mal_id": %s, "title": "Row %s"}', 900 + n, n), 'utf8')
from generate_series(0, 11) n;

select lock_dead_letters();
insert into dead_letter (root, run, page, row, stage, catalogue, source, dataset, first_at, last_at, reason, pointer, message, judge)
select concat_ws(':', r.run, g.page, coalesce(g.row::text, 'page'), g.stage), r.run, g.page, g.row, g.stage, r.catalogue, s.name,
    r.dataset, g.at, g.at, g.reason, g.pointer, g.message, 'judge-1'
from letter_given g join run r on r.run_id = g.run join source s using (source_id) order by g.at;
insert into dead_letter_letter (dlq_id, epoch, seq, item, attempt, at, stage, reason, pointer, message, faults, judge, schema,
    schema_hash, raw_epoch, raw_seq, deliveries, trace_id, mal_id, title, headers, body)
select d.root || ':1000-' || g.run || ':0:judge-1', 2000, row_number() over (order by g.at), d.item, g.attempt, g.at, g.stage,
    g.reason, g.pointer, g.message, g.faults, 'judge-1', g.schema, repeat('0', 64), 1000, g.run, 1,
    '0af7651916cd43dd8448eb211c80319c', g.mal_id, g.title,
    jsonb_build_object('Dlq-Root', d.root, 'Dlq-Service', 'validator 0.1.0', 'Kansoku-Source', '<img src=x onerror=alert(1)>'), g.body
from letter_given g join run r on r.run_id = g.run
join dead_letter d on d.run = r.run and d.page = g.page and d.row is not distinct from g.row order by g.at;
select settle_dead_letters(array(select item from dead_letter order by item));
select note_letters(array(select letter from dead_letter_letter order by letter));
insert into dlq_progress values ('DLQ', 2000, 15, 16, '2026-11-14 04:30Z');

-- What one operator may, another may not. Their tokens are their names.
insert into operator (name, rights, token_hash, created_at, expires_at)
select name, rights::text[], sha256(convert_to(name, 'utf8')), '2026-11-01Z', expires_at::timestamptz
from (values
    ('reader', '{read}', null), ('actor', '{read,act}', null), ('editor', '{read,edit}', null), ('night-shift', '{read,act,edit}', null),
    ('former', '{read,act,edit}', '2026-11-13Z'), ('blind', '{}', null)
) as o(name, rights, expires_at);
insert into operator_link values
    (sha256('good'), 'night-shift', '2026-11-14 12:10Z'), (sha256('late'), 'night-shift', '2026-11-14 11:59Z'),
    (sha256('theirs'), 'former', '2026-11-14 12:10Z');
