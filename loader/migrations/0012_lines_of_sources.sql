-- The newest numbers of each title by each of several sources, and the balance of each run: kept, so that no question looks
-- through the days or pages behind them.

-- Lines as in title_daily: 0 is that of all sources together. Those of single sources are kept as soon as a second one has
-- brought pages: a catalogue of one source costs what it did. An older loader holds its batch until it is replaced.
alter table title_latest add column line int not null default 0;
alter table title_latest drop constraint title_latest_pkey;
alter table title_latest add primary key (catalogue, line, mal_id);
comment on table title_latest is 'Derived: the newest day of each line, with what histories are silent on from the days before.';

create function is_shared(catalogue text) returns boolean language sql stable strict parallel safe as $$
    select count(*) > 1 from source s where s.catalogue = $1 and s.first_captured_at is not null
$$;

-- Makes the newest numbers of these titles again from their days. No source has days after both `newest` and its newest capture,
-- where `newest` is given: those of others are not looked through for them.
drop function make_title_latest(text, int[]);
create function make_title_latest(of_catalogue text, titles int[], newest date default null) returns void language plpgsql
set timezone = 'UTC' as $$
declare
    shared boolean := is_shared(of_catalogue);
begin
    delete from title_latest l using unnest(titles) as t(mal_id) where l.catalogue = of_catalogue and l.mal_id = t.mal_id;
    insert into title_latest (catalogue, mal_id, line, source_id, captured_at, epoch, seq, score, scored_by, rank, popularity,
        members, favorites)
    select of_catalogue, t.mal_id, l.line, d.source_id, d.captured_at, d.epoch, d.seq,
        case when d.silent then told.score else d.score end,
        case when d.silent then told.scored_by else d.scored_by end,
        case when d.silent then told.rank else d.rank end,
        case when d.silent then told.popularity else d.popularity end,
        case when d.silent then told.members else d.members end,
        case when d.silent then told.favorites else d.favorites end
    from (select distinct unnest(titles) as mal_id) t
    cross join (
        select 0 as line, null::date as until
        union all
        select source_id, case when newest is not null then greatest(last_captured_at::date, newest) end
        from source where catalogue = of_catalogue and shared
    ) l
    left join lateral (
        select e.day from title_daily e
        where e.catalogue = of_catalogue and e.mal_id = t.mal_id and e.line = l.line
        order by e.day desc limit 1
    ) own on true
    cross join lateral (
        select * from (
            (select * from title_daily e
            where e.catalogue = of_catalogue and e.mal_id = t.mal_id and e.line = l.line and e.day = own.day)
            union all
            (select * from title_daily e
            where e.catalogue = of_catalogue and e.mal_id = t.mal_id and l.line <> 0 and e.line = 0 and e.sole
                and e.source_id = l.line and e.day > coalesce(own.day, '-infinity') and e.day <= coalesce(l.until, 'infinity')
            order by e.day desc limit 1)
        ) every
        order by day desc limit 1
    ) d
    left join lateral (
        select
            (array_agg(e.score order by e.day desc) filter (where e.score is not null or not e.silent))[1] as score,
            (array_agg(e.scored_by order by e.day desc) filter (where e.scored_by is not null or not e.silent))[1] as scored_by,
            (array_agg(e.rank order by e.day desc) filter (where e.rank is not null or not e.silent))[1] as rank,
            (array_agg(e.popularity order by e.day desc) filter (where e.popularity is not null or not e.silent))[1] as popularity,
            (array_agg(e.members order by e.day desc) filter (where e.members is not null or not e.silent))[1] as members,
            (array_agg(e.favorites order by e.day desc) filter (where e.favorites is not null or not e.silent))[1] as favorites
        from title_daily e
        where e.catalogue = of_catalogue and e.mal_id = t.mal_id and e.day <= d.day
            and (e.line = l.line or e.line = 0 and e.sole and e.source_id = l.line)
    ) told on d.silent
    order by t.mal_id, l.line;
end
$$;

