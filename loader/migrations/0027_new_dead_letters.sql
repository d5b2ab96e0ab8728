-- A dead letter of a place that nobody knew yet is written once: what settle_dead_letters would derive is known with it.

-- Whether a committed page resolves a dead place of its run and number, whether or not there is an item of it.
create function resolves(p page, dead_root text, dead_row int) returns boolean language sql immutable as $$
    select dead_row is null and p.replay_row is null or dead_row = any(p.committed)
        or p.replay_root = dead_root and (p.replay_row is null or cardinality(p.committed) > 0)
$$;
create or replace function resolves(p page, d dead_letter) returns boolean language sql immutable as $$
    select resolves(p, d.root, d.row)
$$;

-- Notes the faults of these items' newest letters, of which none is noted, and counts the items.
create function file_dead_letters(given bigint[]) returns void language plpgsql as $$
begin
    with fault as materialized (
        select d.item, l.reason, f.path, f.keyword, f.detail, l.at
        from dead_letter d join dead_letter_letter l using (letter)
        cross join lateral faults_of(l.reason, l.pointer, l.faults) f
        where d.item = any(given)
    ), kind as materialized (
        select *, dead_letter_group_number(reason, path, keyword) as grp
        from (select distinct on (reason, path, keyword) * from fault order by reason, path, keyword, at) first
    ), groups as (
        insert into dead_letter_group as g (reason, path, keyword, first_at, last_at, detail)
        select reason, path, keyword, at, at, detail from kind
        on conflict (reason, path, keyword) do update set detail = excluded.detail where g.detail = ''
    )
    insert into dead_letter_fault (item, grp, sole)
    select item, grp, count(*) over (partition by item) = 1
    from fault f join (select grp, reason, path, keyword from kind) k using (reason, path, keyword);
    perform count_dead_letters(given, 1);
end
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

    -- Fixed: a replay of one of its items was stored, by a judge that had not refused it.
    update dead_letter_group g set fixed_by = f.resolved_by, fixed_at = f.resolved_at
    from (
        select distinct on (f.grp) f.grp, d.resolved_by, d.resolved_at
        from dead_letter d join dead_letter_fault f using (item)
        where d.item = any(given) and d.resolved_by is distinct from d.judge and d.resolved_at is not null
        order by f.grp, d.resolved_at desc
    ) f
    where g.grp = f.grp and (g.fixed_at is null or g.fixed_at < f.resolved_at);
end
$$;
