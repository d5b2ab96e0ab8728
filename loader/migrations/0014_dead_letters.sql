-- Dead letters as a person sees them: a projection of DLQ, AUDIT and the stored pages that can be thrown away and rebuilt.
-- An item is a root, a place upstream that is dead. Facts about it are letters (messages of DLQ), actions and the resolution;
-- its state is a function of the set of its facts, never of their order.

create table dead_letter (
    item        bigint generated always as identity primary key,
    root        text not null unique, -- <run>:<page>:<row or page>:<stage>
    run         uuid not null,
    page        int not null,
    row         int, -- null for a whole page
    stage       text not null, -- of its first death
    catalogue   text,
    source      text,
    dataset     text not null,
    first_at    timestamptz not null,
    -- Derived from the facts by settle_dead_letters.
    last_at     timestamptz not null,
    mal_id      bigint,
    title       text,
    reason      text not null,
    pointer     text not null,
    message     text not null,
    judge       text not null,
    letter      bigint, -- the newest letter
    failures    int not null default 0, -- replays that failed
    edited      boolean not null default false,
    resolved_at timestamptz,
    resolved_by text, -- the judge
    state       text not null default 'open'
        check (state in ('open', 'published', 'resolved', 'failed', 'quarantined', 'discarded')),
    version     int not null default 0 -- the number of its facts
);
comment on table dead_letter is 'One place upstream that is dead, and what became of it.';
create index dead_letter_place on dead_letter (run, page);
create index dead_letter_newest on dead_letter (state, first_at desc, item desc);
create index dead_letter_all on dead_letter (first_at desc, item desc);

create table dead_letter_letter (
    letter      bigint generated always as identity primary key,
    dlq_id      text not null unique,
    epoch       bigint not null, -- of DLQ
    seq         bigint not null, -- in DLQ
    item        bigint not null references dead_letter,
    attempt     int not null, -- 0 as fetched, n for the n-th replay
    at          timestamptz not null,
    stage       text not null,
    reason      text not null,
    pointer     text not null,
    message     text not null,
    faults      jsonb not null, -- [{"instance_path", "schema_path", "keyword"}]
    judge       text not null,
    schema      text,
    schema_hash text,
    raw_epoch   bigint,
    raw_seq     bigint,
    deliveries  bigint,
    trace_id    text,
    mal_id      bigint,
    title       text,
    headers     jsonb not null,
    body        bytea not null
);
comment on table dead_letter_letter is 'Messages of DLQ, byte for byte.';
create index dead_letter_letter_item on dead_letter_letter (item, attempt, letter);

create table dead_letter_group (
    grp        bigint generated always as identity primary key,
    reason     text not null,
    path       text not null, -- of the fault, with * for every index
    keyword    text not null,
    first_at   timestamptz not null,
    last_at    timestamptz not null,
    detail     text not null, -- the place in the schema, as the first letter said
    judges     text[] not null default '{}', -- that rejected something for it
    -- What people said of it.
    acknowledged boolean not null default false,
    muted      boolean not null default false,
    hold       boolean not null default false, -- keeps replays of many items away
    note       text,
    link       text,
    owner      text,
    fixed_by   text, -- the judge by which a replay of one of its items was stored
    fixed_at   timestamptz,
    regressed_at timestamptz, -- a new row came here from a judge that had not rejected before the fix
    version    int not null default 0,
    unique (reason, path, keyword)
);
comment on table dead_letter_group is 'Faults of one kind: reason, place in the row, keyword of the schema.';

create table dead_letter_fault (
    item bigint not null references dead_letter,
    grp  bigint not null references dead_letter_group,
    sole boolean not null, -- the item has no other fault
    primary key (grp, item)
);
comment on table dead_letter_fault is 'The faults of each item''s newest letter.';
create index dead_letter_fault_item on dead_letter_fault (item);

create table dead_letter_group_hour (
    grp   bigint not null references dead_letter_group,
    hour  timestamptz not null,
    items bigint not null,
    primary key (grp, hour)
);
create table dead_letter_group_count (
    grp   bigint not null references dead_letter_group,
    state text not null,
    items bigint not null,
    sole  bigint not null,
    primary key (grp, state)
);
create table dead_letter_count (
    state   text not null,
    stage   text not null,
    reason  text not null,
    dataset text not null,
    items   bigint not null,
    primary key (state, stage, reason, dataset)
);
comment on table dead_letter_count is 'How many items there are, so that no list counts them.';

