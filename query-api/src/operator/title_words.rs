//! What of a part of a title its index is asked for.
//!
//! The index knows titles by groups of three letters. Those that most titles have take the most of its time and tell it nothing: words
//! that most titles have are left to the condition.

use std::collections::BTreeSet;

use sqlx::{PgConnection, Postgres, QueryBuilder};

use crate::problem::Failure;

/// About so many items, evenly over all, tell which words are common.
const SAMPLE: i64 = 200;

/// Adds what the index of titles finds of a part of one, for the planner. The condition itself says more.
///
/// What few titles have is found first, whatever the planner expects of it: a sampled title that happens to have it would make it
/// look through all dead letters in the order of the list.
pub(super) async fn push(
    database: &mut PgConnection,
    builder: &mut QueryBuilder<Postgres>,
    part: &str,
) -> Result<(), Failure> {
    let (words, is_few) = sampled(database, &words(part)).await?;
    let asked = if words.is_empty() { vec![part.to_owned()] } else { words };
    if is_few {
        builder.push("d.item = any(array(select d.item from dead_letter d where ");
    }
    for word in asked {
        builder.push("lower(d.title collate \"C\") like '%' || regexp_replace(lower(").push_bind(word);
        builder.push("::text collate \"C\"), '([\\\\%_])', '\\\\\\1', 'g') || '%' and ");
    }
    if is_few {
        builder.push("true)) and ");
    }
    Ok(())
}

/// Its words, each with the spaces beside it: they tell the index where words begin and end.
fn words(part: &str) -> BTreeSet<&str> {
    let mut words = BTreeSet::new();
    let mut start = 0;
    for word in part.split(' ') {
        let end = start + word.len();
        if !word.is_empty() {
            words.insert(&part[start.saturating_sub(1)..part.len().min(end + 1)]);
        }
        start = end + 1;
    }
    words
}

/// Those of the words that at most half of the titles have: without the others, twice as many are found at most. And whether there
/// is one that none of the sampled titles has.
async fn sampled(
    database: &mut PgConnection,
    words: &BTreeSet<&str>,
) -> Result<(Vec<String>, bool), Failure> {
    let sql = "
        select word, count(*) filter (where position(lower(word collate \"C\") in title) > 0) = 0 as is_few
        from unnest($1::text[]) w(word)
        cross join (
            select lower(d.title collate \"C\") as title
            from (select min(item) as low, max(item) as high from dead_letter) span
            cross join generate_series(low, high, greatest((high - low) / $2, 1)) as n(item)
            join dead_letter d using (item)
        ) sampled
        group by word
        having count(*) filter (where position(lower(word collate \"C\") in title) > 0) * 2 <= count(*)
        order by word";
    let rare: Vec<(String, bool)> =
        sqlx::query_as(sql).bind(Vec::from_iter(words)).bind(SAMPLE).fetch_all(database).await?;
    let is_few = rare.iter().any(|(_, is_few)| *is_few);
    Ok((rare.into_iter().map(|(word, _)| word).collect(), is_few))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_the_spaces_beside_it() {
        let words = |part| Vec::from_iter(words(part));
        assert_eq!(words("title 173"), [" 173", "title "]);
        assert_eq!(words("a  bc d"), [" bc ", " d", "a "]);
        assert_eq!(words(" 光 の"), [" の", " 光 "]);
        assert_eq!(words("one"), ["one"]);
        assert_eq!(words("  "), [""; 0]);
    }
}
