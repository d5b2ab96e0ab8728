//! `GET /api/v1/analytics/titles/{mal_id}/similar`: titles whose score moved alike since their premiere.

mod first_year;

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;

use self::first_year::{Alike, FirstYear, Told};
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
#[derive(Debug, Clone, Serialize, ToSchema)]
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
        let last = last_week(reading).await?;
        let own: Option<Told> = sqlx::query_as(include_str!("title_similar/own.sql"))
            .bind(reading.scope.catalogue.name())
            .bind(params.mal_id.int())
            .bind(last)
            .fetch_optional(reading.session())
            .await?;
        let since = own.as_ref().map(|_| CountedSince::Premiere);
        let mut similar = TitleSimilar { mal_id: params.mal_id.get(), since, titles: Vec::new() };
        let own = own.map_or_else(|| FirstYear::from(&Told::default()), |told| FirstYear::from(&told));
        if let (Some(last), None, true) = (last, reading.scope.source_id, own.is_enough()) {
            let most = usize::try_from(params.limit.get()).unwrap_or_default();
            let others = others(reading, params.mal_id, last).await?;
            similar.titles = titles(reading, &own, others, most).await?;
        }
        Ok(similar)
    }
}

/// The first year of another title.
#[derive(Debug, FromRow)]
struct Other {
    mal_id: i32,
    #[sqlx(flatten)]
    told: Told,
}

async fn others(
    reading: &mut Reading,
    title: MalId,
    last: NaiveDate,
) -> Result<Vec<(i32, FirstYear)>, ReadError> {
    let others: Vec<Other> = sqlx::query_as(include_str!("title_similar.sql"))
        .bind(reading.scope.catalogue.name())
        .bind(title.int())
        .bind(last)
        .fetch_all(reading.session())
        .await?;
    Ok(others.iter().map(|other| (other.mal_id, FirstYear::from(&other.told))).collect())
}

/// What a title is called.
#[derive(Debug, FromRow)]
struct Called {
    mal_id: i32,
    title: String,
    title_english: Option<String>,
    title_japanese: Option<String>,
    season: Option<Season>,
    year: Option<i32>,
}

/// The most alike of others.
async fn titles(
    reading: &mut Reading,
    own: &FirstYear,
    others: Vec<(i32, FirstYear)>,
    most: usize,
) -> Result<Vec<SimilarTitle>, ReadError> {
    let mut found: Vec<(i32, FirstYear, Alike)> = others
        .into_iter()
        .filter_map(|(mal_id, year)| {
            let alike = own.alike(&year)?;
            Some((mal_id, year, alike))
        })
        .collect();
    found.sort_by(|(id, _, a), (other, _, b)| {
        b.likeness.total_cmp(&a.likeness).then(b.common.cmp(&a.common)).then(id.cmp(other))
    });
    found.truncate(most);
    let sql = "select mal_id, title, title_english, title_japanese, season, year from anime where catalogue = $1 and mal_id = any($2)";
    let called: Vec<Called> = sqlx::query_as(sql)
        .bind(reading.scope.catalogue.name())
        .bind(found.iter().map(|one| one.0).collect::<Vec<_>>())
        .fetch_all(reading.session())
        .await?;
    let mut called: HashMap<i32, Called> = called.into_iter().map(|one| (one.mal_id, one)).collect();
    let shown = found.into_iter().filter_map(|(mal_id, year, Alike { likeness, last, .. })| {
        let Called { title, title_english, title_japanese, season, year: premiered, .. } =
            called.remove(&mal_id)?;
        let (weeks, own) = (year.beside(own, last), own.beside(own, last));
        Some(SimilarTitle {
            mal_id,
            title,
            title_english,
            title_japanese,
            season,
            year: premiered,
            likeness,
            weeks,
            own,
        })
    });
    Ok(shown.collect())
}
