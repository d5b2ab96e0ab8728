-- A small world of fictional titles. Days: 10 to 14 November 2026; nobody looked on the 12th.
-- Sources: "station" observes the catalogue sample, "mirror" joined on the 14th; "import" observes the catalogue mal.
insert into source (catalogue, name, first_seen_at) values
    ('sample', 'station', '2026-11-10 04:00Z'),
    ('sample', 'mirror', '2026-11-14 06:00Z'),
    ('mal', 'import', '2022-03-01 12:00Z');

insert into run (run, catalogue, source_id, dataset, captured_at, state, pages_planned, pages_got, rows, started_at, ended_at, event_seq, warnings)
select r.run::uuid, s.catalogue, s.source_id, r.dataset, r.captured_at::timestamptz, r.state, r.planned, r.got::int[], r.rows,
    r.captured_at::timestamptz, case when r.state in ('complete', 'incomplete', 'failed') then r.captured_at::timestamptz + interval '9 seconds' end, r.n,
    r.warnings::jsonb
from (values
    (1, '00000000-0000-5000-8000-000000000001', 'station', 'top.score', '2026-11-10 04:00Z', 'complete', 1, '{1}', 4, '[]'),
    (2, '00000000-0000-5000-8000-000000000002', 'station', 'top.score', '2026-11-11 04:00Z', 'complete', 1, '{1}', 4, '[]'),
    (3, '00000000-0000-5000-8000-000000000003', 'station', 'top.score', '2026-11-13 04:00Z', 'complete', 1, '{1}', 4, '[]'),
    (4, '00000000-0000-5000-8000-000000000004', 'station', 'season.now', '2026-11-13 05:00Z', 'incomplete', 2, '{1}', 2, '["page 2 did not come"]'),
    (5, '00000000-0000-5000-8000-000000000005', 'station', 'top.score', '2026-11-14 04:00Z', 'complete', 1, '{1}', 5, '[]'),
    (6, '00000000-0000-5000-8000-000000000006', 'mirror', 'season.now', '2026-11-14 06:00Z', 'complete', 1, '{1}', 2, '[]'),
    (7, '00000000-0000-5000-8000-000000000007', 'station', 'top.members', '2026-11-14 07:00Z', 'failed', 3, '{}', 0, '[]'),
    (8, '00000000-0000-5000-8000-000000000008', 'import', 'top.score', '2022-03-01 12:00Z', 'complete', 1, '{1}', 1, '[]')
) as r(n, run, source, dataset, captured_at, state, planned, got, rows, warnings)
join source s on s.name = r.source
order by r.n;

insert into anime (catalogue, mal_id, title, title_english, title_japanese, type, airing, rating, season, year, url, links, facts_at, epoch, seq, position, judged_at)
values
    ('sample', 101, 'Tsuki no Tomoshibi', 'Lamps of the Moon', '月の灯火', 'TV', true, 'PG-13', 'fall', 2026, 'https://example.test/101', '', '2026-11-14 04:00Z', 1000, 5, 0, '2026-11-14 04:01Z'),
    ('sample', 102, '=Kagi no Oto', null, '鍵の音', 'TV', false, 'PG-13', 'spring', 2026, 'https://example.test/102', '', '2026-11-14 04:00Z', 1000, 5, 1, '2026-11-14 04:01Z'),
    ('sample', 103, 'Umibe no Kippu', 'Ticket to the Shore', null, 'Movie', false, null, null, null, 'https://example.test/103', '', '2026-11-14 04:00Z', 1000, 5, 2, '2026-11-14 04:01Z'),
    ('sample', 104, 'Yoru no Heya', null, null, 'OVA', false, 'Rx - Hentai', 'fall', 2026, 'https://example.test/104', '', '2026-11-14 04:00Z', 1000, 5, 3, '2026-11-14 04:01Z'),
    ('sample', 105, 'Hoshi no Yubin', 'Star Mail', '星の郵便', 'TV', true, 'G', 'fall', 2026, 'https://example.test/105', '', '2026-11-14 04:00Z', 1000, 5, 4, '2026-11-14 04:01Z'),
    ('mal', 101, 'Shirubeki Tane', null, null, 'TV', false, 'PG-13', 'winter', 2020, 'https://example.test/mal/101', '', '2022-03-01 12:00Z', 1000, 8, 0, '2022-03-01 12:01Z');

