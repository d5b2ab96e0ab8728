-- Writes the items that letters are about; says of each its number, and whether it is as settling would leave it: it is new, one letter
-- alone made it ($3, no replay), nobody acted on its place, and no page resolves it.
-- Each is looked up: `offset 0` keeps the planner from reading these tables whole while they are young.
with given as materialized (
    select *, letter is not null
        and not exists (select from dead_letter_action a where a.root = i.root offset 0)
        and not exists (
            select from run r join page p using (run_id) where r.run = i.run and p.page = i.page and resolves(p, i.root, i.row)
            offset 0
        ) as is_settled
    from (
        select unnest($1::text[]) as root, unnest($2::bigint[]) as item, unnest($3::bigint[]) as letter, unnest($4::uuid[]) as run,
            unnest($5::int[]) as page, unnest($6::int[]) as row, unnest($7::text[]) as stage, unnest($8::text[]) as catalogue,
            unnest($9::text[]) as source, unnest($10::text[]) as dataset, unnest($11::timestamptz[]) as at,
            unnest($12::bigint[]) as mal_id, unnest($13::text[]) as title, unnest($14::text[]) as reason,
            unnest($15::text[]) as pointer, unnest($16::text[]) as message, unnest($17::text[]) as judge
    ) i
)
insert into dead_letter as d (item, root, run, page, row, stage, catalogue, source, dataset, first_at, last_at, mal_id, title, reason,
    pointer, message, judge, letter, version)
overriding system value
select distinct on (root collate "C") item, root, run, page, row, stage, catalogue, source, dataset, at, at, mal_id, title, reason, pointer, message,
    judge, case when is_settled then letter end, is_settled::int
from given order by root collate "C", at
on conflict (root) do update set first_at = least(d.first_at, excluded.first_at)
returning root, item, xmax = 0 and letter is not null
