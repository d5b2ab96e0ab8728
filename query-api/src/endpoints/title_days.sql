select line.day, line.captured_at, s.name as source, r.run, line.epoch, line.seq, line.score, line.scored_by, line.rank,
    line.popularity, line.members, line.favorites
from line
join source s using (source_id)
join run r using (run_id)
order by line.day
