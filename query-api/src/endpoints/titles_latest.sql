-- The titles of a catalogue by their last known numbers. One that only a history named has no season and no genre to count
-- in, as far as anybody knows.
-- $1 catalogue, $2 whether adult titles count, $3 for what follows.
with asked as (
    select $3::text as kind
), known as materialized (
    select mal_id, score, members, true as is_known from title_latest where catalogue = $1 and line = 0
), fact as materialized (
    select mal_id, year, season, true as is_shown
    from anime
    where catalogue = $1 and not name_only and ($2 or rating is null or rating not like 'Rx%')
), every_title as materialized (
    -- A full join: the planner cannot make loops of it, whatever it takes the number of rows for.
    select mal_id, year, season, score, members, is_known, is_shown from known full join fact using (mal_id)
), title as not materialized (
    select mal_id, year, season, score, members from every_title where is_known and is_shown
)
