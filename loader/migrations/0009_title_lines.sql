-- What charts read of titles: their days, their newest numbers, their weeks, their names. All of it is derived from the
-- observations and the facts, in the transaction that writes them but for the weeks, and `loader rebuild` makes it again.
create extension if not exists pg_trgm;

-- A line is what one title's chart shows: 0 is that of all sources together. The line of one source has its id, and is kept
-- apart only where another source observed the same title (on the day, or ever), so that one source alone costs one row.
create table title_daily (
    captured_at timestamptz not null, -- of the day's last observation, whose origin epoch and seq are
    epoch       bigint not null,
    seq         bigint not null,
    mal_id      int not null,
    day         date not null, -- UTC
    line        int not null,
    source_id   int not null,
    run_id      int not null,
    scored_by   int,
    rank        int,
    popularity  int,
    members     int,
    favorites   int,
    sole        boolean not null, -- line 0 is that of its source alone, too
    catalogue   text not null,
    score       numeric(4, 2),
    -- All of it in the index: the days of one title lie on as many pages of the table.
    primary key (catalogue, mal_id, line, day) include (score, scored_by, rank, popularity, members, favorites, captured_at,
        epoch, seq, source_id, run_id, sole)
);
comment on table title_daily is 'Derived: the last observation of each title and day, the sources merged.';
comment on column title_daily.score is
    'As the other numbers: the last one that a capture told or denied, or that a history told; a history''s silence denies nothing.';
create index title_daily_by_day on title_daily (day, catalogue);

create table title_latest (
    captured_at timestamptz not null,
    epoch       bigint not null,
    seq         bigint not null,
    mal_id      int not null,
    day         date not null,
    line        int not null,
    source_id   int not null,
    run_id      int not null,
    scored_by   int,
    rank        int,
    popularity  int,
    members     int,
    favorites   int,
    sole        boolean not null,
    catalogue   text not null,
    score       numeric(4, 2),
    primary key (catalogue, line, mal_id)
) with (fillfactor = 50);
comment on table title_latest is 'Derived: the newest day of each title''s lines, a history''s silence filled as in title_daily.';

-- Folded: compatible forms as one, lower case, without the marks over Latin letters, so that who types "todai" finds "Tōdai".
create function fold_name(name text) returns text language sql immutable strict parallel safe as $$
    select lower(normalize(regexp_replace(normalize(name, nfkd), '[\u0300-\u036f]', '', 'g'), nfkc))
$$;

create table title_name (
    catalogue text not null,
    mal_id    int not null,
    name      text not null,
    kind      text not null check (kind in ('title', 'english', 'japanese', 'synonym')),
    folded    text not null,
    primary key (catalogue, mal_id, name)
);
comment on table title_name is 'Derived: every name of a title, for the search.';
create index title_name_trigrams on title_name using gin (folded gin_trgm_ops);
create index title_name_prefix on title_name (folded text_pattern_ops);

create table title_week (
    week           date not null, -- its Monday
    mal_id         int not null,
    catalogue      text not null,
    score          numeric(4, 2),
    members        int,
    members_gained int, -- since the week before; null where that was not observed
    score_place    int, -- among titles of at least 1,000 votes; ties by members, then by id
    members_place  int, -- by members gained
    primary key (catalogue, mal_id, week)
);
comment on table title_week is 'Rolled up: the last known day of each title in each week, and its places among all titles.';
create index title_week_by_week on title_week (week, catalogue);

-- Which weeks have changed, and which changes title_week has: changed > rolled means that it lags behind.
create table week_change (
    catalogue text not null,
    week      date not null,
    changed   bigint not null default 1,
    rolled    bigint not null default 0,
    primary key (catalogue, week)
);

-- What a source brought; kept by a trigger on page, so that nobody adds up pages to know it.
alter table source
    add column pages bigint not null default 0,
    add column observations bigint not null default 0,
    add column first_captured_at timestamptz,
    add column last_captured_at timestamptz;
