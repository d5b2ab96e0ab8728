//! `GET /api/v1/analytics/titles/{mal_id}/days`: the line of one title through time.

use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};
use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    title::{MalId, line_of, must_be_known},
    title_parts::Figures,
};
use crate::{
    csv::{Cell, Table, maybe, plain, text},
    database::ReadError,
    parameters::{Whole, parameters},
    resource::{Csv, Endpoint, Reading, Resource},
};

/// The line of one title.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TitleDays {
    /// The title's number in its catalogue.
    pub mal_id: i64,
    /// Every UTC day from the first observed, or the first asked for, to that of the newest capture; empty where the title
    /// was not observed.
    pub days: Vec<TitleDay>,
}

/// One title on one UTC day, by its last observation.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow, ToSchema)]
pub struct TitleDay {
    /// The day.
    pub day: NaiveDate,
    /// Whether the title was observed: a day without is a gap, not a zero.
    pub observed: bool,
    /// Its numbers.
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub figures: Figures,
    /// When the last observation was made.
    #[schema(required = true)]
    pub captured_at: Option<DateTime<Utc>>,
    /// Where its bytes came from.
    #[schema(required = true)]
    pub source: Option<String>,
    /// Its run.
    #[schema(required = true)]
    pub run: Option<Uuid>,
    /// When the stream of raw pages that has its page was made, in ms since 1970.
    #[schema(required = true)]
    pub epoch: Option<i64>,
    /// The page's number in that stream.
    #[schema(required = true)]
    pub seq: Option<i64>,
    /// Whether an operator edited what the page was made from.
    pub edited: bool,
}

parameters! {
    /// What `GET /api/v1/analytics/titles/{mal_id}/days` may be asked.
    pub struct TitleDaysParams {
        /// The title's number in its catalogue.
        path mal_id: MalId,
        /// How many days at most, ending with that of the newest capture; all when left out.
        query days: Option<Whole<7, 3660>>,
    }
}

/// This resource.
pub(crate) struct Line;

impl Resource for Line {
    const ENDPOINT: Endpoint = Endpoint {
        name: "title-days",
        path: "/api/v1/analytics/titles/{mal_id}/days",
        tag: "analytics",
        title: "Days of a title",
        text: "The numbers of one title on every UTC day by the last observation of the day, oldest first, each with the \
               origin of the observation.",
    };
    const CSV: Option<Csv<TitleDays>> = Some(Csv { columns: &COLUMNS, write: write_csv });
    type Params = TitleDaysParams;
    type Data = TitleDays;

    async fn load(reading: &mut Reading, params: &TitleDaysParams) -> Result<TitleDays, ReadError> {
        must_be_known(reading, params.mal_id).await?;
        let mut line = TitleDays { mal_id: params.mal_id.get(), days: Vec::new() };
        let sql = concat!(include_str!("title_line.sql"), "select day from line order by day limit 1");
        let first: Option<NaiveDate> = sqlx::query_scalar_with(sql, line_of(&reading.scope, params.mal_id)?)
            .fetch_optional(reading.session())
            .await?;
        let last = reading.meta.captured_at.map(|at| at.date_naive());
        let (Some(first), Some(last)) = (first, last) else { return Ok(line) };
        let asked =
            params.days.and_then(|days| last.checked_sub_days(Days::new(days.get().unsigned_abs() - 1)));
        let first = asked.map_or(first, |asked| asked.max(first));

        let mut scope = reading.scope.clone();
        scope.window.whole_from = first;
        let sql = concat!(include_str!("title_line.sql"), include_str!("title_days.sql"));
        line.days = sqlx::query_as_with(sql, line_of(&scope, params.mal_id)?)
            .bind(last)
            .fetch_all(reading.session())
            .await?;
        Ok(line)
    }
}

const COLUMNS: [&str; 14] = [
    "day",
    "observed",
    "score",
    "scored_by",
    "rank",
    "popularity",
    "members",
    "favorites",
    "captured_at",
    "source",
    "run",
    "epoch",
    "seq",
    "edited",
];

fn write_csv(line: &TitleDays) -> csv::Result<String> {
    let mut table = Table::new(&COLUMNS)?;
    for day in &line.days {
        let Figures { score, scored_by, rank, popularity, members, favorites } = day.figures;
        let captured_at = day.captured_at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        let cells: [Cell<'_>; 14] = [
            plain(day.day),
            plain(day.observed),
            maybe(score),
            maybe(scored_by),
            maybe(rank),
            maybe(popularity),
            maybe(members),
            maybe(favorites),
            maybe(captured_at),
            text(day.source.as_deref()),
            maybe(day.run),
            maybe(day.epoch),
            maybe(day.seq),
            plain(day.edited),
        ];
        table.line(cells)?;
    }
    table.finish()
}
