-- The replay {n} of row 0 is stored at {seq}: its page, and the row with {members} members.
insert into dead_letter_action (at, actor, action, root, version, n, reason)
values ('2026-11-14 06:00Z', 'night-shift', 'replay', '00000000-0000-5000-8000-000000000005:2:0:validate', 2, {n}, 'it is mended');
update page set stored = 0, duplicate = 1 where replay_row is not null and run_id = 5;
insert into page (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, contract, judge, row_limit, received, accepted,
    dead, load_dead, stored, duplicate, committed, drift, warnings, replay_root, replay_row, replay_n, stored_at, judged_at, committed_at)
select 1000, {seq}, run_id, 2, catalogue, source_id, dataset, captured_at, 'snapshot-page.v2', 'judge-2', 25, 0, 1, 0, 0, 1, 0, '{0}',
    '{}', '[]', '00000000-0000-5000-8000-000000000005:2:0:validate', 0, {n}, '2026-11-14 06:00Z', '2026-11-14 06:00:01Z',
    '2026-11-14 06:00:02Z'
from run where run_id = 5;
insert into observation (catalogue, mal_id, captured_at, run_id, source_id, score, members, favorites, epoch, seq, position, judged_at)
select catalogue, 102, captured_at, run_id, source_id, 8, {members}, 1, 1000, {seq}, 25, '2026-11-14 06:00:01Z' from run where run_id = 5
on conflict (catalogue, mal_id, captured_at, run_id) do update set members = excluded.members, seq = excluded.seq;
select rebuild_titles(catalogue) from run where run_id = 5;
select settle_dead_letters(array(select item from dead_letter where root = '00000000-0000-5000-8000-000000000005:2:0:validate'));
update data_version set version = version + 1;
