-- A version counts within one database: a database made anew begins at 0 again.
with facet as (
    select catalogue, 'now' as facet, version, token from data_version
    union all
    select catalogue, facet, version, token from data_facet
)
select
    (select system_identifier from pg_control_system())::text || '.' || d.oid::text as database,
    coalesce((select jsonb_agg(jsonb_build_array(catalogue, facet, version, token)) from facet), '[]') as versions,
    coalesce((select jsonb_object_agg(catalogue, captured_at) from data_version where captured_at is not null), '{}') as captured
from pg_database d
where d.datname = current_database()