-- What people and the replayer did. It is the outbox too: the replayer publishes rows without audit_seq in the order of id.
create table dead_letter_action (
    id          bigint generated always as identity primary key,
    at          timestamptz not null,
    actor       text not null, -- the operator, or the service for what it did by itself
    action      text not null check (action in ('replay', 'edit', 'revert', 'discard', 'restore', 'group', 'plan', 'job')),
    root        text, -- of the item it is about
    version     int, -- of the item, as the operator saw it
    n           int, -- the replay's number, written down before it is published
    plan        uuid,
    job         uuid,
    reason      text,
    detail      jsonb not null default '{}', -- edit: {"text"}; group: {"reason","path","keyword","set":{…}}; job: {"state"}
    audit_epoch bigint,
    audit_seq   bigint
);
comment on table dead_letter_action is 'Append-only. Each row becomes a message of AUDIT.';
create index dead_letter_action_item on dead_letter_action (root, id);
create index dead_letter_action_unsent on dead_letter_action (id) where audit_seq is null;

create table dlq_progress (
    stream   text primary key,
    epoch    bigint not null,
    seq      bigint not null, -- projected up to here
    last_seq bigint not null, -- the stream's last when that was
    at       timestamptz not null
);
comment on table dlq_progress is 'How far the projection is.';

create table dlq_plan (
    plan        uuid primary key,
    created_at  timestamptz not null,
    created_by  text not null,
    filter      text not null,
    schema_name text, -- a schema that is not deployed, to judge by
    schema_text text,
    steps       jsonb, -- changes to each body before it is judged
    state       text not null default 'requested' check (state in ('requested', 'running', 'ready', 'failed')),
    error       text,
    judge       text, -- who gave the verdicts
    deployed    boolean, -- whether that is the judge of the running schemas
    ready_at    timestamptz,
    accepted_checked int, -- accepted rows judged again
    accepted_failing int -- of these, rows that would fail now
);
comment on table dlq_plan is 'A dry run: frozen members and what a judge says of each.';
create table dlq_plan_member (
    plan    uuid not null references dlq_plan,
    root    text not null,
    version int not null, -- of the item when the plan was frozen
    verdict text check (verdict in ('pass', 'fail')),
    faults  jsonb, -- [{"instance_path", "keyword", "message"}]
    -- Filled in by the job.
    outcome text check (outcome in ('publishing', 'published', 'skipped')),
    skipped text, -- why
    n       int,
    raw_epoch bigint,
    raw_seq bigint,
    primary key (plan, root)
);
create index dlq_plan_member_next on dlq_plan_member (plan, verdict, root) where outcome is null;

create table dlq_job (
    job        uuid primary key,
    plan       uuid not null references dlq_plan,
    created_at timestamptz not null,
    created_by text not null,
    reason     text not null,
    members    text not null check (members in ('pass', 'all')),
    rate       int not null check (rate > 0), -- items a second
    canary     int not null check (canary >= 0),
    stop_share real not null, -- of the predicted passes that settled, the share of failures that stops the job
    state      text not null default 'queued'
        check (state in ('queued', 'canary', 'running', 'paused', 'cancelled', 'stopped', 'done')),
    asked      text check (asked in ('pause', 'resume', 'cancel')), -- by a person, not done yet
    words      text, -- why it is in its state
    started_at timestamptz,
    ended_at   timestamptz
);
create unique index dlq_job_alive on dlq_job (plan) where state in ('queued', 'canary', 'running', 'paused');

-- Who may do what.
create table operator (
    name       text primary key,
    rights     text[] not null, -- of read, act, edit
    token_hash bytea not null unique, -- SHA-256 of a random token
    created_at timestamptz not null,
    expires_at timestamptz
);
create table operator_link (
    code_hash  bytea primary key,
    operator   text not null references operator on delete cascade,
    expires_at timestamptz not null
);
comment on table operator_link is 'Sign-in links, each good for once.';
create table operator_session (
    session_hash bytea primary key,
    operator     text not null references operator on delete cascade,
    csrf         text not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null
);

-- Adds or takes away what these items count for; one that was never settled counts for nothing yet.
create function count_dead_letters(items bigint[], sign int) returns void language sql as $$
    insert into dead_letter_count as c (state, stage, reason, dataset, items)
    select state, stage, reason, dataset, sign * count(*) from dead_letter where item = any(items) and version > 0
    group by state, stage, reason, dataset order by state, stage, reason, dataset
    on conflict (state, stage, reason, dataset) do update set items = c.items + excluded.items;
    insert into dead_letter_group_count as c (grp, state, items, sole)
    select f.grp, d.state, sign * count(*), sign * count(*) filter (where f.sole)
    from dead_letter_fault f join dead_letter d using (item) where item = any(items)
    group by f.grp, d.state order by f.grp, d.state
    on conflict (grp, state) do update set items = c.items + excluded.items, sole = c.sole + excluded.sole;
$$;

