-- A standby that is promoted goes on with the numbers that it knew of: those that the lost primary gave out after them, and that AUDIT
-- has, would be given out again, and AUDIT would take a new action for one that it has. Each promotion raises the timeline, so the
-- numbers of each timeline have a range of their own; within it they go on after the clock, as before.
create function timeline() returns int language plpgsql as $$
begin
    -- The first eight digits of a file of the log.
    return ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int;
exception when insufficient_privilege or undefined_function or feature_not_supported then
    return 1; -- a server that does not tell: as if it had never been promoted
end
$$;

create function begin_action_numbers() returns trigger language plpgsql as $$
declare
    least_number bigint := timeline() * 10000000000000;
begin
    if (select last_value from dead_letter_action_id_seq) < least_number then
        -- One at a time; the next one finds it done.
        perform pg_advisory_xact_lock(7243004);
        if (select last_value from dead_letter_action_id_seq) < least_number then
            perform setval('dead_letter_action_id_seq', least_number + (extract(epoch from clock_timestamp()) * 1000)::bigint);
        end if;
    end if;
    return null;
end
$$;
-- Before the first row takes its number.
create trigger begin_action_numbers before insert on dead_letter_action for each statement execute function begin_action_numbers();
