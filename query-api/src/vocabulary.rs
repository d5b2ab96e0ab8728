//! The words of the API that are closed lists.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{parameters::RequestParameters, problem::Failure};

/// A world of titles. Rows of two catalogues never meet on one chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Catalogue {
    /// MyAnimeList's titles.
    Mal,
    /// Fictional titles, made by the simulator; screens that show them say so.
    Sample,
}

impl Catalogue {
    /// Every catalogue, in the order they are listed to people.
    pub const ALL: [Self; 2] = [Self::Mal, Self::Sample];

    /// The word used in addresses, bodies and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mal => "mal",
            Self::Sample => "sample",
        }
    }

    /// The catalogue of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|catalogue| catalogue.name() == name)
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// A page came before the run's own events.
    Stub,
    /// Pages are still being fetched.
    Running,
    /// Every planned page came.
    Complete,
    /// It ended with pages missing.
    Incomplete,
    /// It ended without a usable page.
    Failed,
}

impl RunState {
    /// The state of that name in the database.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "stub" => Self::Stub,
            "running" => Self::Running,
            "complete" => Self::Complete,
            "incomplete" => Self::Incomplete,
            "failed" => Self::Failed,
            _ => return None,
        })
    }
}

/// A quarter of the broadcasting year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Season {
    /// January to March.
    Winter,
    /// April to June.
    Spring,
    /// July to September.
    Summer,
    /// October to December.
    Fall,
}

impl Season {
    /// Every season in the order of the year.
    pub const ALL: [Self; 4] = [Self::Winter, Self::Spring, Self::Summer, Self::Fall];

    /// The season of that name in the database.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|season| season.name() == name)
    }

    /// The word used in bodies and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Winter => "winter",
            Self::Spring => "spring",
            Self::Summer => "summer",
            Self::Fall => "fall",
        }
    }
}

/// What happens to titles that are rated as pornography ("Rx").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Adult {
    /// They are left out.
    #[default]
    Hide,
    /// They are shown like any other.
    Show,
}

impl Adult {
    /// Reads the parameter `adult`.
    ///
    /// # Errors
    /// When it is neither word.
    pub fn from_request(parameters: &mut RequestParameters) -> Result<Self, Failure> {
        Ok(parameters.word("adult", &[("hide", Self::Hide), ("show", Self::Show)])?.unwrap_or_default())
    }
}
