-- What a kept answer depends on, so that a commit leaves alone the answers that it did not change. The version of
-- data_version itself is the facet "now": every commit that changes what can be shown raises it.
--
-- past: a day before the newest captured one was touched, or another day is the newest. facts: facts, names or tags of
-- titles are others than before. runs: how far a run is, and nothing else. weeks: a week was rolled up. archive: pages are
-- in files.
create table data_facet (
    catalogue text not null references data_version,
    facet     text not null check (facet in ('past', 'facts', 'runs', 'weeks', 'archive')),
    version   bigint not null default 0,
    token     uuid not null default gen_random_uuid(),
    primary key (catalogue, facet)
);
comment on table data_facet is 'Versions of parts of the data; the writers'' lock is the row of data_version, which is taken first.';
insert into data_facet (catalogue, facet)
select catalogue, facet from data_version cross join unnest(array['past', 'facts', 'runs', 'weeks', 'archive']) as facet;

create trigger renew_token before update on data_facet for each row execute function renew_data_version_token();

-- Moved under the writers' lock alone: whoever reads a newer one reads all that was committed before as today's.
alter table data_version add column captured_at timestamptz;
comment on column data_version.captured_at is 'The newest capture of which a page is stored.';
update data_version v set captured_at = (
    select r.captured_at from run r
    where r.catalogue = v.catalogue and exists (select from page p where p.run_id = r.run_id)
    order by r.captured_at desc
    limit 1
);

-- Raises the facet that its argument names, once in each transaction.
create function raise_data_facet() returns trigger language plpgsql as $$
declare
    setting text := 'kansoku.raised_' || tg_argv[0] || '_' || new.catalogue;
    transaction text := pg_current_xact_id()::text;
begin
    if current_setting(setting, true) is distinct from transaction then
        perform set_config(setting, transaction, true);
        update data_facet set version = version + 1 where catalogue = new.catalogue and facet = tg_argv[0];
    end if;
    return null;
end
$$;

-- The digest is one of all facts and tags; a title that only a history names has none. A capture that tells the same facts
-- again leaves these columns alone.
create trigger new_facts after insert on anime for each row execute function raise_data_facet('facts');
create trigger other_facts after update of digest, title on anime for each row
    when ((old.digest, old.title, old.name_only) is distinct from (new.digest, new.title, new.name_only))
    execute function raise_data_facet('facts');
create trigger new_facts after insert on tag for each row execute function raise_data_facet('facts');
create trigger other_facts after update of name on tag for each row
    when (old.name is distinct from new.name) execute function raise_data_facet('facts');
-- Every answer says since when its source has captures, whatever day it is about.
create trigger other_start after update of first_captured_at on source for each row
    when (old.first_captured_at is distinct from new.first_captured_at) execute function raise_data_facet('past');

-- The archive knows no catalogue.
create function raise_archive() returns trigger language plpgsql as $$
begin
    update data_facet set version = version + 1 where facet = 'archive';
    perform pg_notify('kansoku_data', '{}');
    return null;
end
$$;
create trigger other_files after insert or update on archive_file for each statement execute function raise_archive();
