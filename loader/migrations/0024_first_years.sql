-- Who moved like a title is asked of hundreds of others, a year of weeks each: one row of each other in the place of fifty, with what
-- they are chosen by.
create table title_first_year (
    premiere  date not null,
    mal_id    int not null,
    members   int,
    adult     boolean not null,
    catalogue text not null,
    type      text,
    weeks     smallint[] not null, -- since that of the premiere, which is 0, up to 51; those in which there is a score
    scores    smallint[] not null, -- of these weeks, in hundredths
    primary key (catalogue, mal_id)
) with (fillfactor = 50);
comment on table title_first_year is
    'Rolled up with title_week: the scores of the first year of each title of which that has weeks, and what it is chosen by.';
create index title_first_year_by_premiere on title_first_year (catalogue, type, premiere);

-- Makes the first years again that a week belongs to, and what has changed of the titles.
create function make_title_first_years(of_catalogue text, of_week date) returns void language plpgsql set jit = off as $$
declare
    earliest date := (select min(week) from title_week where catalogue = of_catalogue) - 51 * 7;
begin
    delete from title_first_year f where f.catalogue = of_catalogue and not exists (
        select from anime a
        where a.catalogue = of_catalogue and a.mal_id = f.mal_id and a.aired_from = f.premiere and a.aired_from_precision = 'day'
    );
    insert into title_first_year as f (catalogue, mal_id, type, adult, premiere, members, weeks, scores)
    select of_catalogue, t.mal_id, t.type, coalesce(t.rating like 'Rx%', false), t.aired_from, l.members,
        coalesce(w.weeks, '{}'), coalesce(w.scores, '{}')
    from anime t
    cross join lateral (
        select * from title_latest l where l.catalogue = of_catalogue and l.line = 0 and l.mal_id = t.mal_id offset 0
    ) l
    cross join lateral (
        select array_agg(((w.week - week_of(t.aired_from)) / 7)::smallint order by w.week) as weeks,
            array_agg((w.score * 100)::smallint order by w.week) as scores
        from title_week w
        where w.catalogue = of_catalogue and w.mal_id = t.mal_id and w.score is not null
            and w.week between week_of(t.aired_from) and week_of(t.aired_from) + 51 * 7
    ) w
    where t.catalogue = of_catalogue and t.aired_from_precision = 'day' and t.aired_from >= earliest
        and (t.aired_from between of_week - 51 * 7 and of_week + 6 or not exists (
            select from title_first_year k where k.catalogue = of_catalogue and k.mal_id = t.mal_id
        ))
    order by t.mal_id
    on conflict (catalogue, mal_id) do update set weeks = excluded.weeks, scores = excluded.scores
    where (f.weeks, f.scores) is distinct from (excluded.weeks, excluded.scores);
    update title_first_year f set type = t.type, adult = coalesce(t.rating like 'Rx%', false), members = l.members
    from anime t, title_latest l
    where f.catalogue = of_catalogue and t.catalogue = of_catalogue and t.mal_id = f.mal_id
        and l.catalogue = of_catalogue and l.line = 0 and l.mal_id = f.mal_id
        and (f.type, f.adult, f.members) is distinct from (t.type, coalesce(t.rating like 'Rx%', false), l.members);
end
$$;

-- Of what is rolled up here already.
select make_title_first_years(catalogue, '-infinity'::date) from data_version;
