-- Beside those of seed.sql, 400 titles of two types that premiere over two years; nearly all are scored in most of a year's weeks, a
-- few in none. Their lines are drawn from twenty shapes, so that many are nearly alike, and from the dice.
select setseed(0.4);
insert into anime (catalogue, mal_id, title, type, rating, airing, url, aired_from, aired_from_precision, facts_at, epoch, seq, position, judged_at)
select 'sample', i, 'Title ' || i, case when i % 4 = 0 then 'Movie' else 'TV' end, case when i % 9 = 0 then 'Rx - Hentai' end, false, '',
    date '2026-11-14' - i * 2, case when i % 50 = 0 then 'month' else 'day' end, '2026-11-14', 1000, 5, i, '2026-11-14'
from generate_series(1001, 1400) i;
update anime set aired_from = date '2026-11-14' - (mal_id - 1000) * 2 where mal_id > 1000;
insert into title_latest (catalogue, mal_id, source_id, captured_at, epoch, seq, members)
select 'sample', mal_id, 1, '2026-11-14', 1000, 5, case when mal_id % 7 > 0 then (random() * 1000)::int end from anime where mal_id > 1000;
insert into title_week (catalogue, mal_id, week, score)
select 'sample', mal_id, week_of('2026-11-14') - 7 * ago,
    case when random() < 0.9 then round((7 + sin(mal_id % 20 + ago / (3.0 + mal_id % 5)) + (random() - 0.5) * (mal_id % 3))::numeric, 2) end
from anime, generate_series(0, 51) ago
where mal_id > 1000 and mal_id % 11 > 0 and random() < 0.9;
select make_title_first_years('sample', week_of('2026-11-14'));
