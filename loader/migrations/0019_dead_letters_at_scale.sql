-- Groups are counted by stage and dataset too, so that lists by these read counts and no items.
create table dead_letter_group_cell (
    grp     bigint not null references dead_letter_group,
    state   text not null,
    stage   text not null,
    dataset text not null,
    items   bigint not null,
    sole    bigint not null,
    primary key (grp, state, stage, dataset)
);
comment on table dead_letter_group_cell is 'How many items of a group there are, so that no list counts them.';
insert into dead_letter_group_cell
select f.grp, d.state, d.stage, d.dataset, count(*), count(*) filter (where f.sole)
from dead_letter d join dead_letter_fault f using (item) where d.version > 0 group by 1, 2, 3, 4;
drop table dead_letter_group_count;
alter table dead_letter_group_cell rename to dead_letter_group_count;
alter index dead_letter_group_cell_pkey rename to dead_letter_group_count_pkey;
alter table dead_letter_group_count rename constraint dead_letter_group_cell_grp_fkey to dead_letter_group_count_grp_fkey;

-- What items are looked for by, in the order of their list.
create index dead_letter_judge on dead_letter (judge, first_at desc, item desc);
create index dead_letter_dataset on dead_letter (dataset, first_at desc, item desc);
create index dead_letter_edited on dead_letter (first_at desc, item desc) where edited;
create index dead_letter_failures on dead_letter (failures, first_at desc, item desc) where failures > 0;
create index dead_letter_title on dead_letter using gin (lower(title collate "C") gin_trgm_ops);

-- A new item is written and then settled, which changes nothing that has an index: there is room for that beside it.
alter table dead_letter set (fillfactor = 50);

create or replace function count_dead_letters(items bigint[], sign int) returns void language sql as $$
    insert into dead_letter_count as c (state, stage, reason, dataset, items)
    select state, stage, reason, dataset, sign * count(*) from dead_letter where item = any(items) and version > 0
    group by state, stage, reason, dataset order by state, stage, reason, dataset
    on conflict (state, stage, reason, dataset) do update set items = c.items + excluded.items;
    insert into dead_letter_group_count as c (grp, state, stage, dataset, items, sole)
    select f.grp, d.state, d.stage, d.dataset, sign * count(*), sign * count(*) filter (where f.sole)
    from dead_letter_fault f join dead_letter d using (item) where item = any(items)
    group by f.grp, d.state, d.stage, d.dataset order by f.grp, d.state, d.stage, d.dataset
    on conflict (grp, state, stage, dataset) do update set items = c.items + excluded.items, sole = c.sole + excluded.sole;
$$;

-- What became of a kind of fault, in one word.
create function dead_letter_group_state(g dead_letter_group) returns text language sql immutable as $$
    select case when g.muted then 'muted' when g.regressed_at > g.fixed_at then 'regressed' when g.fixed_at is not null then 'fixed'
        when g.acknowledged then 'acknowledged' else 'new' end
$$;

alter table dlq_progress
    add column bytes bigint, -- in the stream
    add column max_bytes bigint, -- that it may hold
    add column full_at timestamptz; -- when it is full at the pace of the last minutes

alter table dlq_job add column force boolean not null default false; -- a quarantined item, too, in a plan of that one alone
