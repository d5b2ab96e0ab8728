//! What never changes about a title.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::{
    calendar::Quarter,
    labels::{Label, Labels},
    naming::{Name, Named},
    trajectory::Trajectory,
    words::Mood,
};

/// The format of a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Tv,
    Movie,
    Ona,
    Ova,
    Special,
}

impl Kind {
    /// As upstream writes it in a row.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Tv => "TV",
            Self::Movie => "Movie",
            Self::Ona => "ONA",
            Self::Ova => "OVA",
            Self::Special => "Special",
        }
    }

    /// How many people a format reaches, beside a series.
    pub const fn reach(self) -> f64 {
        match self {
            Self::Tv => 1.0,
            Self::Movie => 0.7,
            Self::Ona => 0.6,
            Self::Ova | Self::Special => 0.3,
        }
    }
}

/// The story that a title tells, shared by all its continuations.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// What the first of them was called and is about.
    pub first: Named,
    /// How it feels.
    pub(crate) mood: Mood,
    /// Which season this is, from 1.
    pub season: u8,
    /// See [`crate::trajectory::Prospects`].
    pub appeal: f64,
    /// See [`crate::trajectory::Prospects`].
    pub quality: f64,
}

/// One title of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Title {
    /// `mal_id` upstream.
    pub id: i32,
    /// What it is called.
    pub name: Name,
    /// What it is about, in one sentence.
    pub premise: String,
    /// Its story.
    pub story: Story,
    /// Its format.
    pub kind: Kind,
    /// Genres, source, rating.
    pub labels: Labels,
    /// Length of one episode.
    pub minutes: u16,
    /// How many in the end.
    pub episodes: u16,
    /// The season of the first broadcast.
    pub quarter: Quarter,
    /// When its page appears.
    pub announced: DateTime<Utc>,
    /// When its exact date and length become known.
    pub dated: DateTime<Utc>,
    /// The first broadcast.
    pub premiere: DateTime<Utc>,
    /// Tokyo day of the first broadcast.
    pub first_day: NaiveDate,
    /// Tokyo day of the last one.
    pub last_day: NaiveDate,
    /// Time of broadcast in Tokyo; `None` where it has no weekly place.
    pub slot: Option<NaiveTime>,
    /// Who makes it.
    pub studios: Vec<&'static Label>,
    /// Who pays for it.
    pub producers: Vec<&'static Label>,
    /// Who sells it abroad.
    pub licensors: Vec<&'static Label>,
    /// How it fares.
    pub trajectory: Trajectory,
}
