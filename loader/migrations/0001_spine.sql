-- The spine: where rows come from, what they said, and what was derived from them.
--
-- Two kinds of tables live here. Base tables (observation, genre_observation, ranking_position, anime, tag, anime_tag,
-- run) are written by upserts whose conditions pick the winner, so that any order of arrival gives the same rows.
-- Derived columns and tables (observation.owner, observation_daily, page.stored, page.duplicate) are computed again from
-- the base rows of the keys that a transaction touched. Every transaction locks the data_version row of its catalogue
-- first, so the transactions of several loaders follow one another.
--
-- No secondary index begins with the catalogue: on a table without statistics the planner would take it for a key look-up.

create table data_version (
    catalogue text primary key check (catalogue in ('mal', 'sample')),
    version   bigint not null default 0
);
comment on table data_version is 'Raised by every transaction that changes what can be read; also the writers'' lock.';
insert into data_version (catalogue) values ('mal'), ('sample');

create table source (
    source_id     int generated always as identity primary key,
    catalogue     text not null references data_version,
    name          text not null,
    first_seen_at timestamptz not null, -- the earliest capture
    unique (catalogue, name)
);
comment on table source is 'Where bytes came from: a base URL, jikan-sim, csv:<name>.';

create table run (
    run_id        int generated always as identity primary key,
    run           uuid not null unique,
    catalogue     text not null references data_version,
    source_id     int not null references source,
    dataset       text not null,
    captured_at   timestamptz not null,
    state         text not null check (state in ('stub', 'running', 'complete', 'incomplete', 'failed')),
    pages_planned int,
    pages_got     int[] not null default '{}',
    pages_failed  jsonb not null default '[]', -- [{"page", "reason"}]
    rows          bigint not null default 0,
    warnings      jsonb not null default '[]',
    error         text,
    started_at    timestamptz,
    ended_at      timestamptz,
    event_seq     bigint -- sequence in RUN of the event shown; null for a stub
);
comment on table run is 'One capture of one dataset. A page that comes before its run''s event makes a stub.';
create index run_newest on run (catalogue, dataset, captured_at desc);
create index run_recent on run (catalogue, captured_at desc, run desc);

create table page (
    epoch        bigint not null, -- of RAW, ms
    seq          bigint not null, -- in RAW
    run_id       int not null references run,
    page         int not null,
    catalogue    text not null,
    source_id    int not null,
    dataset      text not null,
    captured_at  timestamptz not null,
    url          text,
    trace_id     text,
    contract     text not null,
    judge        text not null,
    row_limit    int not null,
    received     int not null, -- rows the validator counted; 0 for the replay of a row
    accepted     int not null,
    dead         int not null, -- rows the validator rejected
    load_dead    int not null, -- rows that were rejected here
    stored       int not null default 0, -- derived: observations owned
    duplicate    int not null default 0, -- derived: committed rows that own none
    committed    int[] not null, -- row indexes committed, over all judgements of this message
    drift        jsonb not null,
    warnings     jsonb not null,
    replay_root  text, -- the dead letter this message replays
    replay_row   int, -- the row this message replays; null for whole pages
    stored_at    timestamptz not null, -- into RAW
    judged_at    timestamptz not null,
    committed_at timestamptz not null,
    primary key (epoch, seq)
);
comment on table page is 'One RAW message, judged and committed. Accounts are those of its latest judgement.';
create index page_place on page (run_id, page);

create table anime (
    catalogue            text not null,
    mal_id               int not null check (mal_id > 0),
    title                text not null,
    title_english        text,
    title_japanese       text,
    synonyms             text[] not null default '{}',
    type                 text,
    source_material      text,
    episodes             int,
    status               text,
    airing               boolean not null,
    aired_from           date,
    aired_from_precision text check (aired_from_precision in ('day', 'month', 'year')),
    aired_to             date,
    duration             text,
    rating               text,
    season               text check (season in ('winter', 'spring', 'summer', 'fall')),
    year                 int,
    broadcast            text,
    image                text,
    url                  text not null,
    links                text not null, -- the tags of these facts in one line: equal lines need no look at anime_tag
    -- Whose facts these are: the greater (facts_at, epoch, seq), then the lower position, then the later judgement.
    facts_at             timestamptz not null,
    epoch                bigint not null,
    seq                  bigint not null,
    position             int not null,
    judged_at            timestamptz not null,
    primary key (catalogue, mal_id)
) with (fillfactor = 70);
create index anime_season on anime (year, season);

