-- Headers are shown, never searched: as text they are checked, and no longer taken apart and sorted. The version before reads and writes
-- them all the same.
alter table dead_letter_letter alter column headers type json using headers::json;
do $$
begin
    alter table dead_letter_letter alter column headers set compression lz4;
exception when feature_not_supported then
    null; -- as it was for jsonb
end
$$;

-- A letter stays in one place, body and all, where its compressed bytes fit into half a page: beside its row it needs no row of its own
-- in another table, and no entry in that one's index.
alter table dead_letter_letter set (toast_tuple_target = 4080);
