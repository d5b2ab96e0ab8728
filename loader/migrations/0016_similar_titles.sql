-- Similar titles are those of about the same premiere, and their scores of a year of weeks are read from the index alone.
create index anime_premiere on anime (aired_from) where aired_from_precision = 'day';
alter table title_week drop constraint title_week_pkey, add primary key (catalogue, mal_id, week) include (score);
