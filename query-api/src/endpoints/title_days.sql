-- $8 the last day; the first is that of the line.
select every.day::date as day, line.day is not null as observed, line.score, line.scored_by, line.rank, line.popularity,
    line.members, line.favorites, line.captured_at, s.name as source, r.run, line.epoch, line.seq,
    exists (select from edit_of_replay(p.replay_root, p.replay_n)) as edited
from generate_series($4::timestamp, $8::date::timestamp, interval '1 day') as every(day)
left join line on line.day = every.day::date
left join source s using (source_id)
left join run r using (run_id)
left join page p on p.epoch = line.epoch and p.seq = line.seq and p.replay_root is not null
order by every.day