create table tag (
    catalogue text not null,
    kind      text not null check (kind in ('genre', 'explicit_genre', 'theme', 'demographic', 'studio')),
    mal_id    int not null check (mal_id > 0),
    name      text not null,
    facts_at  timestamptz not null,
    epoch     bigint not null,
    seq       bigint not null,
    position  int not null,
    judged_at timestamptz not null,
    primary key (catalogue, kind, mal_id)
) with (fillfactor = 70);
comment on table tag is 'Genres, themes, demographics and studios by their newest names.';

create table anime_tag (
    catalogue text not null,
    anime_id  int not null,
    kind      text not null,
    tag_id    int not null,
    primary key (catalogue, anime_id, kind, tag_id)
);
comment on table anime_tag is 'The links of each title''s newest facts.';
create index anime_tag_by_tag on anime_tag (kind, tag_id, catalogue, anime_id);

-- The table that grows without end: narrow, and every query on it bounds captured_at.
create table observation (
    captured_at timestamptz not null,
    judged_at   timestamptz not null,
    epoch       bigint not null,
    seq         bigint not null,
    mal_id      int not null check (mal_id > 0),
    run_id      int not null,
    source_id   int not null,
    position    int not null, -- (page - 1) * limit + index
    scored_by   int check (scored_by >= 0),
    rank        int check (rank > 0),
    popularity  int check (popularity > 0),
    members     int not null check (members >= 0),
    favorites   int not null check (favorites >= 0),
    owner       boolean not null default true,
    catalogue   text not null,
    score       numeric(4, 2) check (score > 0 and score <= 10),
    primary key (catalogue, mal_id, captured_at, run_id)
) partition by range (captured_at);
comment on column observation.owner is
    'Derived: whether this run''s row owns (catalogue, mal_id, captured_at, source); across runs the greater (epoch, seq) does.';
create index observation_page on observation (epoch, seq);

create table observation_daily (
    captured_at timestamptz not null,
    epoch       bigint not null,
    seq         bigint not null,
    mal_id      int not null,
    day         date not null, -- UTC
    source_id   int not null,
    run_id      int not null,
    scored_by   int,
    rank        int,
    popularity  int,
    members     int not null,
    favorites   int not null,
    catalogue   text not null,
    score       numeric(4, 2),
    primary key (catalogue, mal_id, day, source_id)
) with (fillfactor = 90);
comment on table observation_daily is 'Derived: the last observation of each title, day and source. What charts read.';
create index observation_daily_by_day on observation_daily (day, catalogue);

create table ranking_position (
    judged_at timestamptz not null,
    epoch     bigint not null,
    seq       bigint not null,
    run_id    int not null,
    position  int not null,
    mal_id    int not null,
    catalogue text not null,
    primary key (run_id, position)
);
comment on table ranking_position is 'Each position of a ranked run: the greater (epoch, seq), then the later judgement. Read ranking.';
create index ranking_position_by_title on ranking_position (run_id, mal_id, position);

-- A title stands once in a ranking, at its lowest position. The higher ones stay below, for when the lower is replaced.
create view ranking as
select p.run_id, p.position, p.catalogue, p.mal_id, p.epoch, p.seq, p.judged_at
from ranking_position p
where not exists (
    select from ranking_position lower
    where lower.run_id = p.run_id and lower.mal_id = p.mal_id and lower.position < p.position
);

create table genre_observation (
    captured_at timestamptz not null,
    judged_at   timestamptz not null,
    epoch       bigint not null,
    seq         bigint not null,
    genre_id    int not null check (genre_id > 0),
    run_id      int not null,
    source_id   int not null,
    position    int not null,
    titles      int not null check (titles >= 0),
    owner       boolean not null default true, -- as in observation
    catalogue   text not null,
    name        text not null,
    url         text not null,
    primary key (catalogue, genre_id, captured_at, run_id)
);
create index genre_observation_page on genre_observation (epoch, seq);

