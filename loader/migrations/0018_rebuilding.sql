-- Numbers of actions go on after those that an earlier database gave out, though none of them is known here yet: there were fewer
-- of them than milliseconds. So a new action never takes the number of one that AUDIT still has to tell.
select setval('dead_letter_action_id_seq',
    greatest((select last_value from dead_letter_action_id_seq), (extract(epoch from clock_timestamp()) * 1000)::bigint));

-- While dead letters are made again from the streams, some are not here: whoever works on them waits. What was begun and did not
-- come to its end still stands here.
create table dead_letter_rebuilding (since timestamptz not null);
comment on table dead_letter_rebuilding is 'A row while the dead letters are being made again.';
