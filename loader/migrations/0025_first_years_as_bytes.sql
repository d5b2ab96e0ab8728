-- A year as one value: an array is sent element by element, twelve bytes a week; two bytes a week are sent as they lie.
create function first_year(weeks smallint[], scores smallint[]) returns bytea language sql immutable parallel safe as $$
    select string_agg(int2send(coalesce(s.score, -1::smallint)), ''::bytea order by n)
    from generate_series(0, 51) n left join unnest(weeks, scores) s (week, score) on s.week = n
$$;
comment on function first_year is 'Scores of a year of weeks: of each two bytes, the higher first, in hundredths; -1 where there is none.';
alter table title_first_year add column year bytea not null generated always as (first_year(weeks, scores)) stored;