insert into tag (catalogue, kind, mal_id, name, facts_at, epoch, seq, position, judged_at)
select catalogue, kind, mal_id, name, '2026-11-14 04:00Z', 1000, 5, 0, '2026-11-14 04:01Z'
from (values
    ('sample', 'genre', 1, 'Adventure'), ('sample', 'genre', 2, 'Drama'), ('sample', 'theme', 3, 'Space'),
    ('sample', 'studio', 7, 'Atelier Nagi'), ('sample', 'studio', 8, '-Kumo-'), ('mal', 'genre', 1, 'Adventure')
) as t(catalogue, kind, mal_id, name);

insert into anime_tag (catalogue, anime_id, kind, tag_id) values
    ('sample', 101, 'genre', 1), ('sample', 101, 'genre', 2), ('sample', 101, 'studio', 7), ('sample', 101, 'studio', 8),
    ('sample', 102, 'genre', 2), ('sample', 102, 'studio', 8), ('sample', 103, 'genre', 1), ('sample', 104, 'genre', 2),
    ('sample', 105, 'genre', 1), ('sample', 105, 'theme', 3), ('mal', 101, 'genre', 1);

select make_observation_partition('2026-11-01'), make_observation_partition('2022-03-01');

create temporary table seen (n int, position int, mal_id int, score numeric, votes int, members int);
insert into seen values
    (1, 0, 101, 8.50, 1200, 30000), (1, 1, 102, 8.40, 2000, 41000), (1, 2, 103, 8.10, 900, 9000), (1, 3, 104, 7.00, 50, 400),
    (2, 0, 102, 8.45, 2040, 41200), (2, 1, 101, 8.42, 1300, 30500), (2, 2, 103, 8.10, 910, 9010), (2, 3, 104, 7.00, 51, 401),
    (3, 0, 101, 8.60, 1500, 31500), (3, 1, 102, 8.44, 2100, 41500), (3, 2, 103, 8.11, 930, 9030), (3, 3, 104, 7.01, 52, 402),
    (4, 0, 101, 8.61, 1510, 31520), (4, 1, 105, null, null, 5000),
    (5, 0, 102, 8.70, 2200, 42000), (5, 1, 104, 8.65, 60, 500), (5, 2, 101, 8.62, 1600, 32000), (5, 3, 103, 8.09, 940, 9050), (5, 4, 105, 7.90, 120, 5600),
    (6, 0, 101, 8.64, 1620, 32100), (6, 1, 105, 7.95, 130, 5700),
    (8, 0, 101, 7.25, 80, 1000);

insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received, accepted, dead, load_dead, stored, duplicate, committed, drift, warnings, stored_at, judged_at, committed_at)
select 1000, r.run_id, r.run_id, 1, r.catalogue, r.source_id, r.dataset, r.captured_at, 'snapshot-page.v1', 'test', 25,
    count(*) + (r.run_id = 3)::int, count(*), (r.run_id = 3)::int, 0, count(*), 0, array_agg(s.position order by s.position), '{}', '[]',
    r.captured_at, r.captured_at + interval '1 second', r.captured_at + interval '2 seconds'
from seen s join run r on r.run_id = s.n group by r.run_id;

insert into observation (catalogue, mal_id, captured_at, run_id, source_id, score, scored_by, rank, popularity, members, favorites, epoch, seq, position, judged_at)
select r.catalogue, s.mal_id, r.captured_at, r.run_id, r.source_id, s.score, s.votes, null, null, s.members, 10, 1000, r.run_id, s.position, r.captured_at + interval '1 second'
from seen s join run r on r.run_id = s.n;

insert into ranking_position (run_id, position, mal_id, catalogue, epoch, seq, judged_at)
select r.run_id, s.position, s.mal_id, r.catalogue, 1000, r.run_id, r.captured_at + interval '1 second'
from seen s join run r on r.run_id = s.n where r.dataset = 'top.score';

select rebuild_titles(catalogue) from data_version;
select make_title_week(catalogue, week) from (select catalogue, week from week_change order by week) every;
update week_change set rolled = changed;

update data_version v set version = case catalogue when 'sample' then 7 else 1 end,
    captured_at = (select max(p.captured_at) from page p where p.catalogue = v.catalogue);

-- The archive has the first of those pages of RAW, not yet the later ones.
insert into archive_file (epoch, first, last, file, captures, bytes, sha256, announced_at)
values (1000, 1, 5, 'raw-1000-1.jsonl.zst', 5, 100, 'ab', '2026-11-15Z');
