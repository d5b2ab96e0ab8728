-- A big database: $1 titles, each observed on $2 days up to 14 November 2026; the first twenty of them by a second source too,
-- and on the days of ten years. What is derived is written as it is, since making it row by row would take minutes.
create function fill(titles int, days int) returns void language plpgsql as $$
declare
    last date := '2026-11-14';
    big int;
    second int;
begin
    insert into source (catalogue, name, first_seen_at) values ('sample', 'big', '2016-11-14') returning source_id into big;
    insert into source (catalogue, name, first_seen_at) values ('sample', 'second', '2016-11-14') returning source_id into second;
    perform make_observation_partition(month::date)
    from generate_series(date_trunc('month', last::timestamp - make_interval(days => days)), last, interval '1 month') month;

    insert into anime (catalogue, mal_id, title, title_english, title_japanese, synonyms, type, airing, url, year, season,
        aired_from, aired_from_precision, facts_at, epoch, seq, position, judged_at)
    select 'sample', i, initcap(translate(md5(i::text), '0123456789', 'aeiounrsto')), 'The ' || initcap(translate(md5('e' || i), '0123456789', 'aeioulmdgw')) || ' of ' || i % 97,
        '月' || chr(19968 + i % 5000) || 'の' || chr(19968 + i * 7 % 5000), array['Title ' || i], 'TV', true, '', 2000 + i % 27, 'fall',
        last - i % 9000, 'day', last, 1, 1, 1, last
    from generate_series(1, titles) i;
    insert into tag (catalogue, kind, mal_id, name, facts_at, epoch, seq, position, judged_at)
    select 'sample', kind, i, kind || i, last, 1, 1, 1, last from generate_series(1, 20) i, unnest(array['genre', 'studio']) kind;
    insert into anime_tag (catalogue, anime_id, kind, tag_id)
    select 'sample', i, kind, 1 + i % 20 from generate_series(1, titles) i, unnest(array['genre', 'studio']) kind;

    insert into run (run, catalogue, source_id, dataset, captured_at, state, pages_planned, pages_got)
    select md5(s.source || '/' || d)::uuid, 'sample', s.source, s.dataset, (last - d) + interval '4 hours', 'complete', 1, '{1}'
    from (values (big, 'top.score'), (second, 'season.now')) as s(source, dataset), generate_series(0, 3650) d
    order by s.source, d;
    insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received,
        accepted, dead, load_dead, stored, committed, drift, warnings, stored_at, judged_at, committed_at)
    select 1, run_id * 1000::bigint + p, run_id, p, 'sample', big, 'top.score', captured_at, '', '', 25, 25, 25, 0, 0, 25,
        array(select generate_series(0, 24)), '{}', '[]', captured_at, captured_at, captured_at
    from run, generate_series(1, (titles + 24) / 25) p
    where source_id = big and captured_at > last - days;
    insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received,
        accepted, dead, load_dead, stored, committed, drift, warnings, stored_at, judged_at, committed_at)
    select 1, run_id * 1000::bigint, run_id, 1, 'sample', second, 'season.now', captured_at, '', '', 25, 20, 20, 0, 0, 20,
        array(select generate_series(0, 19)), '{}', '[]', captured_at, captured_at, captured_at
    from run
    where source_id = second;
    insert into observation (captured_at, judged_at, epoch, seq, mal_id, run_id, source_id, position, scored_by, members, favorites,
        catalogue, score)
    select captured_at, captured_at, 1, run_id * 1000::bigint + 1 + (i - 1) / 25, i, run_id, big, i - 1, 2000, 1000000 - i, 1, 'sample',
        5 + (i + run_id) % 500 / 100.0
    from run, generate_series(1, titles) i
    where source_id = big and captured_at > last - days
    order by run.captured_at, i;
    insert into ranking_position (run_id, position, mal_id, catalogue, epoch, seq, judged_at)
    select run_id, position, mal_id, catalogue, epoch, seq, judged_at from observation where captured_at > last - 40;

    insert into title_daily (captured_at, epoch, seq, mal_id, day, line, source_id, run_id, scored_by, members, favorites, sole,
        catalogue, score)
    select captured_at, 1, run_id * 1000::bigint + 1 + (i - 1) / 25, i, captured_at::date, 0, big, run_id, 2000, 1000000 - i, 1, i > 20,
        'sample', 5 + (i + run_id) % 500 / 100.0
    from run, generate_series(1, titles) i
    where source_id = big and (captured_at > last - days or i <= 20)
    order by run.captured_at, i;
    insert into title_daily (captured_at, epoch, seq, mal_id, day, line, source_id, run_id, scored_by, members, favorites, sole,
        catalogue, score)
    select captured_at, 1, run_id * 1000::bigint, i, captured_at::date, source_id, source_id, run_id, 2000, 1000000, 1, false, 'sample', 8
    from run, generate_series(1, 20) i
    order by run.captured_at, i;
    insert into title_latest (captured_at, epoch, seq, mal_id, source_id, scored_by, members, favorites, catalogue, score)
    select captured_at, epoch, seq, mal_id, source_id, scored_by, members, favorites, catalogue, score from title_daily d
    where d.line = 0 and d.day = last;
    insert into title_week (week, mal_id, catalogue, members, members_gained, score_place, members_place, score)
    select week::date, i, 'sample', 1000000 - i, 5, i, i, 5 + (i * week_number + i % 7) % 500 / 100.0
    from generate_series(week_of(last)::timestamp - interval '51 weeks', week_of(last), interval '7 days') with ordinality as w(week, week_number),
        generate_series(1, titles) i
    order by week, i;
    insert into week_change (catalogue, week, changed, rolled)
    select 'sample', week::date, 1, 1 from generate_series(week_of(last)::timestamp - interval '51 weeks', week_of(last), interval '7 days') week;
    perform make_title_first_years('sample', week_of(last));
    perform share_titles('sample');
    perform make_title_names('sample', array_agg(mal_id)) from anime;
end
$$;
