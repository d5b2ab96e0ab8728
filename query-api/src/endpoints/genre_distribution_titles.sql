-- The titles of a catalogue. One that only a history named has no season and no genre to count in, as far as anybody knows.
-- $1 catalogue, $2 whether adult titles count.
select coalesce(array_agg(mal_id), '{}')
from anime
where catalogue = $1 and not name_only and ($2 or rating is null or rating not like 'Rx%')
