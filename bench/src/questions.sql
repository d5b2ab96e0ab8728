-- 5,000 invented titles of the catalogue sample, observed once on each of :days days up to 2026-11-14, as the loader writes them.
select make_observation_partition(month::date)
from generate_series(date '2026-11-01' - (:days / 30 + 1) * interval '1 month', date '2026-11-01', interval '1 month') as m(month);

insert into source (catalogue, name, first_seen_at) values ('sample', 'bench', '2026-11-14');
insert into run (run, catalogue, source_id, dataset, captured_at, state, pages_planned, pages_got)
select gen_random_uuid(), 'sample', source_id, 'top.score', timestamptz '2026-11-14 04:00Z' - make_interval(days => d), 'complete', 200,
    array(select generate_series(1, 200))
from source, generate_series(0, :days - 1) d order by d desc;
insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received, accepted,
    dead, load_dead, stored, committed, drift, warnings, stored_at, judged_at, committed_at)
select 1, run_id * 200 + p, run_id, p, 'sample', source_id, 'top.score', captured_at, 'snapshot-page.v2', '', 25, 25, 25, 0, 0, 25,
    array(select generate_series(0, 24)), '{}', '[]', captured_at, captured_at, captured_at
from run, generate_series(1, 200) p;
insert into anime (catalogue, mal_id, title, title_english, synonyms, type, airing, url, year, season, aired_from, aired_from_precision, facts_at,
    epoch, seq, position, judged_at)
select 'sample', i, 'Sample ' || md5(i::text), md5('en' || i), array[md5('a' || i), md5('b' || i)], 'TV', false, '', 2000 + i % 26,
    (array['winter', 'spring', 'summer', 'fall'])[i % 4 + 1], make_date(2000 + i % 26, i % 12 + 1, 5), 'day', '2026-11-14', 1, 1, i, '2026-11-14'
from generate_series(1, 5000) i;
insert into tag (catalogue, kind, mal_id, name, facts_at, epoch, seq, position, judged_at)
select 'sample', kind, i, kind || ' ' || i, '2026-11-14', 1, 1, 0, '2026-11-14'
from unnest(array['genre', 'theme', 'studio']) as k(kind), generate_series(1, 60) i;
insert into anime_tag (catalogue, anime_id, kind, tag_id)
select distinct 'sample', i, kind, (i * n * 7) % 60 + 1
from generate_series(1, 5000) i, unnest(array['genre', 'theme', 'studio']) as k(kind), generate_series(1, 2) n;

insert into observation (captured_at, judged_at, epoch, seq, mal_id, run_id, source_id, position, scored_by, rank, popularity, members, favorites,
    catalogue, score)
select r.captured_at, r.captured_at, 1, r.run_id * 200 + 1 + (i - 1) / 25, i, r.run_id, r.source_id, i - 1, 2000 + i, i, i,
    1000 * i + r.run_id, i, 'sample', 5 + (i * 7 + r.run_id) % 400 / 100.0
from run r, generate_series(1, 5000) i order by r.captured_at, i;
insert into ranking_position (judged_at, epoch, seq, run_id, position, page, mal_id, catalogue)
select judged_at, epoch, seq, run_id, position, position / 25 + 1, mal_id, catalogue from observation
where captured_at > '2026-11-01';
insert into title_daily (captured_at, epoch, seq, mal_id, day, source_id, run_id, scored_by, rank, popularity, members, favorites, catalogue, score)
select captured_at, epoch, seq, mal_id, (captured_at at time zone 'UTC')::date, source_id, run_id, scored_by, rank, popularity, members,
    favorites, catalogue, score from observation;
select make_title_latest('sample', array_agg(mal_id)), make_title_names('sample', array_agg(mal_id)) from anime;
select make_title_week('sample', week::date)
from generate_series(week_of('2026-11-14'::date - :days), date '2026-11-09', interval '1 week') as w(week);
update data_version set version = version + 1;
vacuum analyze;
