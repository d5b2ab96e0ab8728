//! `GET /api/v1/titles/{mal_id}`: what is known of one title.

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::{Arguments, FromRow, Row, postgres::PgArguments};
use utoipa::ToSchema;

use super::title_parts::{Figures, Named};
use crate::{
    database::{ReadError, Scope},
    parameters::{Whole, parameters},
    problem::Failure,
    resource::{Endpoint, Reading, Resource},
    vocabulary::{Catalogue, DatePrecision},
};

/// The number of a title in its catalogue.
pub(super) type MalId = Whole<1, 2_147_483_647>;

/// What is known of a title.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub struct Title {
    /// What it is called, and what it is.
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub named: Named,
    /// Its other titles.
    pub synonyms: Vec<String>,
    /// What it was made from: Manga, Original …
    #[schema(required = true)]
    pub source_material: Option<String>,
    /// How many episodes it has, or will have.
    #[schema(required = true)]
    pub episodes: Option<i32>,
    /// Where its airing stands, in the upstream's words.
    #[schema(required = true)]
    pub status: Option<String>,
    /// Whether it is on air.
    #[schema(required = true)]
    pub airing: Option<bool>,
    /// The day of its premiere, as exactly as `aired_from_precision` says.
    #[schema(required = true)]
    pub aired_from: Option<NaiveDate>,
    /// How exactly that day is known.
    #[schema(required = true)]
    pub aired_from_precision: Option<DatePrecision>,
    /// The day of its last episode.
    #[schema(required = true)]
    pub aired_to: Option<NaiveDate>,
    /// How long an episode is, in the upstream's words.
    #[schema(required = true)]
    pub duration: Option<String>,
    /// For whom it is, in the upstream's words.
    #[schema(required = true)]
    pub rating: Option<String>,
    /// When it is on air each week, in the upstream's words.
    #[schema(required = true)]
    pub broadcast: Option<String>,
    /// Its page in the catalogue.
    #[schema(required = true)]
    pub url: Option<String>,
    /// Whether no capture has shown it: only a history names it.
    pub name_only: bool,
    /// Its genres.
    #[sqlx(skip)]
    pub genres: Vec<Tag>,
    /// Its themes.
    #[sqlx(skip)]
    pub themes: Vec<Tag>,
    /// Whom it is made for.
    #[sqlx(skip)]
    pub demographics: Vec<Tag>,
    /// Who made it.
    #[sqlx(skip)]
    pub studios: Vec<Tag>,
    /// Its numbers on the last day that is known.
    #[sqlx(skip)]
    #[schema(required = true)]
    pub latest: Option<Numbers>,
    /// Its numbers on the last day observed 7 to 13 days before that one.
    #[sqlx(skip)]
    #[schema(required = true)]
    pub week_before: Option<Numbers>,
}

/// A genre, theme, demographic or studio.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub struct Tag {
    /// Its number in the catalogue.
    pub id: i32,
    /// Its name.
    pub name: String,
}

/// The numbers of a title on one UTC day.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub struct Numbers {
    /// The day.
    pub day: NaiveDate,
    /// Its numbers.
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub figures: Figures,
}

parameters! {
    /// What `GET /api/v1/titles/{mal_id}` may be asked.
    pub struct TitleParams {
        /// The title's number in its catalogue.
        path mal_id: MalId,
    }
}

/// This resource.
pub(crate) struct Facts;

impl Resource for Facts {
    const ENDPOINT: Endpoint = Endpoint {
        name: "title",
        path: "/api/v1/titles/{mal_id}",
        tag: "titles",
        title: "Title",
        text: "What is known of one title: its facts by the newest capture that showed it, and its last known numbers \
               beside those of the week before.",
    };
    type Params = TitleParams;
    type Data = Title;

    async fn load(reading: &mut Reading, params: &TitleParams) -> Result<Title, ReadError> {
        let (catalogue, mal_id) = (reading.scope.catalogue, params.mal_id);
        let title: Option<Title> = sqlx::query_as(include_str!("title.sql"))
            .bind(catalogue.name())
            .bind(mal_id.int())
            .fetch_optional(reading.session())
            .await?;
        let mut title = title.ok_or_else(|| not_known(catalogue, mal_id))?;
        let tags = sqlx::query(include_str!("title_tags.sql"))
            .bind(catalogue.name())
            .bind(title.named.mal_id)
            .fetch_all(reading.session())
            .await?;
        for row in tags {
            let of_kind = match row.try_get("kind")? {
                "genre" | "explicit_genre" => &mut title.genres,
                "theme" => &mut title.themes,
                "demographic" => &mut title.demographics,
                _ => &mut title.studios,
            };
            of_kind.push(Tag::from_row(&row)?);
        }
        let sql = concat!(include_str!("title_line.sql"), include_str!("title_numbers.sql"));
        let numbers =
            sqlx::query_with(sql, line_of(&reading.scope, mal_id)?).fetch_all(reading.session()).await?;
        for row in numbers {
            let is_latest = row.try_get::<i32, _>("back")? == 0;
            let of_day = if is_latest { &mut title.latest } else { &mut title.week_before };
            *of_day = Some(Numbers::from_row(&row)?);
        }
        Ok(title)
    }
}

/// What `title_line.sql` takes.
pub(super) fn line_of(scope: &Scope, mal_id: MalId) -> Result<PgArguments, ReadError> {
    let window = scope.window;
    let mut arguments = PgArguments::default();
    arguments
        .add(scope.catalogue.name())
        .and_then(|()| arguments.add(mal_id.int()))
        .and_then(|()| arguments.add(scope.source_id))
        .and_then(|()| arguments.add(window.whole_from))
        .and_then(|()| arguments.add(window.whole_until))
        .and_then(|()| arguments.add(window.rest_from))
        .and_then(|()| arguments.add(window.rest_until))
        .map_err(|error| ReadError::broken(anyhow::anyhow!("bind a parameter: {error}")))?;
    Ok(arguments)
}

/// Refuses a title that the catalogue does not have.
pub(super) async fn must_be_known(reading: &mut Reading, mal_id: MalId) -> Result<(), ReadError> {
    let catalogue = reading.scope.catalogue;
    let found = sqlx::query(
        "select from anime where catalogue = $1 and mal_id = $2
         union all select from title_latest where catalogue = $1 and line = 0 and mal_id = $2",
    )
    .bind(catalogue.name())
    .bind(mal_id.int())
    .fetch_optional(reading.session())
    .await?;
    found.map(drop).ok_or_else(|| not_known(catalogue, mal_id))
}

fn not_known(catalogue: Catalogue, mal_id: MalId) -> ReadError {
    let (catalogue, mal_id) = (catalogue.name(), mal_id.get());
    let message = format!(
        "the catalogue {catalogue} has no title {mal_id}; search for its name at /api/v1/titles?q=…, or name another catalogue"
    );
    Failure::NotKnown(message).into()
}
