//! `GET /api/v1/titles`: titles by name, typing errors forgiven.

use serde::Serialize;
use sqlx::FromRow;
use utoipa::{
    ToSchema,
    openapi::schema::{ObjectBuilder, Type},
};

use super::title_parts::Named;
use crate::{
    database::ReadError,
    parameters::{MAX_VALUE_CHARS, Refusal, Value, Whole, parameters},
    resource::{Endpoint, Reading, Resource, Selects},
    vocabulary::Adult,
};

/// What a search found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Titles {
    /// The titles, the best first: those of that name, then those whose name begins so, or holds it; last the guesses, whose
    /// name is only like it. Among equals the one with most members.
    pub titles: Vec<FoundTitle>,
}

/// A title that was found.
#[derive(Debug, Clone, Serialize, FromRow, ToSchema)]
pub struct FoundTitle {
    /// What it is called, and what it is.
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub named: Named,
    /// Which of its names was found.
    pub matched: String,
    /// Whether that name is only like what was asked for: a guess at what was meant.
    pub guess: bool,
    /// The mean of its votes, 1 to 10.
    #[schema(required = true)]
    pub score: Option<f64>,
    /// How many people have it on a list.
    #[schema(required = true)]
    pub members: Option<i32>,
}

/// What is searched for: some text, without the blanks around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SearchText(String);

impl Value for SearchText {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        if text.is_empty() { Err(Self::missing()) } else { Ok(Self(text.into())) }
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX_VALUE_CHARS))
            .examples(["frieren"])
    }

    fn missing() -> Refusal {
        Refusal {
            message: "says nothing; give a part of a name, as in q=frieren".into(),
            allowed: Vec::new(),
        }
    }
}

parameters! {
    /// What `GET /api/v1/titles` may be asked.
    pub struct TitlesParams {
        /// A name, or a part of one: romaji, English, Japanese or a synonym. One or two letters find what begins with
        /// them; one or two Chinese or Japanese characters what holds them.
        query q: SearchText,
        /// How many titles at most.
        query limit: Whole<1, 50> = 10,
        /// `show` leaves in titles rated "Rx".
        query adult: Adult = Adult::Hide,
    }
}

/// This resource.
pub(crate) struct Search;

impl Resource for Search {
    const ENDPOINT: Endpoint = Endpoint {
        name: "titles",
        path: "/api/v1/titles",
        tag: "titles",
        title: "Search for titles",
        text: "Titles by any of their names, in any script, marks over letters and typing errors forgiven.",
    };
    const SELECTS: Selects = Selects::Catalogue;
    type Params = TitlesParams;
    type Data = Titles;

    async fn load(reading: &mut Reading, params: &TitlesParams) -> Result<Titles, ReadError> {
        let (SearchText(asked), limit) = (&params.q, params.limit.get());
        let (catalogue, adult) = (reading.scope.catalogue.name(), params.adult == Adult::Show);
        let mut titles: Vec<FoundTitle> = sqlx::query_as(include_str!("titles_named.sql"))
            .bind(catalogue)
            .bind(asked)
            .bind(adult)
            .bind(limit)
            .fetch_all(reading.session())
            .await?;
        let missing = limit - i64::try_from(titles.len()).unwrap_or(limit);
        if missing > 0 {
            // Two letters swapped in a word of seven leave half of its groups of three. Where names hold the text it is not
            // mistyped, and only near ones are worth a guess.
            let likeness = if titles.is_empty() { "0.4" } else { "0.6" };
            sqlx::query("select set_config('pg_trgm.word_similarity_threshold', $1, true)")
                .bind(likeness)
                .execute(reading.session())
                .await?;
            let found: Vec<i32> = titles.iter().map(|title| title.named.mal_id).collect();
            let alike: Vec<FoundTitle> = sqlx::query_as(include_str!("titles_alike.sql"))
                .bind(catalogue)
                .bind(asked)
                .bind(adult)
                .bind(missing)
                .bind(found)
                .fetch_all(reading.session())
                .await?;
            titles.extend(alike);
        }
        Ok(Titles { titles })
    }
}
