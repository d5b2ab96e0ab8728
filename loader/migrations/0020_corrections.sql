-- A stored row says by which replay it came, so that the edit it carried is known; a wrong edit can be corrected.

alter table page add column replay_n int;
comment on column page.replay_n is 'Which replay of replay_root this message is; null on pages of before the column that are not in a plan.';
update page p set replay_n = m.n from dlq_plan_member m
where p.replay_root = m.root and (p.epoch, p.seq) = (m.raw_epoch, m.raw_seq);
create index page_replay on page (replay_root, epoch, seq) where replay_root is not null;

alter table dead_letter add column correction text check (correction in ('waiting', 'published', 'failed'));
comment on column dead_letter.correction is
    'Of an item whose stored text is an operator''s: what becomes of another text, as long as that one is not stored.';
comment on column dead_letter_action.detail is
    'edit: {"text"}; revert: {"text"} where it goes back to a stored text, not to the one that came; group: {"reason","path","keyword","set":{…}}; job: {"state"}';

-- Whether a committed page of the item's run and number resolves it: committing a row resolves every root of its place, a whole
-- page (empty too) that of the page, a replay its own root.
drop view resolution;
create function resolves(p page, d dead_letter) returns boolean language sql immutable as $$
    select d.row is null and p.replay_row is null or d.row = any(p.committed)
        or p.replay_root = d.root and (p.replay_row is null or cardinality(p.committed) > 0)
$$;

-- The edit that a replay carried; none where the text went as it came.
create function edit_of_replay(of text, number int) returns setof dead_letter_action language sql stable rows 1 as $$
    select e.*
    from dead_letter_action a
    cross join lateral (
        select * from dead_letter_action where root = a.root and id < a.id and action in ('edit', 'revert') order by id desc limit 1
    ) e
    where a.root = of and a.n = number and a.action = 'replay' and e.detail ? 'text'
$$;

-- The newest committed replay of an item, if it carried an edit. It stands as long as it owns what it stored; a whole page also as
-- long as nothing of the page came after it.
create function stored_edit(of text)
returns table (epoch bigint, seq bigint, n int, stands boolean, edit bigint, text text) language sql stable rows 1 as $$
    select p.epoch, p.seq, p.replay_n, p.stored > 0 and (p.replay_row is not null or not exists (
            select from page q
            where q.run_id = p.run_id and q.page = p.page and (q.epoch, q.seq) > (p.epoch, p.seq) and cardinality(q.committed) > 0
        )), e.id, e.detail ->> 'text'
    from (
        select * from page where replay_root = of and cardinality(committed) > 0 order by epoch desc, seq desc limit 1
    ) p
    cross join lateral edit_of_replay(of, p.replay_n) e
$$;

-- Whether a replay of an item, or what came after it, is stored. Of an item that is being corrected the number tells.
create function is_stored(d dead_letter, number int) returns boolean language sql stable as $$
    select d.resolved_at is not null and (d.correction is null or exists (
        select from page p where p.replay_root = d.root and p.replay_n >= number and cardinality(p.committed) > 0
    ))
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
    from unnest(given) as g(item)
    join dead_letter me on me.item = g.item
    cross join lateral (
        select count(*)::int as letters, max(attempt) as attempt, max(at) as last_at,
            count(distinct attempt) filter (where attempt > 0)::int as failures
        from dead_letter_letter where item = g.item
    ) l
    cross join lateral (
        select * from dead_letter_letter where item = g.item order by attempt desc, raw_epoch desc nulls last,
            raw_seq desc nulls last, at desc, dlq_id desc limit 1
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
        select p.committed_at as at, p.judge from run u join page p using (run_id)
        where u.run = me.run and p.page = me.page and resolves(p, me)
        order by p.committed_at, p.epoch, p.seq limit 1
    ) r on true
    left join lateral (select * from stored_edit(me.root) where r.at is not null and a.replays > 0) s on true
    where d.item = g.item;

    insert into dead_letter_group as g (reason, path, keyword, first_at, last_at, detail)
    select distinct on (l.reason, f.path, f.keyword) l.reason, f.path, f.keyword, l.at, l.at, f.detail
    from dead_letter d join dead_letter_letter l using (letter)
    cross join lateral faults_of(l.reason, l.pointer, l.faults) f
    where d.item = any(given)
    order by l.reason, f.path, f.keyword, l.at
    on conflict (reason, path, keyword) do update set detail = excluded.detail where g.detail = '';
    delete from dead_letter_fault where item = any(given);
    insert into dead_letter_fault (item, grp, sole)
    select d.item, g.grp, count(*) over (partition by d.item) = 1
    from dead_letter d join dead_letter_letter l using (letter)
    cross join lateral faults_of(l.reason, l.pointer, l.faults) f
    join dead_letter_group g on (g.reason, g.path, g.keyword) = (l.reason, f.path, f.keyword)
    where d.item = any(given);
    perform count_dead_letters(given, 1);

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
