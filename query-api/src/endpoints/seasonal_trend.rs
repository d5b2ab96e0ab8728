//! `GET /api/v1/analytics/seasonal-trend`: score and members of the titles of each season.

use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;

use super::titles_known::titles_known;
use crate::{
    csv::{Table, maybe, plain},
    database::ReadError,
    parameters::parameters,
    resource::{Csv, Endpoint, Reading, Resource},
    vocabulary::{Adult, Season},
};

/// Seasons, the oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(transparent)]
pub struct SeasonList(pub Vec<SeasonPoint>);

/// The titles that had their premiere in one season, by their last known numbers.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub struct SeasonPoint {
    /// The year.
    pub year: i32,
    /// The season.
    pub season: Season,
    /// Titles; 0 for a season of which none was observed: a gap, not a zero.
    pub titles: i64,
    /// Those of them that have a score.
    pub scored: i64,
    /// The mean of their scores.
    #[schema(required = true)]
    pub mean_score: Option<f64>,
    /// The median of their scores.
    #[schema(required = true)]
    pub median_score: Option<f64>,
    /// The median of their members.
    #[schema(required = true)]
    pub median_members: Option<f64>,
    /// Their members added up.
    #[schema(required = true)]
    pub members: Option<i64>,
}

parameters! {
    /// What `GET /api/v1/analytics/seasonal-trend` may be asked.
    pub struct SeasonalTrendParams {
        /// `show` leaves in titles rated "Rx".
        query adult: Adult = Adult::Hide,
    }
}

/// This resource.
pub(crate) struct Trend;

impl Resource for Trend {
    const ENDPOINT: Endpoint = Endpoint {
        name: "seasonal-trend",
        path: "/api/v1/analytics/seasonal-trend",
        tag: "analytics",
        title: "Seasonal trend",
        text: "Every season from the first observed to the last, oldest first; a season in between of which no \
               title was observed has `titles: 0` and no other numbers.",
    };
    const CSV: Option<Csv<SeasonList>> = Some(Csv { columns: &COLUMNS, write: write_csv });
    type Params = SeasonalTrendParams;
    type Data = SeasonList;

    async fn load(reading: &mut Reading, params: &SeasonalTrendParams) -> Result<SeasonList, ReadError> {
        let rows = titles_known!("seasonal_trend.sql")
            .query(&reading.scope, params.adult, None)
            .fetch_all(reading.session())
            .await?;
        Ok(SeasonList(rows.iter().map(SeasonPoint::from_row).collect::<Result<_, _>>()?))
    }
}

const COLUMNS: [&str; 8] =
    ["year", "season", "titles", "scored", "mean_score", "median_score", "median_members", "members"];

fn write_csv(SeasonList(points): &SeasonList) -> csv::Result<String> {
    let mut table = Table::new(&COLUMNS)?;
    for point in points {
        table.line([
            plain(point.year),
            plain(point.season.name()),
            plain(point.titles),
            plain(point.scored),
            maybe(point.mean_score),
            maybe(point.median_score),
            maybe(point.median_members),
            maybe(point.members),
        ])?;
    }
    table.finish()
}
