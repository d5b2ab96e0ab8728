-- Titles with a name a part of which shares many groups of three letters with what is asked for: typing errors forgiven.
-- $1 catalogue, $2 what is asked for, $3 whether adult titles count, $4 how many, $5 titles that are found already.
with asked as materialized (
    select folded as text from (select fold_name($2) as folded) name where length(folded) > 2
), closest as (
    select found.mal_id, found.likeness, l.score, l.members
    from (
        -- Equal to a tenth: then members decide.
        select mal_id, max(round(word_similarity(asked.text, folded)::numeric, 1)) as likeness
        from title_name, asked
        where catalogue = $1 and folded %> asked.text and mal_id <> all ($5)
        group by mal_id
    ) found
    left join title_latest l on l.catalogue = $1 and l.line = 0 and l.mal_id = found.mal_id
    order by found.likeness desc, l.members desc nulls last, found.mal_id
    limit 1000
)
select c.mal_id, a.title, a.title_english, a.title_japanese, a.type as kind, a.season, a.year, c.score::float8 as score, c.members,
    a.image, (
        select n.name from title_name n, asked
        where n.catalogue = $1 and n.mal_id = c.mal_id
        order by word_similarity(asked.text, n.folded) desc, length(n.folded), n.name
        limit 1
    ) as matched, true as guess
from closest c
join anime a on a.catalogue = $1 and a.mal_id = c.mal_id
where $3 or a.rating is null or a.rating not like 'Rx%'
order by c.likeness desc, c.members desc nulls last, c.mal_id
limit $4
