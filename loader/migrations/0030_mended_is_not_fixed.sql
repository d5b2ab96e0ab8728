-- A row that a person mended says nothing of the judge: its group is not fixed by it, and what comes after it is no regression.

-- Whether the replay that resolved an item carried an edit.
create function is_mended(d dead_letter) returns boolean language sql stable as $$
    select exists (
        select from run r join page p using (run_id) cross join lateral edit_of_replay(d.root, p.replay_n)
        where r.run = d.run and p.page = d.page and p.committed_at = d.resolved_at and resolves(p, d)
    )
$$;

-- Derives everything about these items from their facts. Whoever adds a fact calls it in the same transaction, after
-- lock_dead_letters; no item twice.
create or replace function settle_dead_letters(given bigint[]) returns void language plpgsql as $$
begin
    if cardinality(given) = 0 then
        return;
    end if;
    perform count_dead_letters(given, -1);
    update dead_letter d set
        last_at = l.last_at, mal_id = n.mal_id, title = n.title, reason = n.reason, pointer = n.pointer, message = n.message,
        judge = n.judge, letter = n.letter, failures = l.failures, edited = coalesce(e.detail ? 'text', false),
        resolved_at = r.at, resolved_by = r.judge,
        state = case
            when r.at is not null then 'resolved'
            when x.action = 'discard' then 'discarded'
            when a.replays > l.attempt then 'published'
            when l.failures >= 3 then 'quarantined'
            when l.failures > 0 then 'failed'
            else 'open' end,
        correction = case
            when s.edit is null or s.text is not distinct from e.detail ->> 'text' then null
            when a.replays > greatest(s.n, l.attempt) then 'published'
            when l.attempt > s.n then 'failed'
            else 'waiting' end,
        version = l.letters + a.actions + (r.at is not null)::int
    from dead_letter me
    left join run u on u.run = me.run
    cross join lateral (
        select count(*)::int as letters, max(attempt) as attempt, max(at) as last_at,
            count(distinct attempt) filter (where attempt > 0)::int as failures
        from dead_letter_letter where item = me.item
    ) l
    cross join lateral (
        select letter, mal_id, title, reason, pointer, message, judge from dead_letter_letter where item = me.item
        order by attempt desc, raw_epoch desc nulls last, raw_seq desc nulls last, at desc, dlq_id desc limit 1
    ) n
    cross join lateral (
        select count(*)::int as actions, coalesce(max(n), 0) as replays from dead_letter_action where root = me.root
    ) a
    left join lateral (
        select detail from dead_letter_action where root = me.root and action in ('edit', 'revert') order by id desc limit 1
    ) e on true
    left join lateral (
        select action from dead_letter_action where root = me.root and action in ('discard', 'restore') order by id desc limit 1
    ) x on true
    left join lateral (
        select p.committed_at as at, p.judge from page p where p.run_id = u.run_id and p.page = me.page and resolves(p, me)
        order by p.committed_at, p.epoch, p.seq limit 1
    ) r on true
    left join lateral (select * from stored_edit(me.root) where r.at is not null and a.replays > 0) s on true
    where me.item = any(given) and d.item = me.item;

    delete from dead_letter_fault where item = any(given);
    perform file_dead_letters(given);

    -- Fixed: a replay of one of its items was stored as it came, by a judge that had not refused it.
    update dead_letter_group g set fixed_by = f.resolved_by, fixed_at = f.resolved_at
    from (
        select distinct on (f.grp) f.grp, d.resolved_by, d.resolved_at
        from dead_letter d join dead_letter_fault f using (item)
        where d.item = any(given) and d.resolved_by is distinct from d.judge and d.resolved_at is not null and not is_mended(d)
        order by f.grp, d.resolved_at desc
    ) f
    where g.grp = f.grp and (g.fixed_at is null or g.fixed_at < f.resolved_at);

    -- Of an edit one may learn after its row was stored.
    update dead_letter_group g set fixed_by = n.resolved_by, fixed_at = n.resolved_at
    from (
        select distinct f.grp
        from dead_letter d join dead_letter_fault f using (item) join dead_letter_group o using (grp)
        where d.item = any(given) and d.resolved_at = o.fixed_at and d.resolved_by is distinct from d.judge and is_mended(d)
    ) f
    left join lateral (
        select d.resolved_by, d.resolved_at from dead_letter_fault o join dead_letter d using (item)
        where o.grp = f.grp and d.resolved_by is distinct from d.judge and d.resolved_at is not null and not is_mended(d)
        order by d.resolved_at desc limit 1
    ) n on true
    where g.grp = f.grp;
end
$$;
alter function settle_dead_letters(bigint[]) set plan_cache_mode = force_generic_plan;

-- As before, but a place of any length makes a group: an index holds some 2,700 bytes.
create or replace function faults_of(reason text, pointer text, faults jsonb)
returns table (path text, keyword text, detail text) language sql immutable as $$
    select distinct on (path, keyword) path, keyword, detail
    from (
        select left(regexp_replace(coalesce(f ->> 'instance_path', ''), '/[0-9]+(?=/|$)', '/*', 'g'), 500) as path,
            left(coalesce(f ->> 'keyword', ''), 100) as keyword, coalesce(f ->> 'schema_path', '') as detail
        from jsonb_array_elements(case when jsonb_typeof(faults) = 'array' then faults else '[]' end) as f
        union all
        select left(regexp_replace(pointer, '/[0-9]+(?=/|$)', '/*', 'g'), 500), '', ''
        where faults = '[]' or jsonb_typeof(faults) <> 'array'
    ) all_faults
    order by path, keyword, detail
$$;
