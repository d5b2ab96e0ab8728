-- $1 catalogue, $2 title.
select mal_id, title, title_english, title_japanese, synonyms, type as kind, source_material, episodes, status, airing,
    aired_from, aired_from_precision, aired_to, duration, rating, season, year, broadcast, image, url, name_only
from anime
where catalogue = $1 and mal_id = $2
