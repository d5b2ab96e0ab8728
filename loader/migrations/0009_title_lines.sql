-- What charts read of titles: their days, their newest numbers, their weeks, their names. All of it is derived from
-- observations and facts; the functions below are the one place that says how, for the loader, `loader rebuild` and the
-- rows that are here already. It takes the place of observation_daily: an older loader holds its batch until it is replaced.
create extension if not exists pg_trgm;

-- Line 0 of a title is that of all sources together. The line of one source has its id, and is kept apart only for days on
-- which another source observed the title too, so that a title of one source costs one row a day.
create table title_daily (
    captured_at timestamptz not null, -- of the observation that the score is of, whose origin epoch and seq are
    epoch       bigint not null,
    seq         bigint not null,
    mal_id      int not null,
    day         date not null, -- UTC
    line        int not null default 0,
    source_id   int not null,
    run_id      int not null,
    scored_by   int,
    rank        int,
    popularity  int,
    members     int,
    favorites   int,
    sole        boolean not null default true, -- of line 0: no other source observed the title on that day
    silent      boolean not null default false, -- only histories observed it: a null says nothing, else it says that there is none
    catalogue   text not null,
    score       numeric(4, 2),
    -- All of it in the index: the days of one title lie on as many pages of the table.
    primary key (catalogue, mal_id, line, day) include (score, scored_by, rank, popularity, members, favorites, captured_at,
        epoch, seq, source_id, run_id, sole, silent)
);
comment on table title_daily is
    'Derived: the last observation of each title and day. A capture that tells no number denies it; a history is silent on it.';
create index title_daily_by_day on title_daily (day, catalogue);

create table title_latest (
    captured_at timestamptz not null,
    epoch       bigint not null,
    seq         bigint not null,
    mal_id      int not null,
    source_id   int not null,
    scored_by   int,
    rank        int,
    popularity  int,
    members     int,
    favorites   int,
    catalogue   text not null,
    score       numeric(4, 2),
    primary key (catalogue, mal_id)
) with (fillfactor = 50);
comment on table title_latest is 'Derived: the newest day of line 0, with what histories are silent on from the days before.';

create table title_name (
    mal_id    int not null,
    catalogue text not null,
    kind      text not null check (kind in ('title', 'english', 'japanese', 'synonym')),
    name      text not null,
    folded    text not null,
    primary key (catalogue, mal_id, name)
);
comment on table title_name is 'Derived: every name of a title, for the search.';
create index title_name_trigrams on title_name using gin (folded gin_trgm_ops);
create index title_name_prefix on title_name (folded text_pattern_ops);

create table title_week (
    week           date not null, -- its Monday
    mal_id         int not null,
    members        int,
    members_gained int, -- since the week before; null where either is not known
    score_place    int, -- among titles of at least 1,000 votes; equal scores by members, then by id
    members_place  int, -- by members gained
    catalogue      text not null,
    score          numeric(4, 2),
    primary key (catalogue, mal_id, week)
);
comment on table title_week is 'Rolled up: the last known numbers of each title in each week, and its places among all titles.';
create index title_week_by_week on title_week (week, catalogue);

create table week_change (
    catalogue text not null,
    week      date not null,
    changed   bigint not null default 1,
    rolled    bigint not null default 0,
    primary key (catalogue, week)
);
comment on table week_change is 'How often days of a week have changed, and which of the changes title_week has.';

-- What a source brought, so that nobody adds up its pages to know it.
alter table source
    add column observations bigint not null default 0,
    add column first_captured_at timestamptz,
    add column last_captured_at timestamptz;

-- A history is silent on what it does not tell: its null denies nothing.
create function is_history(source_id int) returns boolean language sql stable strict parallel safe as $$
    select starts_with(s.name, 'csv:') from source s where s.source_id = $1
$$;

-- Compatible forms as one, lower case, Latin letters without their marks: who types "todai" finds "Tōdai".
create function fold_name(name text) returns text language sql immutable strict parallel safe as $$
    select lower(normalize(regexp_replace(normalize(name, nfkd), '[\u0300-\u036f]', '', 'g'), nfkc))
