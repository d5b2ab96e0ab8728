//! The lines of titles where they are not told by a new observation alone: days that several sources observed, slots that were
//! contested, histories. The functions of migrations 9 and 12 make them again from the observations.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};
use sqlx::PgConnection;

use crate::db_error::DbError;

/// A day of a title.
pub(super) type TitleDay = (i32, NaiveDate);

/// Makes these days again, and the newest numbers of their titles. No source has days after both the `newest` of the batch and
/// its newest page.
pub(super) async fn make(
    session: &mut PgConnection,
    catalogue: &str,
    days: &BTreeSet<TitleDay>,
    newest: Option<NaiveDate>,
) -> Result<(), DbError> {
    if days.is_empty() {
        return Ok(());
    }
    let (titles, days): (Vec<i32>, Vec<NaiveDate>) = days.iter().copied().unzip();
    let made = sqlx::query("select make_title_days($1, $2, $3)").bind(catalogue).bind(&titles).bind(days);
    made.execute(&mut *session).await.map_err(DbError::ours("make the days of titles"))?;
    let made = sqlx::query("select make_title_latest($1, $2, $3)").bind(catalogue).bind(titles).bind(newest);
    made.execute(session).await.map_err(DbError::ours("make the newest numbers of titles"))?;
    Ok(())
}

/// Makes those of these days again that another source has observed, too, and those that may tell what a newer history is
/// silent on.
pub(super) async fn make_shared(
    session: &mut PgConnection,
    catalogue: &str,
    days: &BTreeSet<(i32, NaiveDate, i32)>,
    newest: Option<NaiveDate>,
) -> Result<(), DbError> {
    let shared: Vec<TitleDay> = sqlx::query_as(
        "select i.mal_id, i.day
         from unnest($2::int[], $3::date[], $4::int[]) as i(mal_id, day, source_id)
         cross join lateral (
             select * from title_daily d
             where d.catalogue = $1 and d.mal_id = i.mal_id and d.line = 0 and d.day = i.day offset 0
         ) d
         cross join lateral (select * from title_latest l where l.catalogue = $1 and l.line = 0 and l.mal_id = i.mal_id offset 0) l
         where (select count(*) > 1 from source s where s.catalogue = $1)
             and (not d.sole or d.source_id <> i.source_id or l.source_id <> i.source_id and is_history(l.source_id))",
    )
    .bind(catalogue)
    .bind(days.iter().map(|day| day.0).collect::<Vec<_>>())
    .bind(days.iter().map(|day| day.1).collect::<Vec<_>>())
    .bind(days.iter().map(|day| day.2).collect::<Vec<_>>())
    .fetch_all(&mut *session)
    .await
    .map_err(DbError::ours("look up the days that several sources observed"))?;
    make(session, catalogue, &shared.into_iter().collect(), newest).await
}

/// Notes that days of these weeks have changed.
pub(super) async fn note_weeks(
    session: &mut PgConnection,
    catalogue: &str,
    days: impl Iterator<Item = NaiveDate>,
) -> Result<(), DbError> {
    let weeks: BTreeSet<NaiveDate> = days.map(monday_of).collect();
    sqlx::query("select note_week_changes($1, $2)")
        .bind(catalogue)
        .bind(Vec::from_iter(weeks))
        .execute(session)
        .await
        .map(drop)
        .map_err(DbError::ours("note the weeks that changed"))
}

/// The first day of a day's week.
fn monday_of(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())).unwrap_or(day)
}
