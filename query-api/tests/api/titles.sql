-- More of the titles of seed.sql: facts, names that are hard to show, one that only a history named, one never observed.
update anime set synonyms = '{"Moon Lights","<img src=x onerror=alert(1)>"}', source_material = 'Manga', episodes = 12,
    status = 'Currently Airing', aired_from = '2026-10-03', aired_from_precision = 'day', duration = '24 min per ep',
    broadcast = 'Saturdays at 23:00 (JST)', image = 'https://example.test/101.webp'
where catalogue = 'sample' and mal_id = 101;
update anime set synonyms = array[repeat('Ō', 500), E'\u202eevil', '🌙 Moon', 'Tōdai no Hikari']
where catalogue = 'sample' and mal_id = 103;
insert into anime (catalogue, mal_id, title, name_only, facts_at, epoch, seq, position, judged_at) values
    ('sample', 106, 'Wasurerareta Uta', true, '2026-11-01', 1000, 5, 0, '2026-11-01');
insert into anime (catalogue, mal_id, title, airing, url, facts_at, epoch, seq, position, judged_at) values
    ('sample', 107, 'Mada Minu Machi', false, 'https://example.test/107', '2026-11-14 04:00Z', 1000, 5, 0, '2026-11-14 04:01Z');
insert into tag (catalogue, kind, mal_id, name, facts_at, epoch, seq, position, judged_at) values
    ('sample', 'demographic', 9, 'Seinen', '2026-11-14', 1000, 5, 0, '2026-11-14');
insert into anime_tag (catalogue, anime_id, kind, tag_id) values ('sample', 101, 'theme', 3), ('sample', 101, 'demographic', 9);
update page set url = 'https://api.example.test/v4/top/anime?page=1', trace_id = '0af7651916cd43dd8448eb211c80319c' where seq = 5;

-- The four weeks before: a title falls from the third place to the hundred-and-first, with a week in which nobody looked.
insert into title_week (catalogue, mal_id, week, score, members, members_gained, score_place, members_place) values
    ('sample', 101, '2026-10-12', 8.70, 20000, null, 3, null),
    ('sample', 101, '2026-10-19', 8.66, 24000, 4000, 101, 2),
    ('sample', 101, '2026-11-02', 8.52, 28000, null, 7, null);

-- Titles beside it: 108 rises and falls as 101 does, a year before; 105 the other way round; 103 is a film.
insert into anime (catalogue, mal_id, title, type, airing, url, aired_from, aired_from_precision, facts_at, epoch, seq, position, judged_at)
values ('sample', 108, 'Kaze no Ashiato', 'TV', false, 'https://example.test/108', '2025-10-04', 'day', '2025-11-14', 1000, 5, 0, '2025-11-14');
update anime set aired_from = '2026-10-06', aired_from_precision = 'day' where catalogue = 'sample' and mal_id in (103, 105);
insert into title_week (catalogue, mal_id, week, score)
select 'sample', mal_id, week::date + 7 * n, score
from (values (101, '2026-09-28', '{8.72,8.71}'::numeric[]), (108, '2025-09-29', '{7.2,7.19,7.18,7.15,7.1,7.02,7.1}'),
    (105, '2026-10-05', '{7.2,7.3,7.4,7.5,7.6}'), (103, '2026-10-05', '{7.2,7.19,7.18,7.15,7.1}')) as t(mal_id, week, scores)
cross join lateral (select (ord - 1)::int as n, score from unnest(t.scores) with ordinality as s(score, ord)) s;
insert into title_latest (catalogue, mal_id, source_id, captured_at, epoch, seq)
select 'sample', 108, source_id, '2025-11-14', 1000, 5 from source where name = 'station';
select make_title_first_years('sample', '2026-11-09');
select make_title_names('sample', array[101, 103, 106, 107, 108]);
