//! `GET /api/v1/analytics/genre-distribution`: how the titles spread over genres, themes, demographics or studios.

use std::cmp::Reverse;

use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;

use super::titles_known::{Known, titles_known};
use crate::{
    csv::{Table, maybe, plain, text},
    database::ReadError,
    parameters::parameters,
    resource::{Csv, Endpoint, Reading, Resource},
    vocabulary::{Adult, words},
};

/// How the titles spread.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GenreDistribution {
    /// Titles counted; a title has several genres, so the genres' numbers add up to more.
    pub titles: i64,
    /// The genres, the one with most titles first.
    pub genres: Vec<GenreShare>,
}

/// One genre's part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GenreShare {
    /// The genre's number in its catalogue.
    pub genre_id: i32,
    /// Its name.
    pub name: String,
    /// Titles that have it.
    pub titles: i64,
    /// Those titles' part of all titles counted, 0 to 1.
    pub share: f64,
    /// Those of them that have a score.
    pub scored: i64,
    /// The mean of their scores.
    #[schema(required = true)]
    pub mean_score: Option<f64>,
    /// Their members added up.
    pub members: i64,
}

words! {
    /// What titles are sorted by.
    pub enum TagKind {
        /// Action, Drama, …
        Genre = "genre",
        /// School, Space, …
        Theme = "theme",
        /// Shounen, Josei, …
        Demographic = "demographic",
        /// Who made it.
        Studio = "studio",
    }
}

parameters! {
    /// What `GET /api/v1/analytics/genre-distribution` may be asked.
    pub struct GenreDistributionParams {
        /// What to sort the titles by.
        query kind: TagKind = TagKind::Genre,
        /// `show` leaves in titles rated "Rx".
        query adult: Adult = Adult::Hide,
    }
}

/// This resource.
pub(crate) struct Distribution;

impl Resource for Distribution {
    const ENDPOINT: Endpoint = Endpoint {
        name: "genre-distribution",
        path: "/api/v1/analytics/genre-distribution",
        tag: "analytics",
        title: "Genre distribution",
        text: "For each genre (theme, demographic, studio) its titles, their share, their mean score and their \
               members by the last known numbers, the one with most titles first.",
    };
    const CSV: Option<Csv<GenreDistribution>> = Some(Csv { columns: &COLUMNS, write: write_csv });
    type Params = GenreDistributionParams;
    type Data = GenreDistribution;

    async fn load(
        reading: &mut Reading,
        params: &GenreDistributionParams,
    ) -> Result<GenreDistribution, ReadError> {
        let catalogue = reading.scope.catalogue.name();
        let shown: Vec<i32> = sqlx::query_scalar(include_str!("genre_distribution_titles.sql"))
            .bind(catalogue)
            .bind(params.adult == Adult::Show)
            .fetch_one(reading.session())
            .await?;
        let genres: Vec<Genre> = sqlx::query_as(include_str!("genre_distribution.sql"))
            .bind(catalogue)
            .bind(params.kind.name())
            .fetch_all(reading.session())
            .await?;
        let known = titles_known(reading, shown).await?;
        let titles = known.titles();
        let shares = genres.into_iter().map(|genre| genre.share(&known, titles));
        let mut genres: Vec<_> = shares.filter(|genre| genre.titles > 0).collect();
        genres.sort_by(|a, b| {
            (Reverse(a.titles), &a.name, a.genre_id).cmp(&(Reverse(b.titles), &b.name, b.genre_id))
        });
        Ok(GenreDistribution { titles, genres })
    }
}

/// Who has a genre.
#[derive(Debug, FromRow)]
struct Genre {
    genre_id: i32,
    name: String,
    titles: Vec<i32>,
}

impl Genre {
    fn share(self, known: &Known, of: i64) -> GenreShare {
        let figures = known.figures(&self.titles);
        GenreShare {
            genre_id: self.genre_id,
            name: self.name,
            titles: figures.titles,
            share: share(figures.titles, of),
            scored: figures.scored(),
            mean_score: figures.mean_score(),
            members: figures.members().unwrap_or_default(),
        }
    }
}

/// Counts of titles are far below 2^52, so they are exact as floats.
fn share(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

const COLUMNS: [&str; 7] = ["genre_id", "name", "titles", "share", "scored", "mean_score", "members"];

fn write_csv(distribution: &GenreDistribution) -> csv::Result<String> {
    let mut table = Table::new(&COLUMNS)?;
    for genre in &distribution.genres {
        table.line([
            plain(genre.genre_id),
            text(genre.name.as_str()),
            plain(genre.titles),
            plain(genre.share),
            plain(genre.scored),
            maybe(genre.mean_score),
            plain(genre.members),
        ])?;
    }
    table.finish()
}