create table unreadable (
    stream   text not null,
    seq      bigint not null,
    subject  text not null,
    reason   text not null,
    body     bytea not null,
    noted_at timestamptz not null,
    primary key (stream, seq)
);
comment on table unreadable is 'Messages of RUN, DLQ and AUDIT that could not be read; they are never dead-lettered.';

-- Which roots of dead letters the committed pages resolve. Committing a row resolves the root of its own place at every
-- stage, a whole page (empty too) that of the page, a replay its own root. It is a view because page.committed, written
-- in the storing transaction, already says it all.
create view resolution as
select r.run, p.page, i.row, s.stage, concat_ws(':', r.run, p.page, i.row, s.stage) as root, p.epoch, p.seq, p.committed_at
from page p
join run r using (run_id)
cross join lateral unnest(p.committed) as i(row)
cross join (values ('validate'), ('load')) as s(stage)
union
select r.run, p.page, null, s.stage, concat_ws(':', r.run, p.page, 'page', s.stage), p.epoch, p.seq, p.committed_at
from page p
join run r using (run_id)
cross join (values ('fetch'), ('validate'), ('load')) as s(stage)
where p.replay_row is null
union
select r.run, p.page, p.replay_row, split_part(p.replay_root, ':', 4), p.replay_root, p.epoch, p.seq, p.committed_at
from page p
join run r using (run_id)
where p.replay_root is not null and (p.replay_row is null or cardinality(p.committed) > 0);

-- received = stored + duplicate + dead, per run; pages_in_flight have not been committed, so their rows are not known yet.
-- A place (run, page, row) counts once for each time it was received, however often a replay of its row stored it.
create view balance as
with whole as (
    select run_id, sum(received)::bigint as received, sum(cardinality(committed))::bigint as committed,
        sum(dead + load_dead)::bigint as dead, sum(accepted - load_dead)::bigint as passed, sum(stored)::bigint as stored
    from page where replay_row is null group by run_id
), healed as (
    select p.run_id, count(distinct (p.page, p.replay_row)) filter (where not exists (
        select from page w where w.run_id = p.run_id and w.page = p.page and w.replay_row is null
            and p.replay_row = any (w.committed)
    )) as places, sum(p.stored)::bigint as stored
    from page p where p.replay_row is not null and cardinality(p.committed) > 0 group by p.run_id
), sums as (
    select r.run_id, coalesce(w.received, 0) as received, coalesce(w.stored, 0) + coalesce(h.stored, 0) as stored,
        coalesce(w.committed, 0) + coalesce(h.places, 0) as committed, coalesce(w.dead, 0) as dead, coalesce(w.passed, 0) as passed,
        (select count(*) from unnest(r.pages_got) as got(page)
            where not exists (select from page p where p.run_id = r.run_id and p.page = got.page)) as pages_in_flight
    from run r
    left join whole w using (run_id)
    left join healed h using (run_id)
)
select r.run_id, r.run, r.catalogue, r.source_id, r.dataset, r.captured_at, s.received, s.stored,
    s.committed - s.stored as duplicate, s.dead - (s.committed - s.passed) as dead, s.pages_in_flight,
    s.received = s.stored + (s.committed - s.stored) + (s.dead - (s.committed - s.passed)) as balanced
from sums s
join run r using (run_id);

-- Makes the partition of a UTC month unless it is there; says whether it did. Attaching locks out no reader or writer.
create function make_observation_partition(month date) returns boolean
language plpgsql as $$
declare
    first date := date_trunc('month', month)::date;
    name text := 'observation_' || to_char(first, 'YYYY_MM');
begin
    if to_regclass(name) is not null then
        return false;
    end if;
    execute format('create table %I (like observation including all)', name);
    execute format('alter table observation attach partition %I for values from (%L) to (%L)', name,
        to_char(first, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(first + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
    return true;
end
$$;
