//! `GET /api/v1/journey/{epoch}/{seq}`: the way of one page from the upstream to the tables.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, Row};
use utoipa::ToSchema;
use uuid::Uuid;

use super::title::MalId;
use crate::{
    database::{Facet, ReadError, describe},
    parameters::{Whole, parameters},
    problem::Failure,
    resource::{Endpoint, Reading, Resource, Selects},
    selection::Selection,
    vocabulary::{Catalogue, RunState},
};

/// Beyond 2^53 - 1 JavaScript rounds numbers.
const MAX_EXACT: i64 = 9_007_199_254_740_991;

/// The way of one page, with the time of each step.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub struct Journey {
    /// When the stream of raw pages was made, in ms since 1970.
    pub epoch: i64,
    /// The page's number in that stream.
    pub seq: i64,
    /// The catalogue of its titles.
    pub catalogue: Catalogue,
    /// What was captured.
    #[schema(example = "top.score")]
    pub dataset: String,
    /// The run it belongs to.
    pub run: Uuid,
    /// How far that run has come.
    pub run_state: RunState,
    /// Where the bytes came from.
    pub source: String,
    /// Its number in the run, from 1.
    pub page: i32,
    /// How many pages the run was to have.
    #[schema(required = true)]
    pub pages_planned: Option<i32>,
    /// The address that was asked.
    #[schema(required = true)]
    pub url: Option<String>,
    /// The program that judged its rows.
    pub judge: String,
    /// The contract they were judged by.
    pub contract: String,
    /// Rows on the page.
    pub received: i32,
    /// Rows that passed the check.
    pub accepted: i32,
    /// Rows that were set aside as dead letters.
    pub dead: i32,
    /// Observations that it owns.
    pub stored: i32,
    /// Rows that another page had already told.
    pub duplicate: i32,
    /// The dead letter that it replays.
    #[schema(required = true)]
    pub replay_root: Option<String>,
    /// When an operator edited what it replays; `null` where the bytes are the upstream's.
    #[schema(required = true)]
    pub edited_at: Option<DateTime<Utc>>,
    /// The number of that edit among the actions on the dead letter; who made it, and why, is for those who are signed in.
    #[schema(required = true)]
    pub edit: Option<i64>,
    /// The trace of its way.
    #[schema(required = true)]
    pub trace_id: Option<String>,
    /// Where that trace can be seen, if it can.
    #[sqlx(skip)]
    #[schema(required = true)]
    pub trace_url: Option<String>,
    /// The archive file that has it too, once its day is over.
    #[schema(required = true)]
    pub archive: Option<String>,
    /// The instant that all pages of the run share.
    pub captured_at: DateTime<Utc>,
    /// When the stream of raw pages had it.
    pub stored_at: DateTime<Utc>,
    /// When its rows were judged.
    pub judged_at: DateTime<Utc>,
    /// When they were committed to the database.
    pub committed_at: DateTime<Utc>,
    /// The row of the title asked for; `null` where the page has none.
    #[sqlx(skip)]
    #[schema(required = true)]
    pub row: Option<JourneyRow>,
}

/// A row of a page.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub struct JourneyRow {
    /// The title's number in its catalogue.
    pub mal_id: i32,
    /// Where the row is on its page, from 0.
    pub index: i32,
    /// Where it is in its run, from 0.
    pub position: i32,
}

parameters! {
    /// What `GET /api/v1/journey/{epoch}/{seq}` may be asked.
    pub struct JourneyParams {
        /// When the stream of raw pages was made, in ms since 1970.
        path epoch: Whole<0, MAX_EXACT>,
        /// The page's number in that stream.
        path seq: Whole<1, MAX_EXACT>,
        /// The title whose row is looked for.
        query mal_id: Option<MalId>,
    }
}

/// This resource.
pub(crate) struct OnePage;

impl Resource for OnePage {
    const ENDPOINT: Endpoint = Endpoint {
        name: "journey",
        path: "/api/v1/journey/{epoch}/{seq}",
        tag: "captures",
        title: "Journey of a page",
        text: "Where the numbers of one page come from, what became of its rows, and when each step was done.",
    };
    const SELECTS: Selects = Selects::Nothing;
    const ALSO_SHOWS: &'static [Facet] = &[Facet::Archive, Facet::Runs];
    type Params = JourneyParams;
    type Data = Journey;

    async fn load(reading: &mut Reading, params: &JourneyParams) -> Result<Journey, ReadError> {
        let (epoch, seq) = (params.epoch.get(), params.seq.get());
        let row = sqlx::query(include_str!("journey.sql"))
            .bind(epoch)
            .bind(seq)
            .bind(params.mal_id.map(|mal_id| mal_id.int()))
            .fetch_optional(reading.session())
            .await?;
        let row = row.ok_or_else(|| not_stored(epoch, seq))?;
        let mut journey = Journey::from_row(&row)?;
        journey.row = match row.try_get::<Option<i32>, _>("mal_id")? {
            Some(_) => Some(JourneyRow::from_row(&row)?),
            None => None,
        };
        let template = reading.trace_url.as_deref().zip(journey.trace_id.as_deref());
        journey.trace_url = template.map(|(template, id)| template.replace("{trace_id}", id));
        let of_page = Selection { catalogue: Some(journey.catalogue), ..Selection::default() };
        (_, reading.meta) = describe(&mut reading.snapshot, &of_page).await?;
        Ok(journey)
    }
}

fn not_stored(epoch: i64, seq: i64) -> Failure {
    Failure::NotKnown(format!(
        "no page at {seq} of the stream made at {epoch} is stored: it may not have been judged yet, was rejected whole, or \
         never was"
    ))
}
