-- A new letter stays in one place, body and all, where its compressed bytes fit into half a page: beside its row it needs no row of its
-- own in another table, and no entry in that one's index.
alter table dead_letter_letter set (toast_tuple_target = 4080);

-- What file_dead_letters and note_letters do for items that one letter each has just made, with one look at these letters.
create function file_new_letters(given bigint[], items bigint[]) returns void language plpgsql as $$
begin
    with fault as materialized (
        select l.item, l.reason, f.path, f.keyword, f.detail, l.at
        from dead_letter_letter l cross join lateral faults_of(l.reason, l.pointer, l.faults) f
        where l.letter = any(given)
    ), groups as (
        insert into dead_letter_group as g (reason, path, keyword, first_at, last_at, new_at, detail)
        select reason, path, keyword, min(at), max(at), max(at), (array_agg(detail order by at))[1]
        from fault group by reason, path, keyword order by reason, path, keyword
        on conflict (reason, path, keyword) do update set
            first_at = least(g.first_at, excluded.first_at), last_at = greatest(g.last_at, excluded.last_at),
            new_at = greatest(g.new_at, excluded.new_at), detail = coalesce(nullif(g.detail, ''), excluded.detail)
        returning grp, reason, path, keyword
    ), hours as (
        insert into dead_letter_group_hour as h (grp, hour, items)
        select grp, date_trunc('hour', at, 'UTC'), count(*) from fault join groups using (reason, path, keyword)
        group by 1, 2 order by 1, 2
        on conflict (grp, hour) do update set items = h.items + excluded.items
    )
    insert into dead_letter_fault (item, grp, sole)
    select item, grp, count(*) over (partition by item) = 1 from fault join groups using (reason, path, keyword);
    perform count_dead_letters(items, 1);
end
$$;
alter function file_new_letters(bigint[], bigint[]) set plan_cache_mode = force_generic_plan;
