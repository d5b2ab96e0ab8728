-- One or two Chinese or Japanese characters are a word, and no index of three letters finds them inside a name.
create function name_characters(folded text) returns text[] language sql immutable strict parallel safe as $$
    select array_agg(distinct part)
    from regexp_matches(folded, '[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff々]+', 'g') as found(words)
    cross join lateral generate_series(1, length(words[1])) as start
    cross join lateral (values (substr(words[1], start, 1)), (substr(words[1], start, 2))) as parts(part)
$$;
comment on function name_characters is 'The single Chinese and Japanese characters of a name, and each two that stand together.';
create index title_name_characters on title_name using gin (name_characters(folded));
