//! The rows of letters: they are written down, then the items that they are about.
//!
//! An item that one new letter makes has no other facts: it is written as settling would leave it.

use std::collections::{HashMap, HashSet};

use serde::{Serialize, Serializer};
use sqlx::{PgConnection, types::Json};

use super::{column, letters::settle};
use crate::{
    db_error::DbError,
    letter::{Letter, without_nul},
};

/// A letter's headers as the tables keep them: those that no other column says and that are not the transport's, in the order of
/// `jsonb`, which spares Postgres the sorting.
struct OtherHeaders<'a>(&'a Letter);

impl Serialize for OtherHeaders<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let letter = self.0;
        let stage = letter.stage.to_string();
        let column = |name: &str| match name {
            "Dlq-Id" => Some(letter.dlq_id.as_str()),
            "Dlq-Stage" => Some(stage.as_str()),
            "Dlq-Reason" => Some(letter.reason.as_str()),
            "Dlq-Error" => Some(letter.message.as_str()),
            "Dlq-Pointer" => Some(letter.pointer.as_str()),
            "Dlq-Judge" => Some(letter.judge.as_str()),
            "Dlq-Schema" => letter.schema.as_deref(),
            "Dlq-Schema-Hash" => letter.schema_hash.as_deref(),
            _ => None,
        };
        let all = letter.headers.iter().map(|(name, value)| (without_nul(name), without_nul(value)));
        let is_said =
            |name: &str, value: &str| !value.is_empty() && column(name).is_some_and(|said| said == value);
        let mut others: Vec<_> =
            all.filter(|(name, value)| !name.starts_with("Nats-") && !is_said(name, value)).collect();
        others.sort_by(|(one, _), (other, _)| (one.len(), one).cmp(&(other.len(), other)));
        serializer.collect_map(others)
    }
}

/// Letters that are written down: their items are not yet.
pub(super) struct Written<'a> {
    letters: &'a [Letter],
    roots: Vec<String>,
    /// The number of each root's item.
    items: HashMap<String, i64>,
    /// The new ones, by number, and their items.
    new: Vec<(i64, i64)>,
}

/// Writes letters down; those that are there already change nothing. It needs no lock: nobody sees a letter before its item.
pub(super) async fn write<'a>(
    session: &mut PgConnection,
    letters: &'a [Letter],
) -> Result<Written<'a>, DbError> {
    let roots = column(letters, |letter| letter.root.to_string());
    let items: Vec<(String, i64)> = sqlx::query_as(include_str!("number_items.sql"))
        .bind(&roots)
        .fetch_all(&mut *session)
        .await
        .map_err(DbError::ours("number the items of dead letters"))?;
    let items = HashMap::from_iter(items);
    let places: Vec<i64> = roots.iter().filter_map(|root| items.get(root).copied()).collect();
    let new = write_letters(session, letters, &places).await?;
    Ok(Written { letters, roots, items, new })
}

impl Written<'_> {
    /// Writes the items, and all that follows from them and their letters; the locks are taken.
    pub(super) async fn derive(self, session: &mut PgConnection) -> Result<(), DbError> {
        let written = self.write_items(session).await?;
        let moved: Vec<(i64, i64)> = written
            .iter()
            .filter_map(|(root, item, _)| Some((*self.items.get(root)?, *item)))
            .filter(|(planned, item)| planned != item)
            .collect();
        if !moved.is_empty() {
            move_letters(session, &moved).await?;
        }
        let moved: HashMap<i64, i64> = moved.into_iter().collect();
        let filed: HashSet<i64> =
            written.iter().filter(|(_, _, is_filed)| *is_filed).map(|(_, item, _)| *item).collect();
        let new = self.new.iter().map(|(letter, item)| (*letter, moved.get(item).copied().unwrap_or(*item)));
        let (filed, others): (Vec<_>, Vec<_>) = new.partition(|(_, item)| filed.contains(item));
        let numbers = |of: &[(i64, i64)]| column(of, |(letter, _)| *letter);
        let items = |of: &[(i64, i64)]| column(of, |(_, item)| *item);
        sqlx::query("select file_new_letters($1, $2)")
            .bind(numbers(&filed))
            .bind(items(&filed))
            .execute(&mut *session)
            .await
            .map_err(DbError::ours("file new dead letters"))?;
        if others.is_empty() {
            return Ok(());
        }
        let mut unsettled = items(&others);
        unsettled.sort_unstable();
        unsettled.dedup();
        settle(session, &unsettled).await?;
        sqlx::query("select note_letters($1)")
            .bind(numbers(&others))
            .execute(session)
            .await
            .map(drop)
            .map_err(DbError::ours("note what letters tell of their groups"))
    }

    /// The items by root and number; of each, whether it needs no settling.
    async fn write_items(&self, session: &mut PgConnection) -> Result<Vec<(String, i64, bool)>, DbError> {
        let Self { letters, roots, items, new } = self;
        let texts = |text: fn(&Letter) -> &str| letters.iter().map(text).collect::<Vec<&str>>();
        let known =
            |text: fn(&Letter) -> Option<&str>| letters.iter().map(text).collect::<Vec<Option<&str>>>();
        let of_root = count(roots);
        let new: HashMap<i64, i64> = new.iter().map(|(letter, item)| (*item, *letter)).collect();
        let alone = letters.iter().zip(roots).map(|(letter, root)| {
            let is_alone = letter.attempt == 0 && of_root[root.as_str()] == 1;
            items.get(root).filter(|_| is_alone).and_then(|item| new.get(item).copied())
        });
        sqlx::query_as(include_str!("write_items.sql"))
            .bind(roots)
            .bind(column(roots, |root| items.get(root).copied()))
            .bind(alone.collect::<Vec<Option<i64>>>())
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
            .fetch_all(session)
            .await
            .map_err(DbError::upstream("write the items of dead letters"))
    }
}

fn count(texts: &[String]) -> HashMap<&str, usize> {
    texts.iter().fold(HashMap::new(), |mut counts, text| {
        *counts.entry(text.as_str()).or_default() += 1;
        counts
    })
}

/// Somebody else has written these items in the meantime, by other numbers.
async fn move_letters(session: &mut PgConnection, moved: &[(i64, i64)]) -> Result<(), DbError> {
    sqlx::query(
        "update dead_letter_letter l set item = i.item from unnest($1::bigint[], $2::bigint[]) as i(planned, item)
         where l.item = i.planned",
    )
    .bind(column(moved, |(planned, _)| *planned))
    .bind(column(moved, |(_, item)| *item))
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::ours("move dead letters to their items"))
}

/// Writes letters, each about the item at its place; says of the new ones their number and item.
async fn write_letters(
    session: &mut PgConnection,
    letters: &[Letter],
    items: &[i64],
) -> Result<Vec<(i64, i64)>, DbError> {
    let texts = |text: fn(&Letter) -> &str| letters.iter().map(text).collect::<Vec<&str>>();
    let known = |text: fn(&Letter) -> Option<&str>| letters.iter().map(text).collect::<Vec<Option<&str>>>();
    sqlx::query_as(include_str!("write_letters.sql"))
        .bind(items)
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
        .bind(letters.iter().map(|letter| Json(OtherHeaders(letter))).collect::<Vec<_>>())
        .bind(letters.iter().map(|letter| &letter.body[..]).collect::<Vec<&[u8]>>())
        .fetch_all(session)
        .await
        .map_err(DbError::upstream("write dead letters"))
}
