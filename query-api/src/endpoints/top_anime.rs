//! `GET /api/v1/analytics/top-anime`: the ranking by score, and how it moved since a capture before.

mod history;
mod read;
mod table;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    database::{Facet, ReadError},
    parameters::{Whole, bad, parameters},
    problem::Failure,
    resource::{Csv, Endpoint, Reading, Resource},
    vocabulary::{Adult, RunState, Season, words},
};

/// The ranking of the newest capture beside an earlier one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TopAnime {
    /// The capture shown; `null` where none has been made.
    #[schema(required = true)]
    pub run: Option<RankingRun>,
    /// The capture it is compared with, which `since` chooses; `null` where none is that old.
    #[schema(required = true)]
    pub previous: Option<RankingRun>,
    /// The titles from the first place down.
    pub titles: Vec<TopTitle>,
}

/// The capture that a ranking comes from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RankingRun {
    /// The run's id.
    pub run: Uuid,
    /// Where the bytes came from.
    pub source: String,
    /// When.
    pub captured_at: DateTime<Utc>,
    /// Whether all its pages came.
    pub state: RunState,
}

/// A title in the ranking.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TopTitle {
    /// Its place in this capture, from 1.
    pub place: i32,
    /// Its place in the earlier capture; `null` where it was not in it.
    #[schema(required = true)]
    pub previous_place: Option<i32>,
    /// Places gained since the earlier capture (positive = up); `null` where it was not in it.
    #[serde(rename = "move")]
    #[schema(required = true)]
    pub moved: Option<i32>,
    /// The title's number in its catalogue.
    pub mal_id: i32,
    /// Its main title.
    pub title: String,
    /// Its English title.
    #[schema(required = true)]
    pub title_english: Option<String>,
    /// Its Japanese title.
    #[schema(required = true)]
    pub title_japanese: Option<String>,
    /// TV, Movie, OVA …
    #[serde(rename = "type")]
    #[schema(required = true, example = "TV")]
    pub kind: Option<String>,
    /// The season of its premiere.
    #[schema(required = true)]
    pub season: Option<Season>,
    /// The year of its premiere.
    #[schema(required = true)]
    pub year: Option<i32>,
    /// Who made it.
    pub studios: Vec<String>,
    /// The mean of its votes, 1 to 10.
    #[schema(required = true)]
    pub score: Option<f64>,
    /// The score's change since the earlier capture.
    #[schema(required = true)]
    pub score_change: Option<f64>,
    /// How many voted.
    #[schema(required = true)]
    pub scored_by: Option<i64>,
    /// How many people have it on a list.
    #[schema(required = true)]
    pub members: Option<i64>,
    /// The score on the last days up to this capture: 14, or as many as `days` asked for.
    pub spark: Vec<HistoryDay>,
    /// Where the numbers come from.
    pub origin: Origin,
}

/// The score on one UTC day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HistoryDay {
    /// The day.
    pub day: NaiveDate,
    /// The day's last score; `null` where the title had none, or was not observed.
    #[schema(required = true)]
    pub score: Option<f64>,
    /// Whether the title was observed.
    pub observed: bool,
}

/// The place upstream and in the stream that a number comes from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Origin {
    /// The run.
    pub run: Uuid,
    /// The page of the run, from 1; `null` while the page is not known.
    #[schema(required = true)]
    pub page: Option<i32>,
    /// When the stream of raw pages was made, in ms since 1970.
    pub epoch: i64,
    /// The page's number in that stream.
    pub seq: i64,
    /// The archive file that has the page too, once its day is over: the stream drops its oldest.
    #[schema(required = true)]
    pub archive: Option<String>,
    /// Whether an operator edited what the page was made from.
    pub edited: bool,
    /// Where the bytes came from.
    pub source: String,
    /// When.
    pub captured_at: DateTime<Utc>,
}

words! {
    /// How far back the capture lies that a ranking is compared with.
    pub enum Since {
        /// The one before it.
        Capture = "capture",
        /// One day or more.
        Day = "day",
        /// Seven days or more.
        Week = "week",
    }
}

impl Since {
    /// The last instant that a capture to compare with may have.
    fn until(self, captured_at: DateTime<Utc>) -> DateTime<Utc> {
        let midnight = |days| {
            let day = captured_at.date_naive() - TimeDelta::days(days);
            day.and_time(NaiveTime::MIN).and_utc()
        };
        let after = match self {
            Self::Capture => captured_at,
            Self::Day => midnight(0),
            Self::Week => midnight(6),
        };
        after - TimeDelta::microseconds(1)
    }
}

/// The most days of all histories of one response.
const MAX_POINTS: i64 = 12_000;

parameters! {
    /// What `GET /api/v1/analytics/top-anime` may be asked.
    pub struct TopAnimeParams {
        /// How many titles.
        query limit: Whole<1, 100> = 10,
        /// How many days each title's line goes back, ending with the capture's: 120, or more of them for fewer than 100
        /// titles, as far as the two multiplied are 12,000 at most.
        query days: Whole<1, 3660> = 14,
        /// The capture to compare with: `capture` takes the one before, `day` the newest of an earlier UTC day, `week` the
        /// newest of a day at least seven before.
        query since: Since = Since::Capture,
        /// `show` leaves in titles rated "Rx".
        query adult: Adult = Adult::Hide,
    }
}

/// This resource.
pub(crate) struct Ranking;

impl Resource for Ranking {
    const ENDPOINT: Endpoint = Endpoint {
        name: "top-anime",
        path: "/api/v1/analytics/top-anime",
        tag: "analytics",
        title: "Top anime",
        text: "The ranking by score of the newest capture, with every title's move since the capture before it, \
               or a day or a week before, its last days and the origin of its numbers.",
    };
    const ALSO_SHOWS: &'static [Facet] = &[Facet::Archive];
    const CSV: Option<Csv<TopAnime>> = Some(Csv { columns: &table::COLUMNS, write: table::write_csv });
    type Params = TopAnimeParams;
    type Data = TopAnime;

    fn check(params: &TopAnimeParams) -> Result<(), Failure> {
        let (limit, days) = (params.limit.get(), params.days.get());
        if limit * days <= MAX_POINTS {
            return Ok(());
        }
        let most = MAX_POINTS / limit;
        let message = format!("{days} for each of {limit} titles are too many; {most} are the most");
        Err(bad("days", message, vec![format!("1 to {most}")]))
    }

    async fn load(reading: &mut Reading, params: &TopAnimeParams) -> Result<TopAnime, ReadError> {
        let top = read::ranking(&mut reading.snapshot.transaction, &reading.scope, params).await?;
        // The chart shows one run, so its instant and its pages are what the response says about itself.
        reading.meta.captured_at = top.run.as_ref().map(|run| run.captured_at);
        reading.meta.complete = top.run.as_ref().is_none_or(|run| run.state == RunState::Complete);
        Ok(top)
    }
}
