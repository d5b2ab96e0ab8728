//! `GET /api/v1/analytics/seasonal-trend`: score and members of the titles of each season.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::titles_known::{Figures, titles_known};
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
#[derive(Debug, Clone, Serialize, ToSchema)]
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
        let seasons: Vec<(i32, Vec<i32>)> = sqlx::query_as(include_str!("seasonal_trend.sql"))
            .bind(reading.scope.catalogue.name())
            .bind(params.adult == Adult::Show)
            .fetch_all(reading.session())
            .await?;
        let known =
            titles_known(reading, seasons.iter().flat_map(|(_, titles)| titles.iter().copied())).await?;
        let observed = seasons.iter().map(|(ordinal, titles)| (*ordinal, known.figures(titles)));
        let observed: BTreeMap<i32, Figures> = observed.filter(|(_, figures)| figures.titles > 0).collect();
        let (Some((first, _)), Some((last, _))) = (observed.first_key_value(), observed.last_key_value())
        else {
            return Ok(SeasonList(Vec::new()));
        };
        Ok(SeasonList((*first..=*last).map(|ordinal| point(ordinal, observed.get(&ordinal))).collect()))
    }
}

/// A season by its place among all, four a year.
fn point(ordinal: i32, figures: Option<&Figures>) -> SeasonPoint {
    let season = match ordinal.rem_euclid(4) {
        0 => Season::Winter,
        1 => Season::Spring,
        2 => Season::Summer,
        _ => Season::Fall,
    };
    SeasonPoint {
        year: ordinal.div_euclid(4),
        season,
        titles: figures.map_or(0, |figures| figures.titles),
        scored: figures.map_or(0, Figures::scored),
        mean_score: figures.and_then(Figures::mean_score),
        median_score: figures.and_then(Figures::median_score),
        median_members: figures.and_then(Figures::median_members),
        members: figures.and_then(Figures::members),
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