$$;

-- Makes these days of titles again from the observations that own their slot.
create function make_title_days(of_catalogue text, titles int[], days date[]) returns void language plpgsql set timezone = 'UTC' as $$
declare
    first timestamptz := (select min(day)::timestamp at time zone 'UTC' from unnest(days) as t(day));
    after timestamptz := (select (max(day) + 1)::timestamp at time zone 'UTC' from unnest(days) as t(day));
begin
    delete from title_daily d using unnest(titles, days) as t(mal_id, day)
    where d.catalogue = of_catalogue and d.mal_id = t.mal_id and d.day = t.day;
    insert into title_daily (catalogue, mal_id, day, line, source_id, sole, silent, captured_at, run_id, epoch, seq, score, scored_by,
        rank, popularity, members, favorites)
    with seen as materialized (
        select t.mal_id, t.day, o.source_id, o.captured_at, o.run_id, o.epoch, o.seq, o.score, o.scored_by, o.rank,
            o.popularity, o.members, o.favorites, h.history,
            row_number() over (partition by t.mal_id, t.day order by o.captured_at desc, o.epoch desc, o.seq desc) as n,
            -- The first of these is whose score it is; where nobody tells one, who observed last.
            row_number() over (partition by t.mal_id, t.day
                order by o.score is null and h.history, o.captured_at desc, o.epoch desc, o.seq desc) as m
        from unnest(titles, days) as t(mal_id, day)
        cross join lateral (
            select * from observation o
            where o.catalogue = of_catalogue and o.mal_id = t.mal_id and o.owner
                and o.captured_at >= t.day::timestamp at time zone 'UTC'
                and o.captured_at < (t.day + 1)::timestamp at time zone 'UTC'
                and o.captured_at >= first and o.captured_at < after
            offset 0
        ) o
        join (select s.source_id, is_history(s.source_id) as history from source s) h on h.source_id = o.source_id
    ), shared as (
        select mal_id, day from seen group by mal_id, day having min(source_id) <> max(source_id)
    ), lined as (
        select 0 as line, * from seen
        union all
        select source_id, * from seen where (mal_id, day) in (select mal_id, day from shared)
    )
    select of_catalogue, mal_id, day, line, (array_agg(source_id order by m))[1],
        line = 0 and min(source_id) = max(source_id), bool_and(history), (array_agg(captured_at order by m))[1],
        (array_agg(run_id order by m))[1], (array_agg(epoch order by m))[1], (array_agg(seq order by m))[1],
        (array_agg(score order by n) filter (where score is not null or not history))[1],
        (array_agg(scored_by order by n) filter (where scored_by is not null or not history))[1],
        (array_agg(rank order by n) filter (where rank is not null or not history))[1],
        (array_agg(popularity order by n) filter (where popularity is not null or not history))[1],
        (array_agg(members order by n) filter (where members is not null or not history))[1],
        (array_agg(favorites order by n) filter (where favorites is not null or not history))[1]
    from lined
    group by mal_id, day, line
    order by mal_id, day, line;
end
$$;

-- Makes the newest numbers of these titles again from their days.
create function make_title_latest(of_catalogue text, titles int[]) returns void language plpgsql as $$
begin
    delete from title_latest l using unnest(titles) as t(mal_id) where l.catalogue = of_catalogue and l.mal_id = t.mal_id;
    insert into title_latest (catalogue, mal_id, source_id, captured_at, epoch, seq, score, scored_by, rank, popularity, members,
        favorites)
    select of_catalogue, t.mal_id, d.source_id, d.captured_at, d.epoch, d.seq,
        case when d.silent then told.score else d.score end,
        case when d.silent then told.scored_by else d.scored_by end,
        case when d.silent then told.rank else d.rank end,
        case when d.silent then told.popularity else d.popularity end,
        case when d.silent then told.members else d.members end,
        case when d.silent then told.favorites else d.favorites end
    from (select distinct unnest(titles) as mal_id) t
    cross join lateral (
        select * from title_daily e
        where e.catalogue = of_catalogue and e.mal_id = t.mal_id and e.line = 0
        order by e.day desc limit 1
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
        where e.catalogue = of_catalogue and e.mal_id = t.mal_id and e.line = 0
    ) told on d.silent
    order by t.mal_id;
