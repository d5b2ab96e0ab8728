//! `GET /api/v1/analytics/titles/{mal_id}/weeks`: the places of one title among all, week by week.

mod last;
mod standing;

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;

use super::title::{MalId, line_of, must_be_known};
use crate::{
    csv::{Table, maybe, plain},
    database::{Facet, ReadError},
    parameters::parameters,
    resource::{Csv, Endpoint, Reading, Resource},
};

pub(super) use last::last_week;
pub use standing::Standing;

/// The weeks of one title.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TitleWeeks {
    /// The title's number in its catalogue.
    pub mal_id: i64,
    /// Every week from the first observed to that of the newest capture; empty where the title was not observed.
    pub weeks: Vec<TitleWeek>,
    /// Where it stands in the newest week among the titles by score.
    pub score_list: Standing,
    /// Where it stands in the newest week among the titles by members gained.
    pub members_list: Standing,
    /// Whether these weeks count every observation; else their places are about to change.
    pub rolled_up: bool,
}

/// One title in one week, by its last known numbers.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow, ToSchema)]
pub struct TitleWeek {
    /// The week's Monday.
    pub week: NaiveDate,
    /// Whether the title was observed: a week without is a gap, not a zero.
    pub observed: bool,
    /// The mean of its votes, 1 to 10.
    #[schema(required = true)]
    pub score: Option<f64>,
    /// How many people have it on a list.
    #[schema(required = true)]
    pub members: Option<i32>,
    /// How many more than in the week before; `null` where either is not known.
    #[schema(required = true)]
    pub members_gained: Option<i32>,
    /// Its place by score among the titles with at least 1,000 votes.
    #[schema(required = true)]
    pub score_place: Option<i32>,
    /// Its place by members gained.
    #[schema(required = true)]
    pub members_place: Option<i32>,
}

parameters! {
    /// What `GET /api/v1/analytics/titles/{mal_id}/weeks` may be asked.
    pub struct TitleWeeksParams {
        /// The title's number in its catalogue.
        path mal_id: MalId,
    }
}

/// This resource.
pub(crate) struct Weeks;

impl Resource for Weeks {
    const ENDPOINT: Endpoint = Endpoint {
        name: "title-weeks",
        path: "/api/v1/analytics/titles/{mal_id}/weeks",
        tag: "analytics",
        title: "Weeks of a title",
        text: "The places of one title among all titles week by week, oldest first. `as_of` leaves out a week of which more \
               was captured later. Places are those among the observations of all sources, so there are none for one `source`.",
    };
    const ALSO_SHOWS: &'static [Facet] = &[Facet::Weeks];
    const CSV: Option<Csv<TitleWeeks>> = Some(Csv { columns: &COLUMNS, write: write_csv });
    type Params = TitleWeeksParams;
    type Data = TitleWeeks;

    async fn load(reading: &mut Reading, params: &TitleWeeksParams) -> Result<TitleWeeks, ReadError> {
        must_be_known(reading, params.mal_id).await?;
        let mal_id = params.mal_id.get();
        let (mut weeks, mut rolled_up) = (Vec::new(), true);
        if let Some(last) = last_week(reading).await? {
            weeks = match reading.scope.source_id {
                Some(_) => weeks_of_source(reading, params.mal_id, last).await?,
                None => weeks_of_all(reading, params.mal_id, last).await?,
            };
            rolled_up = is_rolled_up(reading, last).await?;
        }
        Ok(TitleWeeks {
            mal_id,
            score_list: standing(&weeks, |week| week.score_place),
            members_list: standing(&weeks, |week| week.members_place),
            weeks,
            rolled_up,
        })
    }
}

fn standing(weeks: &[TitleWeek], place: fn(&TitleWeek) -> Option<i32>) -> Standing {
    Standing::of(&weeks.iter().map(|week| (week.week, place(week))).collect::<Vec<_>>())
}

async fn weeks_of_all(
    reading: &mut Reading,
    mal_id: MalId,
    last: NaiveDate,
) -> Result<Vec<TitleWeek>, ReadError> {
    let weeks = sqlx::query_as(include_str!("title_weeks.sql"))
        .bind(reading.scope.catalogue.name())
        .bind(mal_id.int())
        .bind(last)
        .fetch_all(reading.session())
        .await?;
    Ok(weeks)
}

async fn weeks_of_source(
    reading: &mut Reading,
    mal_id: MalId,
    last: NaiveDate,
) -> Result<Vec<TitleWeek>, ReadError> {
    let sql = concat!(include_str!("title_line.sql"), include_str!("title_weeks_of_source.sql"));
    let weeks = sqlx::query_as_with(sql, line_of(&reading.scope, mal_id)?).bind(last);
    Ok(weeks.fetch_all(reading.session()).await?)
}

async fn is_rolled_up(reading: &mut Reading, last: NaiveDate) -> Result<bool, ReadError> {
    let sql = "select not exists (select from week_change where catalogue = $1 and week <= $2 and changed > rolled)";
    let query = sqlx::query_scalar(sql).bind(reading.scope.catalogue.name()).bind(last);
    Ok(query.fetch_one(reading.session()).await?)
}

const COLUMNS: [&str; 7] =
    ["week", "observed", "score", "members", "members_gained", "score_place", "members_place"];

fn write_csv(line: &TitleWeeks) -> csv::Result<String> {
    let mut table = Table::new(&COLUMNS)?;
    for week in &line.weeks {
        table.line([
            plain(week.week),
            plain(week.observed),
            maybe(week.score),
            maybe(week.members),
            maybe(week.members_gained),
            maybe(week.score_place),
            maybe(week.members_place),
        ])?;
    }
    table.finish()
}
