-- In a transaction of its own: the one before keeps readers out of title_latest, and this one takes its time.
select share_titles(catalogue) from data_version;
select make_run_balance(array_agg(run_id)) from run having count(*) > 0;
