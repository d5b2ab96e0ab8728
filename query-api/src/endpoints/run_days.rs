//! `GET /api/v1/runs/days`: which days were observed.

use chrono::{Days, NaiveDate};
use serde::Serialize;
use sqlx::Row;
use utoipa::ToSchema;

use crate::{
    database::ReadError,
    parameters::{Whole, parameters},
    resource::{Endpoint, Reading, Resource},
};

/// Days, the oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(transparent)]
pub struct RunDayList(pub Vec<RunDay>);

/// One UTC day, observed or not.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunDay {
    /// The day.
    pub day: NaiveDate,
    /// Captures of that day; 0 where nothing was observed.
    pub runs: i64,
    /// Those that brought every page.
    pub complete: i64,
    /// Those that did not, or not yet.
    pub incomplete: i64,
}

parameters! {
    /// What `GET /api/v1/runs/days` may be asked.
    pub struct RunDaysParams {
        /// How many days, ending with the day of `as_of`, or today.
        query days: Whole<1, 400> = 60,
    }
}

/// This resource.
pub(crate) struct Observed;

impl Resource for Observed {
    const ENDPOINT: Endpoint = Endpoint {
        name: "run-days",
        path: "/api/v1/runs/days",
        tag: "captures",
        title: "Days observed",
        text: "Every UTC day of the range, oldest first, with the captures of that day.",
    };
    const FROM_TODAY: bool = true;
    type Params = RunDaysParams;
    type Data = RunDayList;

    async fn load(reading: &mut Reading, params: &RunDaysParams) -> Result<RunDayList, ReadError> {
        // A catalogue may be captured by another calendar than ours, and be ahead of it.
        let until = reading.meta.captured_at.map_or(reading.today, |at| at.date_naive().max(reading.today));
        let back = Days::new(params.days.get().unsigned_abs() - 1);
        let from = until.checked_sub_days(back).unwrap_or(NaiveDate::MIN);
        let rows = sqlx::query(include_str!("run_days.sql"))
            .bind(reading.scope.catalogue.name())
            .bind(reading.scope.source_id)
            .bind(reading.scope.as_of)
            .bind(from)
            .bind(until)
            .fetch_all(reading.session())
            .await?;
        let mut days = Vec::with_capacity(rows.len());
        for row in rows {
            let (runs, complete): (i64, i64) = (row.try_get("runs")?, row.try_get("complete")?);
            days.push(RunDay { day: row.try_get("day")?, runs, complete, incomplete: runs - complete });
        }
        Ok(RunDayList(days))
    }
}
