-- Captures of the ranking around those of seed.sql: hours before the newest one, and just before a week before it.
insert into run (run, catalogue, source_id, dataset, captured_at, state, pages_planned, pages_got, rows, started_at, ended_at, event_seq, warnings)
select r.run::uuid, 'sample', s.source_id, 'top.score', r.captured_at::timestamptz, 'complete', 1, '{1}', 1, r.captured_at::timestamptz,
    r.captured_at::timestamptz, 9, '[]'
from (values
    ('00000000-0000-5000-8000-000000000009', '2026-11-14 03:00Z'),
    ('00000000-0000-5000-8000-000000000010', '2026-11-07 23:59:59Z'),
    ('00000000-0000-5000-8000-000000000011', '2026-11-08 00:00Z')
) as r(run, captured_at)
join source s on s.name = 'station';

insert into ranking_position (run_id, position, mal_id, catalogue, epoch, seq, judged_at)
select run_id, 0, 101, catalogue, 1000, run_id, captured_at from run
where run::text like '%-000000000009' or run::text like '%-00000000001_';
