-- The titles of a catalogue by their last known numbers. One that only a history named has no season and no genre to count
-- in, as far as anybody knows.
-- $1 catalogue, $2 whether adult titles count, $3 for what follows.
with asked as (
    select $3::text as kind
), title as materialized (
    select l.mal_id, a.year, a.season, l.score, l.members
    from title_latest l
    join anime a on a.catalogue = l.catalogue and a.mal_id = l.mal_id
    where l.catalogue = $1 and not a.name_only and ($2 or a.rating is null or a.rating not like 'Rx%')
)