-- The kind of each fault of a letter; a letter without any is of the kind of its reason and pointer.
create function faults_of(reason text, pointer text, faults jsonb)
returns table (path text, keyword text, detail text) language sql immutable as $$
    select distinct on (path, keyword) path, keyword, detail
    from (
        select regexp_replace(coalesce(f ->> 'instance_path', ''), '/[0-9]+(?=/|$)', '/*', 'g') as path,
            coalesce(f ->> 'keyword', '') as keyword, coalesce(f ->> 'schema_path', '') as detail
        from jsonb_array_elements(case when jsonb_typeof(faults) = 'array' then faults else '[]' end) as f
        union all
        select regexp_replace(pointer, '/[0-9]+(?=/|$)', '/*', 'g'), '', ''
        where faults = '[]' or jsonb_typeof(faults) <> 'array'
    ) all_faults
    order by path, keyword, detail
$$;

-- Derives everything about these items from their facts. Whoever adds a fact calls it in the same transaction, after
-- lock_dead_letters; no item twice.
create function settle_dead_letters(given bigint[]) returns void language plpgsql as $$
begin
    if cardinality(given) = 0 then
        return;
    end if;
    perform count_dead_letters(given, -1);
    update dead_letter d set
        last_at = l.last_at, mal_id = n.mal_id, title = n.title, reason = n.reason, pointer = n.pointer, message = n.message,
        judge = n.judge, letter = n.letter, failures = l.failures, edited = coalesce(e.action = 'edit', false),
        resolved_at = r.at, resolved_by = r.judge,
        state = case
            when r.at is not null then 'resolved'
            when x.action = 'discard' then 'discarded'
            when a.replays > l.attempt then 'published'
            when l.failures >= 3 then 'quarantined'
            when l.failures > 0 then 'failed'
            else 'open' end,
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
        select action from dead_letter_action where root = me.root and action in ('edit', 'revert') order by id desc limit 1
    ) e on true
    left join lateral (
        select action from dead_letter_action where root = me.root and action in ('discard', 'restore') order by id desc limit 1
    ) x on true
    left join lateral (
        select p.committed_at as at, p.judge from run u join page p using (run_id)
        where u.run = me.run and p.page = me.page
            and (me.row is null and p.replay_row is null or me.row = any(p.committed)
                or p.replay_root = me.root and (p.replay_row is null or cardinality(p.committed) > 0))
        order by p.committed_at, p.epoch, p.seq limit 1
    ) r on true
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

-- Says of groups what new letters tell; after settle_dead_letters.
create function note_letters(given bigint[]) returns void language plpgsql as $$
begin
    insert into dead_letter_group_hour as h (grp, hour, items)
    select f.grp, date_trunc('hour', l.at, 'UTC'), count(*)
    from dead_letter_letter l join dead_letter_fault f using (item)
    where l.letter = any(given) and l.attempt = 0
    group by 1, 2 order by 1, 2
    on conflict (grp, hour) do update set items = h.items + excluded.items;
    update dead_letter_group g set
        first_at = least(g.first_at, n.first_at), last_at = greatest(g.last_at, n.last_at),
        judges = array(select distinct unnest(g.judges || n.judges) order by 1),
        regressed_at = coalesce(g.regressed_at, (
            select min(l.at) from dead_letter_letter l join dead_letter_fault f using (item)
            where l.letter = any(given) and f.grp = g.grp and l.attempt = 0 and l.at > g.fixed_at
                and (l.judge = g.fixed_by or l.judge <> all (g.judges))))
    from (
        select f.grp, min(l.at) as first_at, max(l.at) as last_at, array_agg(distinct l.judge) as judges
        from dead_letter_letter l join dead_letter_fault f using (item)
        where l.letter = any(given)
        group by f.grp
    ) n
    where g.grp = n.grp;
end
$$;

-- Writers of dead letters follow one another: they share counts, and would wait for one another in a circle. Whoever also locks
-- data_version does that first.
create function lock_dead_letters() returns void language sql as $$
    select pg_advisory_xact_lock(7243001);
$$;

-- What a person said of a group, as the action has it; before the group's first letter too.
create function set_dead_letter_group(about jsonb) returns void language sql as $$
    insert into dead_letter_group (reason, path, keyword, first_at, last_at, detail)
    values (about ->> 'reason', about ->> 'path', about ->> 'keyword', 'infinity', '-infinity', '')
    on conflict (reason, path, keyword) do nothing;
    update dead_letter_group g set
        acknowledged = coalesce((s ->> 'acknowledged')::boolean, acknowledged), muted = coalesce((s ->> 'muted')::boolean, muted),
        hold = coalesce((s ->> 'hold')::boolean, hold),
        note = case when s ? 'note' then s ->> 'note' else note end, link = case when s ? 'link' then s ->> 'link' else link end,
        owner = case when s ? 'owner' then s ->> 'owner' else owner end, version = version + 1
    from (select about -> 'set' as s) given
    where (reason, path, keyword) = (about ->> 'reason', about ->> 'path', about ->> 'keyword');
$$;
