//! What an upstream should not send, planted on purpose.

/// A way in which a row is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// `score` is the text `N/A`.
    ScoreAsText,
    /// `titles` holds texts where objects belong.
    TitlesAsText,
    /// `members` is below zero.
    NegativeMembers,
}

impl Flaw {
    /// All of them, in the order in which they are planted.
    pub const ALL: [Self; 3] = [Self::ScoreAsText, Self::TitlesAsText, Self::NegativeMembers];

    /// The JSON pointer, from the row, to what is wrong.
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::ScoreAsText => "/score",
            Self::TitlesAsText => "/titles/0",
            Self::NegativeMembers => "/members",
        }
    }
}
