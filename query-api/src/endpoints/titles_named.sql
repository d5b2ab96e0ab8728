-- Titles of which a name is, begins with, or holds what is asked for: the closest first, then those with most members.
-- $1 catalogue, $2 what is asked for, $3 whether adult titles count, $4 how many.
with asked as materialized (
    select folded as text, '%' || regexp_replace(folded, '([\\%_])', '\\\1', 'g') || '%' as pattern
    from (select fold_name($2) as folded) name
    where folded <> ''
), found as (
    -- The index of prefixes serves any length, that of trigrams needs three letters; one or two Chinese or Japanese
    -- characters have one of their own.
    select mal_id, case when folded = asked.text then 0 else 1 end as distance
    from title_name, asked
    where catalogue = $1 and folded ~>=~ asked.text and folded ~<~ (asked.text || chr(1114111))
    union all
    select mal_id, case when strpos(folded, ' ' || asked.text) > 0 then 2 else 3 end
    from title_name, asked
    where catalogue = $1 and length(asked.text) > 2 and folded like asked.pattern
    union all
    select mal_id, 3
    from title_name, asked
    where catalogue = $1 and length(asked.text) <= 2 and name_characters(folded) @> array[asked.text]
), closest as (
    -- Facts are looked up for so many: far more than are shown, so that adult ones may fall out.
    select found.mal_id, found.distance, l.score, l.members
    from (select mal_id, min(distance) as distance from found group by mal_id) found
    left join title_latest l on l.catalogue = $1 and l.line = 0 and l.mal_id = found.mal_id
    order by found.distance, l.members desc nulls last, found.mal_id
    limit 1000
)
select c.mal_id, a.title, a.title_english, a.title_japanese, a.type as kind, a.season, a.year, c.score::float8 as score, c.members,
    a.image, (
        select n.name from title_name n, asked
        where n.catalogue = $1 and n.mal_id = c.mal_id and strpos(n.folded, asked.text) > 0
        order by n.folded = asked.text desc, starts_with(n.folded, asked.text) desc, length(n.folded), n.name
        limit 1
    ) as matched, false as guess
from closest c
join anime a on a.catalogue = $1 and a.mal_id = c.mal_id
where $3 or a.rating is null or a.rating not like 'Rx%'
order by c.distance, c.members desc nulls last, c.mal_id
limit $4