end
$$;

-- Makes the names of these titles again from their facts.
create function make_title_names(of_catalogue text, titles int[]) returns void language plpgsql as $$
begin
    delete from title_name n using unnest(titles) as t(mal_id) where n.catalogue = of_catalogue and n.mal_id = t.mal_id;
    insert into title_name (catalogue, mal_id, kind, name, folded)
    select of_catalogue, mal_id, (array_agg(kind order by n))[1], name, left(fold_name(name), 500)
    from (
        -- A longer name does not fit into an index.
        select a.mal_id, v.n, v.kind, left(v.name, 500) as name
        from (select distinct unnest(titles) as mal_id) t
        join anime a on a.catalogue = of_catalogue and a.mal_id = t.mal_id
        cross join lateral (
            select 1 as n, 'title' as kind, a.title as name
            union all select 2, 'english', a.title_english
            union all select 3, 'japanese', a.title_japanese
            union all select 4, 'synonym', synonym from unnest(a.synonyms) as synonym
        ) v
        where v.name <> ''
    ) every
    group by mal_id, name
    order by mal_id, name;
end
$$;

-- Makes a week again from its days and the week before it; the weeks have to be made in their order.
create function make_title_week(of_catalogue text, of_week date) returns void language plpgsql as $$
begin
    delete from title_week where catalogue = of_catalogue and week = of_week;
    insert into title_week (catalogue, mal_id, week, score, members, members_gained, score_place, members_place)
    with last as (
        select d.mal_id,
            (array_agg(d.score order by d.day desc) filter (where d.score is not null or not d.silent))[1] as score,
            (array_agg(d.scored_by order by d.day desc) filter (where d.scored_by is not null or not d.silent))[1] as scored_by,
            (array_agg(d.members order by d.day desc) filter (where d.members is not null or not d.silent))[1] as members
        from title_daily d
        where d.catalogue = of_catalogue and d.line = 0 and d.day between of_week and of_week + 6
        group by d.mal_id
    ), gained as (
        select last.*, last.members - before.members as members_gained
        from last
        left join title_week before on before.catalogue = of_catalogue and before.mal_id = last.mal_id
            and before.week = of_week - 7
    )
    select of_catalogue, mal_id, of_week, score, members, members_gained,
        case when score is not null and scored_by >= 1000 then row_number() over (
            partition by score is not null and scored_by >= 1000 order by score desc, members desc nulls last, mal_id) end,
        case when members_gained is not null then row_number() over (
            partition by members_gained is not null order by members_gained desc, mal_id) end
    from gained
    order by mal_id;
end
$$;

create function week_of(day date) returns date language sql immutable strict parallel safe as $$
    select date_trunc('week', day::timestamp)::date
$$;

-- Notes that days of these weeks have changed. The week after each counts what was gained since.
create function note_week_changes(of_catalogue text, weeks date[]) returns void language sql as $$
    insert into week_change as w (catalogue, week)
    select of_catalogue, week from (select distinct unnest(weeks) as week) every order by week
    on conflict (catalogue, week) do update set changed = w.changed + 1;
    update week_change set changed = changed + 1
    where catalogue = of_catalogue and week = any (select unnest(weeks) + 7) and week <> all (weeks);
$$;

-- Makes all of a catalogue again, with what its sources brought. The caller holds the writers' lock of the catalogue.
create function rebuild_titles(of_catalogue text) returns void language plpgsql set timezone = 'UTC' as $$
declare
    month timestamptz;
