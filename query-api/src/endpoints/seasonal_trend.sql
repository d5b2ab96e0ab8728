-- The titles of each season, without those of no season and those that only a history named.
-- $1 catalogue, $2 whether adult titles count.
select year * 4 + array_position(array['winter', 'spring', 'summer', 'fall'], season) - 1 as ordinal, array_agg(mal_id) as titles
from anime
where catalogue = $1 and not name_only and ($2 or rating is null or rating not like 'Rx%') and year is not null and season is not null
group by year, season