-- Makes the lines of single sources of a catalogue that has become one of several.
create function share_titles(of_catalogue text) returns void language plpgsql as $$
begin
    if is_shared(of_catalogue) and not exists (select from title_latest where catalogue = of_catalogue and line > 0) then
        perform make_title_latest(of_catalogue, array_agg(mal_id), '-infinity') from title_latest
            where catalogue = of_catalogue having count(*) > 0;
    end if;
end
$$;

create table run_balance (
    run_id    int primary key references run,
    received  bigint not null,
    accepted  bigint not null,
    dead      bigint not null,
    stored    bigint not null,
    duplicate bigint not null
) with (fillfactor = 50);
comment on table run_balance is 'Derived: what became of the rows of each run''s pages, as the view balance says. Kept by triggers on page.';

-- Makes the balances of these runs again from their pages.
create function make_run_balance(runs int[]) returns void language sql as $$
    insert into run_balance as r (run_id, received, accepted, dead, stored, duplicate)
    select t.run_id, b.received, a.accepted, b.dead, b.stored, b.duplicate
    from (select distinct unnest(runs) as run_id) t
    cross join lateral (select * from balance b where b.run_id = t.run_id offset 0) b
    cross join lateral (
        select coalesce(sum(greatest(p.accepted, cardinality(p.committed))), 0)::bigint as accepted from page p where p.run_id = t.run_id
    ) a
    order by t.run_id
    on conflict (run_id) do update set received = excluded.received, accepted = excluded.accepted, dead = excluded.dead,
        stored = excluded.stored, duplicate = excluded.duplicate
    where (r.received, r.accepted, r.dead, r.stored, r.duplicate)
        is distinct from (excluded.received, excluded.accepted, excluded.dead, excluded.stored, excluded.duplicate)
$$;

-- Pages tell what their source and their run brought. A page of genres stores genres, not observations.
create or replace function count_new_pages() returns trigger language plpgsql as $$
begin
    update source s set observations = s.observations + b.observations,
        first_captured_at = least(s.first_captured_at, b.first), last_captured_at = greatest(s.last_captured_at, b.last)
    from (
        select source_id, coalesce(sum(stored) filter (where dataset <> 'genres'), 0) as observations,
            min(captured_at) as first, max(captured_at) as last
        from written group by source_id
    ) b
    where s.source_id = b.source_id;
    perform share_titles(catalogue) from (select distinct catalogue from written) every;

    -- The first message of a place adds to the balance. Another one of the same place may tell the same rows, and where the
    -- statement has changed pages, too, that was counted first, with the new ones.
    insert into run_balance as r (run_id, received, accepted, dead, stored, duplicate)
    select run_id, sum(greatest(received, committed)), sum(greatest(accepted, committed)), sum(greatest(received - committed, 0)),
        sum(least(stored, committed)), sum(greatest(committed - stored, 0))
    from (select run_id, received, accepted, cardinality(committed) as committed, stored from written) w
    group by run_id
    order by run_id
    on conflict (run_id) do update set received = r.received + excluded.received, accepted = r.accepted + excluded.accepted,
        dead = r.dead + excluded.dead, stored = r.stored + excluded.stored, duplicate = r.duplicate + excluded.duplicate;
    perform make_run_balance(array_agg(w.run_id)) from written w
    where w.run_id = any (nullif(current_setting('kansoku.recounted_runs', true), '')::int[]) or exists (
        select from page p where p.run_id = w.run_id and p.page = w.page and (p.epoch, p.seq) <> (w.epoch, w.seq)
    )
    having count(*) > 0;
    return null;
end
$$;

create or replace function count_changed_pages() returns trigger language plpgsql as $$
begin
    update source s set observations = s.observations + b.observations
    from (
        select source_id, sum(n.stored - o.stored) filter (where n.dataset <> 'genres') as observations
        from written n join replaced o using (epoch, seq, source_id)
        group by source_id
    ) b
    where s.source_id = b.source_id and b.observations <> 0;
    perform make_run_balance(array_agg(run_id)), set_config('kansoku.recounted_runs', array_agg(run_id)::text, true)
        from (select run_id from replaced union select run_id from written) every
        having count(*) > 0;
    return null;
end
$$;
