, part as (
    select
        link.tag_id,
        count(*) as titles,
        count(title.score) as scored,
        avg(title.score)::float8 as mean_score,
        coalesce(sum(title.members), 0)::bigint as members
    from title
    join anime_tag link on link.catalogue = $1 and link.anime_id = title.mal_id and link.kind = (select kind from asked)
    group by link.tag_id
)
-- One line without a genre where no title has one, so that the number of titles is always told.
select every.titles as all_titles, t.mal_id as genre_id, t.name, part.*
from (select count(*) as titles from title) every
left join (
    part join tag t on t.catalogue = $1 and t.kind = (select kind from asked) and t.mal_id = part.tag_id
) on true
order by part.titles desc, t.name, genre_id
