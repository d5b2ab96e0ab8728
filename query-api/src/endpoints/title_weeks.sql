-- $1 catalogue, $2 title, $3 the last week.
select week, score::float8 as score, members, members_gained, score_place, members_place
from title_week
where catalogue = $1 and mal_id = $2 and week <= $3
order by week
