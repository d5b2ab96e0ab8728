//! `GET /api/v1/analytics/titles/{mal_id}/similar`: titles whose score moved alike since their premiere.

use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;

use super::{
    title::{MalId, must_be_known},
    title_weeks::last_week,
};
use crate::{
    database::{Facet, ReadError},
    parameters::{Whole, parameters},
    resource::{Endpoint, Reading, Resource},
    vocabulary::{Season, words},
};

words! {
    /// Since when weeks are counted.
    pub enum CountedSince {
        /// The week of the premiere.
        Premiere = "premiere",
    }
}

/// Titles that moved like one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TitleSimilar {
    /// The title's number in its catalogue.
    pub mal_id: i64,
    /// Since when weeks are counted; `null` where the day of the premiere is not known.
    #[schema(required = true)]
    pub since: Option<CountedSince>,
    /// The titles, the most alike first.
    pub titles: Vec<SimilarTitle>,
}

/// A title that moved like the one asked for.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub struct SimilarTitle {
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
    /// The season of its premiere.
    #[schema(required = true)]
    pub season: Option<Season>,
    /// The year of its premiere.
    #[schema(required = true)]
    pub year: Option<i32>,
    /// How alike the two are: the correlation of their scores in the weeks that both have, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub likeness: f64,
    /// Its score in each week from the premiere to the last that both have.
    pub weeks: Vec<Option<f64>>,
    /// The score of the title asked for in the same weeks since its own premiere.
    pub own: Vec<Option<f64>>,
}

parameters! {
    /// What `GET /api/v1/analytics/titles/{mal_id}/similar` may be asked.
    pub struct TitleSimilarParams {
        /// The title's number in its catalogue.
        path mal_id: MalId,
        /// How many titles at most.
        query limit: Whole<1, 20> = 5,
    }
}

/// This resource.
pub(crate) struct Similar;

impl Resource for Similar {
    const ENDPOINT: Endpoint = Endpoint {
        name: "title-similar",
        path: "/api/v1/analytics/titles/{mal_id}/similar",
        tag: "analytics",
        title: "Titles that moved alike",
        text: "Titles whose score went up and down like that of one title in the same weeks since the premiere: in four weeks \
               or more of the first 52. Looked at are the 300 titles of the same type with most members whose premiere is known \
               to the day. Weeks are those of the observations of all sources, so there are none for one `source`.",
    };
    const ALSO_SHOWS: &'static [Facet] = &[Facet::Weeks];
    type Params = TitleSimilarParams;
    type Data = TitleSimilar;

    async fn load(reading: &mut Reading, params: &TitleSimilarParams) -> Result<TitleSimilar, ReadError> {
        must_be_known(reading, params.mal_id).await?;
        let catalogue = reading.scope.catalogue.name();
        let sql = "select from anime where catalogue = $1 and mal_id = $2 and aired_from_precision = 'day'";
        let premiere = sqlx::query(sql)
            .bind(catalogue)
            .bind(params.mal_id.int())
            .fetch_optional(reading.session())
            .await?;
        let since = premiere.map(|_| CountedSince::Premiere);
        let mut similar = TitleSimilar { mal_id: params.mal_id.get(), since, titles: Vec::new() };
        let last = last_week(reading).await?;
        if let (Some(last), None) = (last, reading.scope.source_id) {
            similar.titles = sqlx::query_as(include_str!("title_similar.sql"))
                .bind(catalogue)
                .bind(params.mal_id.int())
                .bind(last)
                .bind(params.limit.get())
                .fetch_all(reading.session())
                .await?;
        }
        Ok(similar)
    }
}