begin
    delete from title_daily where catalogue = of_catalogue;
    for month in
        select distinct date_trunc('month', captured_at, 'UTC') from page where catalogue = of_catalogue order by 1
    loop
        perform make_title_days(of_catalogue, array_agg(mal_id), array_agg(day)) from (
            select distinct o.mal_id, (o.captured_at at time zone 'UTC')::date as day from observation o
            where o.catalogue = of_catalogue and o.captured_at >= month and o.captured_at < month + interval '1 month'
        ) every having count(*) > 0;
    end loop;
    delete from title_latest where catalogue = of_catalogue;
    perform make_title_latest(of_catalogue, array_agg(distinct mal_id)) from title_daily where catalogue = of_catalogue
        having count(*) > 0;
    delete from title_name where catalogue = of_catalogue;
    perform make_title_names(of_catalogue, array_agg(mal_id)) from anime where catalogue = of_catalogue having count(*) > 0;
    delete from title_week where catalogue = of_catalogue;
    delete from week_change where catalogue = of_catalogue;
    perform note_week_changes(of_catalogue, array_agg(distinct week_of(day))) from title_daily where catalogue = of_catalogue
        having count(*) > 0;
    update source s set observations = b.observations, first_captured_at = b.first, last_captured_at = b.last
    from (
        select source_id, coalesce(sum(stored) filter (where dataset <> 'genres'), 0) as observations, min(captured_at) as first,
            max(captured_at) as last
        from page where catalogue = of_catalogue group by source_id
    ) b
    where s.source_id = b.source_id;
end
$$;

-- Pages tell what their source brought. A page of genres stores genres, not observations.
create function count_new_pages() returns trigger language plpgsql as $$
begin
    update source s set observations = s.observations + b.observations,
        first_captured_at = least(s.first_captured_at, b.first), last_captured_at = greatest(s.last_captured_at, b.last)
    from (
        select source_id, coalesce(sum(stored) filter (where dataset <> 'genres'), 0) as observations,
            min(captured_at) as first, max(captured_at) as last
        from written group by source_id
    ) b
    where s.source_id = b.source_id;
    return null;
end
$$;
create trigger count_new_pages after insert on page referencing new table as written
    for each statement execute function count_new_pages();

create function count_changed_pages() returns trigger language plpgsql as $$
begin
    update source s set observations = s.observations + b.observations
    from (
        select source_id, sum(n.stored - o.stored) filter (where n.dataset <> 'genres') as observations
        from written n join replaced o using (epoch, seq, source_id)
        group by source_id
    ) b
    where s.source_id = b.source_id and b.observations <> 0;
    return null;
end
$$;
create trigger count_changed_pages after update on page referencing old table as replaced new table as written
    for each statement execute function count_changed_pages();

-- Which dead letters are resolved, by the parts of their roots: committing a row resolves its own place at every stage, a whole
-- page (empty too) that of the page, a replay its own root. A view: what page.committed says once, rows of a table would say
-- again for each row stored, and most dead letters never come (ADR 19 has what it would cost).
drop view resolution;
create view resolution as
select r.run, p.page, i.row, s.stage, p.epoch, p.seq, p.committed_at
from page p
join run r using (run_id)
cross join lateral unnest(p.committed) as i(row)
cross join (values ('validate'), ('load')) as s(stage)
union
select r.run, p.page, null, s.stage, p.epoch, p.seq, p.committed_at
from page p
join run r using (run_id)
cross join (values ('fetch'), ('validate'), ('load')) as s(stage)
where p.replay_row is null
union
select split_part(p.replay_root, ':', 1)::uuid, split_part(p.replay_root, ':', 2)::int,
    nullif(split_part(p.replay_root, ':', 3), 'page')::int, split_part(p.replay_root, ':', 4), p.epoch, p.seq, p.committed_at
from page p
where p.replay_root is not null and (p.replay_row is null or cardinality(p.committed) > 0);
comment on view resolution is 'Dead letters resolved: row is null for a page''s own.';
