-- :titles invented titles of the catalogue sample, as the loader writes them: observed once on each of :days days up to 2026-11-14,
-- every 28th of them by a second source, too. Nine of ten have few votes.
select make_observation_partition(month::date)
from generate_series(date '2026-11-01' - (:days / 30 + 1) * interval '1 month', date '2026-11-01', interval '1 month') as m(month);

insert into source (catalogue, name, first_seen_at) values ('sample', 'bench', '2026-11-14'), ('sample', 'second', '2026-11-14');
create temp table kind as
select source_id, name, case name when 'bench' then 1 else 28 end as step, case name when 'bench' then 'top.score' else 'season.now' end as dataset,
    case name when 'bench' then time '04:00' else time '05:00' end as at, ceil(:titles / 25.0)::int as most
from source;
alter table kind add pages int;
update kind set pages = ceil(:titles / step / 25.0);
insert into run (run, catalogue, source_id, dataset, captured_at, state, pages_planned, pages_got)
select gen_random_uuid(), 'sample', source_id, dataset, (date '2026-11-14' - d + at) at time zone 'UTC', 'complete', pages,
    array(select generate_series(1, pages))
from kind, generate_series(0, :days - 1) d order by d desc, source_id;
insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received, accepted,
    dead, load_dead, stored, committed, drift, warnings, stored_at, judged_at, committed_at)
select 1, run_id * most::bigint + p, run_id, p, 'sample', source_id, run.dataset, captured_at, 'snapshot-page.v2', '', 25, 25, 25, 0, 0, 25,
    array(select generate_series(0, 24)), '{}', '[]', captured_at, captured_at, captured_at
from run join kind using (source_id), generate_series(1, pages) p order by run_id, p;
insert into anime (catalogue, mal_id, title, title_english, synonyms, type, airing, url, year, season, aired_from, aired_from_precision, facts_at,
    epoch, seq, position, judged_at)
select 'sample', i, 'Sample ' || md5(i::text), md5('en' || i), array[md5('a' || i), md5('b' || i)], 'TV', false, '', 2000 + i % 26,
    (array['winter', 'spring', 'summer', 'fall'])[i % 4 + 1], make_date(2000 + i % 26, i % 12 + 1, 5), 'day', '2026-11-14', 1, 1, i, '2026-11-14'
from generate_series(1, :titles) i;
insert into tag (catalogue, kind, mal_id, name, facts_at, epoch, seq, position, judged_at)
select 'sample', kind, i, kind || ' ' || i, '2026-11-14', 1, 1, 0, '2026-11-14'
from unnest(array['genre', 'theme', 'studio']) as k(kind), generate_series(1, 60) i;
insert into anime_tag (catalogue, anime_id, kind, tag_id)
select distinct 'sample', i, kind, (i * n * 7) % 60 + 1
from generate_series(1, :titles) i, unnest(array['genre', 'theme', 'studio']) as k(kind), generate_series(1, 2) n;

insert into observation (captured_at, judged_at, epoch, seq, mal_id, run_id, source_id, position, scored_by, rank, popularity, members, favorites,
    catalogue, score)
select r.captured_at, r.captured_at, 1, r.run_id * most::bigint + 1 + (i - 1) / 25, i * step, r.run_id, r.source_id, i - 1,
    case when i % 10 = 0 then 2000 else 20 end + i, i, i, 1000 * i + r.run_id, i, 'sample', 5 + (i * 7 + r.run_id) % 400 / 100.0
from run r join kind using (source_id), generate_series(1, :titles / step) i order by r.captured_at, i;
insert into ranking_position (judged_at, epoch, seq, run_id, position, page, mal_id, catalogue)
select judged_at, epoch, seq, run_id, position, position / 25 + 1, mal_id, catalogue from observation
where captured_at > '2026-11-01' and source_id = (select source_id from kind where name = 'bench');
insert into title_daily (captured_at, epoch, seq, mal_id, day, line, source_id, run_id, scored_by, rank, popularity, members, favorites, sole,
    catalogue, score)
select captured_at, epoch, seq, mal_id, (captured_at at time zone 'UTC')::date, line, source_id, run_id, scored_by, rank, popularity, members,
    favorites, mal_id % 28 <> 0, catalogue, score
from observation join kind using (source_id),
    unnest(case when name = 'second' then array[0, source_id] when mal_id % 28 = 0 then array[source_id] else array[0] end) as line
order by captured_at, mal_id, line;
analyze;
select make_title_latest('sample', array_agg(mal_id)), make_title_names('sample', array_agg(mal_id)) from anime;
select make_title_week('sample', week::date)
from generate_series(week_of('2026-11-14'::date - :days), date '2026-11-09', interval '1 week') as w(week);
select make_title_first_years('sample', '2026-11-09');
update data_version set version = version + 1, captured_at = '2026-11-14 05:00Z';
vacuum analyze;
