//! The rows of letters: items, then the letters beside them.
//!
//! An item that one new letter makes has no other facts: it is written as settling would leave it.

use std::collections::{HashMap, HashSet};

use kansoku_nats::Headers;
use serde::{Serialize, Serializer};
use sqlx::{PgConnection, types::Json};

use super::{column, letters::settle};
use crate::{
    db_error::DbError,
    letter::{Letter, without_nul},
};

/// Headers as the tables keep them: without the character NUL.
struct Object<'a>(&'a Headers);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (without_nul(name), without_nul(value))))
    }
}

/// Writes letters; those that are there already change nothing.
pub(super) async fn write(session: &mut PgConnection, letters: &[Letter]) -> Result<(), DbError> {
    let roots = column(letters, |letter| letter.root.to_string());
    let items = write_items(session, letters, &roots).await?;
    let places: Vec<Item> = roots.iter().filter_map(|root| items.get(root).copied()).collect();
    let new = write_bodies(session, letters, &places).await?;
    let made: HashSet<i64> = places.iter().filter_map(|place| place.letter).collect();
    let (filed, mut unsettled): (Vec<_>, Vec<_>) = new.iter().partition(|(letter, _)| made.contains(letter));
    let items = |of: &[(i64, i64)]| of.iter().map(|(_, item)| *item).collect::<Vec<_>>();
    sqlx::query("select file_dead_letters($1)")
        .bind(items(&filed))
        .execute(&mut *session)
        .await
        .map_err(DbError::ours("file new dead letters"))?;
    unsettled.sort_unstable_by_key(|(_, item)| *item);
    unsettled.dedup_by_key(|(_, item)| *item);
    settle(session, &items(&unsettled)).await?;
    sqlx::query("select note_letters($1)")
        .bind(column(&new, |(letter, _)| *letter))
        .execute(session)
        .await
        .map(drop)
        .map_err(DbError::ours("note what letters tell of their groups"))
}

/// What a letter is about.
#[derive(Debug, Clone, Copy)]
struct Item {
    item: i64,
    /// The number of the letter that alone makes it, and is to be written with it.
    letter: Option<i64>,
}

/// Writes the items that letters are about, by their roots.
async fn write_items(
    session: &mut PgConnection,
    letters: &[Letter],
    roots: &[String],
) -> Result<HashMap<String, Item>, DbError> {
    let texts = |text: fn(&Letter) -> &str| letters.iter().map(text).collect::<Vec<&str>>();
    let known = |text: fn(&Letter) -> Option<&str>| letters.iter().map(text).collect::<Vec<Option<&str>>>();
    let of_root = count(roots.iter().map(String::as_str));
    let of_id = count(letters.iter().map(|letter| letter.dlq_id.as_str()));
    let alone = letters.iter().zip(roots).map(|(letter, root)| {
        letter.attempt == 0 && of_root[root.as_str()] == 1 && of_id[letter.dlq_id.as_str()] == 1
    });
    let written: Vec<(String, i64, Option<i64>)> = sqlx::query_as(include_str!("write_items.sql"))
        .bind(texts(|letter| &letter.dlq_id))
        .bind(roots)
        .bind(column(letters, |letter| letter.run))
        .bind(column(letters, |letter| i64::from(letter.page)))
        .bind(column(letters, |letter| letter.row.map(i64::from)))
        .bind(column(letters, |letter| letter.first_stage.to_string()))
        .bind(known(|letter| letter.catalogue.as_deref()))
        .bind(known(|letter| letter.source.as_deref()))
        .bind(texts(|letter| &letter.dataset))
        .bind(column(letters, |letter| letter.at))
        .bind(column(letters, |letter| letter.mal_id))
        .bind(known(|letter| letter.title.as_deref()))
        .bind(texts(|letter| &letter.reason))
        .bind(texts(|letter| &letter.pointer))
        .bind(texts(|letter| &letter.message))
        .bind(texts(|letter| &letter.judge))
        .bind(alone.collect::<Vec<bool>>())
        .fetch_all(session)
        .await
        .map_err(DbError::upstream("write the items of dead letters"))?;
    Ok(written.into_iter().map(|(root, item, letter)| (root, Item { item, letter })).collect())
}

fn count<'a>(texts: impl Iterator<Item = &'a str>) -> HashMap<&'a str, usize> {
    texts.fold(HashMap::new(), |mut counts, text| {
        *counts.entry(text).or_default() += 1;
        counts
    })
}

/// Writes letters, each about the item at its place; says of the new ones their number and item.
async fn write_bodies(
    session: &mut PgConnection,
    letters: &[Letter],
    items: &[Item],
) -> Result<Vec<(i64, i64)>, DbError> {
    let texts = |text: fn(&Letter) -> &str| letters.iter().map(text).collect::<Vec<&str>>();
    let known = |text: fn(&Letter) -> Option<&str>| letters.iter().map(text).collect::<Vec<Option<&str>>>();
    sqlx::query_as(include_str!("write_letters.sql"))
        .bind(column(items, |item| item.letter))
        .bind(column(items, |item| item.item))
        .bind(texts(|letter| &letter.dlq_id))
        .bind(column(letters, |letter| letter.epoch))
        .bind(column(letters, |letter| letter.seq))
        .bind(column(letters, |letter| i64::from(letter.attempt)))
        .bind(column(letters, |letter| letter.at))
        .bind(column(letters, |letter| letter.stage.to_string()))
        .bind(texts(|letter| &letter.reason))
        .bind(texts(|letter| &letter.pointer))
        .bind(texts(|letter| &letter.message))
        .bind(letters.iter().map(|letter| Json(&letter.faults)).collect::<Vec<_>>())
        .bind(texts(|letter| &letter.judge))
        .bind(known(|letter| letter.schema.as_deref()))
        .bind(known(|letter| letter.schema_hash.as_deref()))
        .bind(column(letters, |letter| letter.raw_epoch))
        .bind(column(letters, |letter| letter.raw_seq))
        .bind(column(letters, |letter| letter.deliveries))
        .bind(known(|letter| letter.trace_id.as_deref()))
        .bind(column(letters, |letter| letter.mal_id))
        .bind(known(|letter| letter.title.as_deref()))
        .bind(letters.iter().map(|letter| Json(Object(&letter.headers))).collect::<Vec<_>>())
        .bind(letters.iter().map(|letter| &letter.body[..]).collect::<Vec<&[u8]>>())
        .fetch_all(session)
        .await
        .map_err(DbError::upstream("write dead letters"))
}
