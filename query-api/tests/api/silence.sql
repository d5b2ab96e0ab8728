-- Captures and a history of the catalogue sample, beside those of seed.sql. 106: the history of the 14th tells its members, after a
-- capture told its score. 107: that capture says that it has no score any more.
insert into source (catalogue, name, first_seen_at) values ('sample', 'csv:late', '2026-11-14 05:30Z');
insert into run (run, catalogue, source_id, dataset, captured_at, state)
select n.run::uuid, 'sample', s.source_id, n.dataset, n.at::timestamptz, 'complete'
from (values
    ('00000000-0000-5000-8000-0000000000b1', 'station', 'top.members', '2026-11-13 09:00Z'),
    ('00000000-0000-5000-8000-0000000000b2', 'station', 'top.members', '2026-11-14 04:30Z'),
    ('00000000-0000-5000-8000-0000000000b3', 'csv:late', 'history', '2026-11-14 05:30Z')
) as n(run, source, dataset, at)
join source s on s.name = n.source;
insert into anime (catalogue, mal_id, title, type, airing, url, season, year, facts_at, epoch, seq, position, judged_at)
select 'sample', id, 'Nagi no ' || id, 'TV', true, '', 'winter', 2031, '2026-11-14', 1000, 70, 0, '2026-11-14'
from unnest(array[106, 107]) as id;
insert into anime_tag (catalogue, anime_id, kind, tag_id) values ('sample', 106, 'theme', 9), ('sample', 107, 'theme', 9);
insert into tag (catalogue, kind, mal_id, name, facts_at, epoch, seq, position, judged_at)
values ('sample', 'theme', 9, 'Silence', '2026-11-14', 1000, 70, 0, '2026-11-14');
insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received, accepted, dead,
    load_dead, stored, committed, drift, warnings, stored_at, judged_at, committed_at)
select 1000, 70 + run_id, run_id, 1, catalogue, source_id, dataset, captured_at, '', '', 25, 2, 2, 0, 0, 2, '{0,1}', '{}', '[]', captured_at,
    captured_at, captured_at
from run where run::text like '%-0000000000b_';
insert into observation (catalogue, mal_id, captured_at, run_id, source_id, score, members, epoch, seq, position, judged_at)
select 'sample', n.mal_id, r.captured_at, r.run_id, r.source_id, n.score, n.members, 1000, 70 + r.run_id, 0, r.captured_at
from (values
    ('b1', 106, 6.0, 100), ('b1', 107, 8.0, 100), ('b2', 106, 9.0, 110), ('b2', 107, null, 110), ('b3', 106, null, 120), ('b3', 107, null, 120)
) as n(run, mal_id, score, members)
join run r on right(r.run::text, 2) = n.run;
-- A source that has brought genres alone.
insert into source (catalogue, name, first_seen_at) values ('sample', 'genres only', '2026-11-14 05:30Z');
insert into run (run, catalogue, source_id, dataset, captured_at, state)
select '00000000-0000-5000-8000-0000000000c1', 'sample', source_id, 'genres', '2026-11-14 05:40Z', 'complete' from source where name = 'genres only';
insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received, accepted, dead,
    load_dead, stored, committed, drift, warnings, stored_at, judged_at, committed_at)
select 1000, 99, run_id, 1, catalogue, source_id, dataset, captured_at, '', '', 25, 2, 2, 0, 0, 2, '{0,1}', '{}', '[]', captured_at,
    captured_at, captured_at
from run where dataset = 'genres';
select rebuild_titles('sample');
select make_title_week('sample', week) from (select week from week_change where catalogue = 'sample' order by week) weeks;
