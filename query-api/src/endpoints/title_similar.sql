-- The first years of those a title is held against: of its type, with most members, on the air when there were weeks.
-- $1 catalogue, $2 title, $3 the last week.
select f.mal_id, f.year, ($3 - week_of(f.premiere)) / 7 as last
from anime own
join title_first_year f on f.catalogue = $1 and f.type = own.type and f.premiere <= $3 and f.mal_id <> own.mal_id
    and (own.rating like 'Rx%' or not f.adult)
where own.catalogue = $1 and own.mal_id = $2
order by f.members desc nulls last, f.mal_id
limit 300
