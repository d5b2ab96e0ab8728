-- A version counts within one database: a database made anew begins at 0 again.
select
    (select system_identifier from pg_control_system())::text || '.' || d.oid::text as database,
    coalesce((select jsonb_object_agg(catalogue, jsonb_build_array(version, token)) from data_version), '{}') as versions
from pg_database d
where d.datname = current_database()
