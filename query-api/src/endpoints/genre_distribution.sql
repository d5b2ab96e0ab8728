-- Who has each tag of a kind.
-- $1 catalogue, $2 kind.
select t.mal_id as genre_id, t.name, link.titles
from (
    select tag_id, array_agg(anime_id) as titles from anime_tag where catalogue = $1 and kind = $2 group by tag_id
) link
join tag t on t.catalogue = $1 and t.kind = $2 and t.mal_id = link.tag_id
