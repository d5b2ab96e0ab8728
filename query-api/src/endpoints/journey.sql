-- $1 and $2 epoch and sequence in RAW, $3 a title or null.
select p.epoch, p.seq, p.catalogue, p.dataset, r.run, r.state as run_state, s.name as source, p.page, r.pages_planned, p.url,
    p.judge, p.contract, p.received, p.accepted, p.dead + p.load_dead as dead, p.stored, p.duplicate, p.replay_root,
    e.at as edited_at, e.id as edit, p.trace_id,
    kept.file as archive, p.captured_at, p.stored_at, p.judged_at, p.committed_at,
    o.mal_id, o.position - (p.page - 1) * p.row_limit as index, o.position
from page p
join run r using (run_id)
join source s on s.source_id = p.source_id
left join lateral (
    select f.file from archive_file f
    where f.epoch = p.epoch and f.first <= p.seq and f.last >= p.seq
    order by f.first desc
    limit 1
) kept on true
left join lateral edit_of_replay(p.replay_root, p.replay_n) e on true
left join observation o on o.catalogue = p.catalogue and o.mal_id = $3 and o.captured_at = p.captured_at
    and o.run_id = p.run_id and o.epoch = p.epoch and o.seq = p.seq
where p.epoch = $1 and p.seq = $2
