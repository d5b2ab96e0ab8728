-- What a person kept of a title may be one number alone: not known is null, in every number.
alter table observation alter column members drop not null, alter column favorites drop not null;
alter table observation_daily alter column members drop not null, alter column favorites drop not null;

-- A history may name a title that no capture has shown yet. Its name is all that is known of it, and the facts of any
-- capture, of whatever day, take its place.
alter table anime alter column airing drop not null, alter column url drop not null;
alter table anime add column name_only boolean not null default false;
comment on column anime.name_only is
    'No capture has shown this title: a history named it. Its rank (facts_at, epoch, seq …) is one among names.';
