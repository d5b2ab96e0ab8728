-- Whose row stands where RAW message $1, $2 stored one of title $3; of a whole page, also what came for the page after it.
select q.seq, q.page, r.run::text as run, q.dataset, q.replay_root, a.actor, a.at, a.reason
from page p
cross join lateral (
    select o.epoch, o.seq from observation o
    where o.catalogue = p.catalogue and o.mal_id = $3 and o.captured_at = p.captured_at and o.source_id = p.source_id and o.owner
    union all
    select g.epoch, g.seq from genre_observation g
    where g.catalogue = p.catalogue and g.genre_id = $3 and g.captured_at = p.captured_at and g.source_id = p.source_id and g.owner
    union all
    select l.epoch, l.seq from page l
    where p.replay_row is null and l.run_id = p.run_id and l.page = p.page and (l.epoch, l.seq) > (p.epoch, p.seq)
        and cardinality(l.committed) > 0
) owner
join page q on q.epoch = owner.epoch and q.seq = owner.seq
join run r on r.run_id = q.run_id
left join dead_letter_action a on a.root = q.replay_root and a.n = q.replay_n and a.action = 'replay'
where p.epoch = $1 and p.seq = $2 and (owner.epoch, owner.seq) <> ($1, $2)
order by owner.epoch desc, owner.seq desc
limit 1
