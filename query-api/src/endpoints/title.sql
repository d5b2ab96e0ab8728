-- A history may tell numbers of a title that nobody has named yet.
-- $1 catalogue, $2 title.
select $2 as mal_id, coalesce(a.title, 'Title ' || $2) as title, a.title_english, a.title_japanese, coalesce(a.synonyms, '{}') as synonyms,
    a.type as kind, a.source_material, a.episodes, a.status, a.airing, a.aired_from, a.aired_from_precision, a.aired_to, a.duration,
    a.rating, a.season, a.year, a.broadcast, a.image, a.url, coalesce(a.name_only, true) as name_only
from (select) as one
left join anime a on a.catalogue = $1 and a.mal_id = $2
where a.mal_id is not null or exists (select from title_latest l where l.catalogue = $1 and l.line = 0 and l.mal_id = $2)
