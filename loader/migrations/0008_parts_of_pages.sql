-- Of two messages of one page the one with more rows has the places: the other is a part of it. Null: the page is full, the
-- message is the replay of a row, or a loader of an older version wrote it.
alter table ranking_position add column rows int;
