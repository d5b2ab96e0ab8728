-- A counter alone does not name a state of the data: after a restore it climbs through the same numbers again. The token is
-- another one after every raise, so that counter and token together name one state.
alter table data_version add column token uuid not null default gen_random_uuid();

create function renew_data_version_token() returns trigger language plpgsql as $$
begin
    new.token := gen_random_uuid();
    return new;
end
$$;

create trigger renew_token before update on data_version for each row execute function renew_data_version_token();
