-- $1 catalogue, $2 and $3 the run and its instant, $4 and $5 those of the run before or null, $6 how many,
-- $7 whether adult titles count.
with shown as (
    select k.position, k.mal_id, k.epoch, k.seq, a.title, a.title_english, a.title_japanese, a.type, a.season, a.year
    from ranking k
    join anime a on a.catalogue = k.catalogue and a.mal_id = k.mal_id
    where k.run_id = $2 and k.catalogue = $1 and ($7 or a.rating is null or a.rating not like 'Rx%')
    order by k.position
    limit $6
)
select
    shown.position + 1 as place,
    before.place as previous_place,
    shown.mal_id, shown.title, shown.title_english, shown.title_japanese, shown.type, shown.season, shown.year,
    array(
        select studio.name
        from anime_tag link
        join tag studio on studio.catalogue = $1 and studio.kind = 'studio' and studio.mal_id = link.tag_id
        where link.catalogue = $1 and link.anime_id = shown.mal_id and link.kind = 'studio'
        order by studio.name
    ) as studios,
    now.score::float8 as score,
    (now.score - earlier.score)::float8 as score_change,
    now.scored_by,
    now.members,
    page.page,
    shown.epoch,
    shown.seq,
    kept.file as archive,
    exists (select from edit_of_replay(page.replay_root, page.replay_n)) as edited
from shown
left join observation now
    on now.catalogue = $1 and now.mal_id = shown.mal_id and now.captured_at = $3 and now.run_id = $2
left join observation earlier
    on earlier.catalogue = $1 and earlier.mal_id = shown.mal_id and earlier.captured_at = $5 and earlier.run_id = $4
left join lateral (
    select p.page, p.replay_root, p.replay_n from page p where p.epoch = shown.epoch and p.seq = shown.seq limit 1
) page on true
left join lateral (
    select f.file from archive_file f
    where f.epoch = shown.epoch and f.first <= shown.seq and f.last >= shown.seq
    order by f.first desc
    limit 1
) kept on true
cross join lateral (
    select min(k.position) + 1 as place from ranking_position k where k.run_id = $4 and k.mal_id = shown.mal_id
) before
order by shown.position
