-- In a transaction of its own: the one that adds columns to `source` keeps readers out, and this one takes its time.
select rebuild_titles(catalogue) from data_version;
drop table observation_daily;
