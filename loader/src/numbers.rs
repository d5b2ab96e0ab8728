//! The numbers of a title, whichever contract they came in.

use kansoku_schemas::{HistoryRow, SnapshotRow};

/// What is known of a title's numbers at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    /// Mean of the votes.
    pub score: Option<f64>,
    /// How many voted.
    pub scored_by: Option<i64>,
    /// Place by score.
    pub rank: Option<i32>,
    /// Place by members.
    pub popularity: Option<i32>,
    /// In how many people's lists it is.
    pub members: Option<i64>,
    /// How many call it a favourite.
    pub favorites: Option<i64>,
}

/// A row that observes a title.
pub trait Observed {
    /// The title.
    fn mal_id(&self) -> i32;
    /// Its numbers.
    fn numbers(&self) -> Numbers;
}

impl Observed for SnapshotRow {
    fn mal_id(&self) -> i32 {
        self.anime.mal_id
    }

    fn numbers(&self) -> Numbers {
        let anime = &self.anime;
        Numbers {
            score: anime.score,
            scored_by: anime.scored_by,
            rank: anime.rank,
            popularity: anime.popularity,
            members: Some(anime.members),
            favorites: Some(anime.favorites),
        }
    }
}

impl Observed for HistoryRow {
    fn mal_id(&self) -> i32 {
        self.mal_id
    }

    fn numbers(&self) -> Numbers {
        let Self { score, scored_by, rank, popularity, members, favorites, .. } = *self;
        Numbers { score, scored_by, rank, popularity, members, favorites }
    }
}
