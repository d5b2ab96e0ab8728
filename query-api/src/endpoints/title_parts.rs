//! What several answers tell of a title in the same words.

use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;

use crate::vocabulary::Season;

/// What a title is called, and what it is.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub struct Named {
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
    /// The address of a picture.
    #[schema(required = true)]
    pub image: Option<String>,
}

/// The numbers of a title at one time.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow, ToSchema)]
pub struct Figures {
    /// The mean of its votes, 1 to 10.
    #[schema(required = true)]
    pub score: Option<f64>,
    /// How many voted.
    #[schema(required = true)]
    pub scored_by: Option<i32>,
    /// Its place by score.
    #[schema(required = true)]
    pub rank: Option<i32>,
    /// Its place by members.
    #[schema(required = true)]
    pub popularity: Option<i32>,
    /// How many people have it on a list.
    #[schema(required = true)]
    pub members: Option<i32>,
    /// How many people call it a favourite.
    #[schema(required = true)]
    pub favorites: Option<i32>,
}
