-- Writes the items that letters are about. Of a new one that its letter alone makes, the letter's number: it needs no settling. The
-- letter is no replay and the only one of its place in the batch, its id is new, nobody acted on its place, and no page resolves it.
-- Each is looked up: `offset 0` keeps the planner from reading these tables whole while they are young.
with given as materialized (
    select *, alone
        and not exists (select from dead_letter_letter l where l.dlq_id = i.dlq_id offset 0)
        and not exists (select from dead_letter_action a where a.root = i.root offset 0)
        and not exists (
            select from run r join page p using (run_id) where r.run = i.run and p.page = i.page and resolves(p, i.root, i.row)
            offset 0
        ) as is_settled
    from unnest($1::text[], $2::text[], $3::uuid[], $4::int[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::timestamptz[], $11::bigint[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::boolean[])
        as i(dlq_id, root, run, page, row, stage, catalogue, source, dataset, at, mal_id, title, reason, pointer, message, judge, alone)
)
insert into dead_letter as d (root, run, page, row, stage, catalogue, source, dataset, first_at, last_at, mal_id, title, reason,
    pointer, message, judge, letter, version)
select distinct on (root) root, run, page, row, stage, catalogue, source, dataset, at, at, mal_id, title, reason, pointer, message,
    judge, case when is_settled then nextval('dead_letter_letter_letter_seq') end, is_settled::int
from given order by root, at
on conflict (root) do update set first_at = least(d.first_at, excluded.first_at)
returning root, item, case when xmax = 0 then letter end
