-- $1 catalogue, $2 title.
select t.kind, t.mal_id as id, t.name
from anime_tag link
join tag t on t.catalogue = link.catalogue and t.kind = link.kind and t.mal_id = link.tag_id
where link.catalogue = $1 and link.anime_id = $2
order by t.name, t.mal_id
