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
select make_title_names('sample', array[101, 103, 106, 107]);
