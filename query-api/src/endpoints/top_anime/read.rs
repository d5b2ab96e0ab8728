//! Reads the ranking: the two captures, the titles of the newer one, and their last days.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, Row, postgres::PgRow};

use super::{Origin, RankingRun, TopAnime, TopAnimeParams, TopTitle, history};
use crate::{
    database::{ReadError, Scope},
    vocabulary::Adult,
};

/// The capture, with its key in the database.
struct Capture {
    run_id: i32,
    run: RankingRun,
}

pub(super) async fn ranking(
    session: &mut PgConnection,
    scope: &Scope,
    params: &TopAnimeParams,
) -> Result<TopAnime, ReadError> {
    let Some(now) = newest(session, scope, scope.as_of, params.limit.get()).await? else {
        return Ok(TopAnime { run: None, previous: None, titles: Vec::new() });
    };
    let until = params.since.until(now.run.captured_at);
    let before = newest(session, scope, Some(until), params.limit.get()).await?;
    let titles = titles(session, scope, params, &now, before.as_ref()).await?;
    Ok(TopAnime { run: Some(now.run), previous: before.map(|found| found.run), titles })
}

async fn newest(
    session: &mut PgConnection,
    scope: &Scope,
    until: Option<DateTime<Utc>>,
    places: i64,
) -> Result<Option<Capture>, ReadError> {
    let row = sqlx::query(include_str!("ranking_run.sql"))
        .bind(scope.catalogue.name())
        .bind(scope.source_id)
        .bind(until)
        .bind(places)
        .fetch_optional(session)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let run = RankingRun {
        run: row.try_get("run")?,
        source: row.try_get("source")?,
        captured_at: row.try_get("captured_at")?,
        state: row.try_get("state")?,
    };
    Ok(Some(Capture { run_id: row.try_get("run_id")?, run }))
}

async fn titles(
    session: &mut PgConnection,
    scope: &Scope,
    params: &TopAnimeParams,
    now: &Capture,
    before: Option<&Capture>,
) -> Result<Vec<TopTitle>, ReadError> {
    let rows = sqlx::query(include_str!("titles.sql"))
        .bind(scope.catalogue.name())
        .bind(now.run_id)
        .bind(now.run.captured_at)
        .bind(before.map(|found| found.run_id))
        .bind(before.map(|found| found.run.captured_at))
        .bind(params.limit.get())
        .bind(params.adult == Adult::Show)
        .fetch_all(&mut *session)
        .await?;
    let mut titles = rows.iter().map(|row| title(row, &now.run)).collect::<Result<Vec<_>, _>>()?;
    let last = now.run.captured_at.date_naive();
    let line = history::Days { last, count: params.days.get() };
    let days = daily_scores(session, scope, &titles, line).await?;
    for title in &mut titles {
        let of_title = days.iter().filter(|(mal_id, ..)| *mal_id == title.mal_id);
        let seen = of_title.map(|(_, day, score)| (*day, *score)).chain([(last, title.score)]);
        title.spark = line.scores(seen);
    }
    Ok(titles)
}

/// The scores of the days before the last; that day's is the run's own, which a later capture may have outdated.
async fn daily_scores(
    session: &mut PgConnection,
    scope: &Scope,
    titles: &[TopTitle],
    line: history::Days,
) -> Result<Vec<(i32, NaiveDate, Option<f64>)>, ReadError> {
    let mal_ids: Vec<i32> = titles.iter().map(|title| title.mal_id).collect();
    let rows = sqlx::query_as(include_str!("history.sql"))
        .bind(scope.catalogue.name())
        .bind(scope.source_id)
        .bind(mal_ids)
        .bind(line.first())
        .bind(line.last)
        .fetch_all(session)
        .await?;
    Ok(rows)
}

fn title(row: &PgRow, run: &RankingRun) -> Result<TopTitle, ReadError> {
    let place: i32 = row.try_get("place")?;
    let previous_place: Option<i32> = row.try_get("previous_place")?;
    let scored_by: Option<i32> = row.try_get("scored_by")?;
    let members: Option<i32> = row.try_get("members")?;
    Ok(TopTitle {
        place,
        previous_place,
        moved: previous_place.map(|previous| previous - place),
        mal_id: row.try_get("mal_id")?,
        title: row.try_get("title")?,
        title_english: row.try_get("title_english")?,
        title_japanese: row.try_get("title_japanese")?,
        kind: row.try_get("type")?,
        season: row.try_get("season")?,
        year: row.try_get("year")?,
        studios: row.try_get("studios")?,
        score: row.try_get("score")?,
        score_change: row.try_get("score_change")?,
        scored_by: scored_by.map(i64::from),
        members: members.map(i64::from),
        spark: Vec::new(),
        origin: Origin {
            run: run.run,
            page: row.try_get("page")?,
            epoch: row.try_get("epoch")?,
            seq: row.try_get("seq")?,
            archive: row.try_get("archive")?,
            edited: row.try_get("edited")?,
            source: run.source.clone(),
            captured_at: run.captured_at,
        },
    })
}
