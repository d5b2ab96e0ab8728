-- What a group is and when it came follows from its letters alone, in whatever order they are written.

-- The number of a group follows from what it is, so that links and plans that name it outlive a rebuilding.
create function dead_letter_group_number(reason text, path text, keyword text) returns bigint language sql immutable as $$
    select ('x' || substr(md5(concat_ws(E'\n', reason, path, keyword)), 1, 12))::bit(48)::bigint
$$;
create function number_dead_letter_group() returns trigger language plpgsql as $$
begin
    new.grp := dead_letter_group_number(new.reason, new.path, new.keyword);
    return new;
end
$$;
alter table dead_letter_group alter column grp drop identity;
alter table dead_letter_fault drop constraint dead_letter_fault_grp_fkey;
alter table dead_letter_group_hour drop constraint dead_letter_group_hour_grp_fkey;
alter table dead_letter_group_count drop constraint dead_letter_group_count_grp_fkey;
create temporary table renumbered on commit drop as
    select grp as before, dead_letter_group_number(reason, path, keyword) as after from dead_letter_group;
update dead_letter_group set grp = after from renumbered where grp = before;
update dead_letter_fault set grp = after from renumbered where grp = before;
update dead_letter_group_hour set grp = after from renumbered where grp = before;
update dead_letter_group_count set grp = after from renumbered where grp = before;
alter table dead_letter_fault add foreign key (grp) references dead_letter_group;
alter table dead_letter_group_hour add foreign key (grp) references dead_letter_group;
alter table dead_letter_group_count add foreign key (grp) references dead_letter_group;
create trigger dead_letter_group_number before insert on dead_letter_group
    for each row execute function number_dead_letter_group();

-- A group is regressed once a new row has come to it after it was fixed.
alter table dead_letter_group add column new_at timestamptz not null default '-infinity';
update dead_letter_group set new_at = regressed_at where regressed_at is not null;
alter table dead_letter_group drop column regressed_at, drop column judges;
alter table dead_letter_group add column regressed_at timestamptz
    generated always as (case when new_at > fixed_at then new_at end) stored;
comment on column dead_letter_group.new_at is 'When a row died of it last, replays left aside.';
comment on column dead_letter_group.regressed_at is 'When a row died of it last, if that was after it was fixed.';

-- Says of groups what new letters tell: each letter of the faults that it has itself. After settle_dead_letters.
create or replace function note_letters(given bigint[]) returns void language sql as $$
    with noted as (
        select l.reason, f.path, f.keyword, f.detail, l.at, l.attempt = 0 as is_new
        from dead_letter_letter l cross join lateral faults_of(l.reason, l.pointer, l.faults) f
        where l.letter = any(given)
    ), groups as (
        insert into dead_letter_group as g (reason, path, keyword, first_at, last_at, new_at, detail)
        select reason, path, keyword, min(at), max(at), coalesce(max(at) filter (where is_new), '-infinity'), min(detail)
        from noted group by reason, path, keyword order by reason, path, keyword
        on conflict (reason, path, keyword) do update set
            first_at = least(g.first_at, excluded.first_at), last_at = greatest(g.last_at, excluded.last_at),
            new_at = greatest(g.new_at, excluded.new_at), detail = coalesce(nullif(g.detail, ''), excluded.detail)
        returning grp, reason, path, keyword
    )
    insert into dead_letter_group_hour as h (grp, hour, items)
    select g.grp, date_trunc('hour', n.at, 'UTC'), count(*)
    from noted n join groups g using (reason, path, keyword)
    where n.is_new group by 1, 2 order by 1, 2
    on conflict (grp, hour) do update set items = h.items + excluded.items;
$$;

-- What people said of a group: of each thing the last word, whatever the order in which the actions are written. After the
-- action is; before the group's first letter too.
create index dead_letter_action_group on dead_letter_action ((detail ->> 'reason'), (detail ->> 'path'), (detail ->> 'keyword'), id)
    where action = 'group';
create or replace function set_dead_letter_group(about jsonb) returns void language sql as $$
    insert into dead_letter_group (reason, path, keyword, first_at, last_at, detail)
    values (about ->> 'reason', about ->> 'path', about ->> 'keyword', 'infinity', '-infinity', '')
    on conflict (reason, path, keyword) do nothing;
    with said as (
        select id, detail -> 'set' as words from dead_letter_action
        where action = 'group' and (detail ->> 'reason', detail ->> 'path', detail ->> 'keyword')
            = (about ->> 'reason', about ->> 'path', about ->> 'keyword')
    ), newest as (
        select distinct on (key) key, value from said cross join jsonb_each(words) order by key, id desc
    )
    update dead_letter_group g set
        acknowledged = coalesce((s ->> 'acknowledged')::boolean, false), muted = coalesce((s ->> 'muted')::boolean, false),
        hold = coalesce((s ->> 'hold')::boolean, false), note = s ->> 'note', link = s ->> 'link', owner = s ->> 'owner',
        version = (select count(*) from said)
    from (select coalesce(jsonb_object_agg(key, value), '{}') as s from newest) last_words
    where (reason, path, keyword) = (about ->> 'reason', about ->> 'path', about ->> 'keyword');
$$;
