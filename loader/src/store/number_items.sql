-- The items of places, and numbers for those that nobody knew yet. Each is looked up: `offset 0` keeps the planner from reading the
-- table whole while it is young.
select root, coalesce(known.item, nextval('dead_letter_item_seq')) as item
from (select distinct unnest($1::text[]) as root) given
left join lateral (select d.item from dead_letter d where d.root = given.root offset 0) known on true
