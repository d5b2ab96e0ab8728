, part as (
    select
        t.mal_id as genre_id,
        t.name,
        count(*) as titles,
        count(title.score) as scored,
        avg(title.score)::float8 as mean_score,
        coalesce(sum(title.members), 0)::bigint as members
    from title
    join anime_tag link on link.catalogue = $1 and link.anime_id = title.mal_id and link.kind = (select kind from asked)
    join tag t on t.catalogue = $1 and t.kind = (select kind from asked) and t.mal_id = link.tag_id
    group by t.mal_id, t.name
)
-- One line without a genre where no title has one, so that the number of titles is always told.
select every.titles as all_titles, part.*
from (select count(*) as titles from title) every
left join part on true
order by part.titles desc, part.name, part.genre_id
