-- What is looked up for dead letters is looked up: a plan that read dead_letter or dead_letter_letter whole, because it was made while
-- they were small or for hundreds of items that count for many, did so for each batch of a flood. Of 12,000 letters each was read
-- some thirty times.

create or replace function count_dead_letters(given bigint[], sign int) returns void language plpgsql as $$
begin
    insert into dead_letter_count as c (state, stage, reason, dataset, items)
    select state, stage, reason, dataset, sign * count(*) from dead_letter where item = any(given) and version > 0
    group by state, stage, reason, dataset order by state, stage, reason, dataset
    on conflict (state, stage, reason, dataset) do update set items = c.items + excluded.items;
    insert into dead_letter_group_count as c (grp, state, stage, dataset, items, sole)
    select f.grp, d.state, d.stage, d.dataset, sign * count(*), sign * count(*) filter (where f.sole)
    from dead_letter_fault f
    cross join lateral (select state, stage, dataset from dead_letter where item = f.item offset 0) d -- no join of whole tables
    where f.item = any(given)
    group by f.grp, d.state, d.stage, d.dataset order by f.grp, d.state, d.stage, d.dataset
    on conflict (grp, state, stage, dataset) do update set items = c.items + excluded.items, sole = c.sole + excluded.sole;
end
$$;

-- The plan for any numbers, made once, in place of one for the very numbers that are given.
alter function count_dead_letters(bigint[], int) set plan_cache_mode = force_generic_plan;
alter function file_dead_letters(bigint[]) set plan_cache_mode = force_generic_plan;
alter function settle_dead_letters(bigint[]) set plan_cache_mode = force_generic_plan;
alter function note_letters(bigint[]) set plan_cache_mode = force_generic_plan;
