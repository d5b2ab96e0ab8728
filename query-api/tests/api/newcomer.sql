-- A catalogue of 500 titles over 60 days that the statistics know, and one of 3,000 titles that has just come.
create function fill(name text, titles int, days int) returns void language plpgsql as $$
declare
    own int;
begin
    insert into source (catalogue, name, first_seen_at) values (fill.name, 'of ' || fill.name, '2026-09-01') returning source_id into own;
    insert into run (run, catalogue, source_id, dataset, captured_at, state)
    select gen_random_uuid(), fill.name, own, 'top.score', timestamptz '2026-11-14 04:00Z' - make_interval(days => d), 'complete'
    from generate_series(0, days - 1) d;
    insert into anime (catalogue, mal_id, title, airing, url, year, season, facts_at, epoch, seq, position, judged_at)
    select fill.name, i, 'Title ' || i, false, '', 2000 + i % 25, 'fall', '2026-11-14', 1, 1, 1, '2026-11-14'
    from generate_series(1, titles) i;
    insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received,
        accepted, dead, load_dead, committed, drift, warnings, stored_at, judged_at, committed_at)
    select 1, run_id * 1000 + p, run_id, p, fill.name, own, 'top.score', captured_at, '', '', 25, 25, 25, 0, 0, '{}', '{}', '[]',
        captured_at, captured_at, captured_at
    from run, generate_series(1, (titles + 24) / 25) p where catalogue = fill.name;
    insert into observation (captured_at, judged_at, epoch, seq, mal_id, run_id, source_id, position, members, favorites, catalogue, score)
    select captured_at, captured_at, 1, run_id * 1000 + 1 + (i - 1) / 25, i, run_id, own, i, 100, 1, fill.name, 7.5
    from run, generate_series(1, titles) i where catalogue = fill.name;
    perform rebuild_titles(fill.name);
end
$$;

alter table anime set (autovacuum_enabled = off);
alter table page set (autovacuum_enabled = off);
alter table run set (autovacuum_enabled = off);
alter table title_daily set (autovacuum_enabled = off);
alter table title_latest set (autovacuum_enabled = off);
select make_observation_partition(make_date(2026, month, 1)) from generate_series(9, 11) month;
alter table observation_2026_11 set (autovacuum_enabled = off);
select fill('sample', 500, 60);
analyze;
select fill('mal', 3000, 3);
