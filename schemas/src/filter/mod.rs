//! The language in which dead letters are looked for: `state:open path:/aired/from since:2h`.
//!
//! A filter is a list of terms `key:value`, and an item matches when it meets all of them. [`Filter::matches`] decides in
//! memory and [`Filter::sql`] in Postgres; both mean the same.

mod item;
mod parse;
mod sql;
#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

pub use item::{Fault, Item};
pub use parse::FilterError;
pub use sql::Piece;

use crate::{Catalogue, ItemState, Reason, Stage};

/// What a term asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// `state:open,failed`: one of these states.
    State(Vec<ItemState>),
    /// `reason:schema`
    Reason(Reason),
    /// `stage:validate`
    Stage(Stage),
    /// `dataset:season.*`
    Dataset(Pattern),
    /// `path:/genres/*/name`: a fault is there; an index in it stands as `*`.
    Path(Pattern),
    /// `keyword:pattern`: a fault is of that keyword.
    Keyword(String),
    /// `group:7,9`: a fault is of one of these groups.
    Group(Vec<i64>),
    /// `only:yes`: it has one fault alone.
    Only,
    /// `run:<uuid>`
    Run(Uuid),
    /// `page:3`
    Page(i64),
    /// `source:jikan-sim`
    Source(String),
    /// `catalogue:mal`
    Catalogue(Catalogue),
    /// `judge:<hash>`: of its newest letter.
    Judge(String),
    /// `root:<root>`
    Root(String),
    /// `title:moon`: a part of the title; ASCII letters of both cases are alike.
    Title(String),
    /// `edited:yes`
    Edited(bool),
    /// `since:2h`: it first died then or later.
    Since(Moment),
    /// `until:2026-11-28`: it first died before then.
    Until(Moment),
    /// `attempts:>1`: so many replays of it failed.
    Attempts(Comparison, i64),
    /// `job:<uuid>`: that job was to replay it.
    Job(Uuid),
    /// `version:4`
    Version(i64),
}

impl Term {
    /// Its key.
    pub fn key(&self) -> &'static str {
        match self {
            Self::State(_) => "state",
            Self::Reason(_) => "reason",
            Self::Stage(_) => "stage",
            Self::Dataset(_) => "dataset",
            Self::Path(_) => "path",
            Self::Keyword(_) => "keyword",
            Self::Group(_) => "group",
            Self::Only => "only",
            Self::Run(_) => "run",
            Self::Page(_) => "page",
            Self::Source(_) => "source",
            Self::Catalogue(_) => "catalogue",
            Self::Judge(_) => "judge",
            Self::Root(_) => "root",
            Self::Title(_) => "title",
            Self::Edited(_) => "edited",
            Self::Since(_) => "since",
            Self::Until(_) => "until",
            Self::Attempts(..) => "attempts",
            Self::Job(_) => "job",
            Self::Version(_) => "version",
        }
    }

    /// Whether it is about one of the item's faults; such terms are met together, by the same fault.
    pub fn is_of_fault(&self) -> bool {
        matches!(self, Self::Path(_) | Self::Keyword(_) | Self::Group(_) | Self::Only)
    }
}

/// A text, or how texts begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// The text itself.
    Exact(String),
    /// `begin*`
    Prefix(String),
}

impl Pattern {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(whole) => text == whole,
            Self::Prefix(begin) => text.starts_with(begin.as_str()),
        }
    }
}

/// An instant, or how long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// That instant.
    At(DateTime<Utc>),
    /// So long before now.
    Ago(TimeDelta),
}

impl Moment {
    /// The instant, seen from `now`.
    pub fn instant(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::At(instant) => instant,
            Self::Ago(span) => now - span,
        }
    }
}

/// How numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `n`
    Equal,
    /// `>n`
    Above,
    /// `<n`
    Below,
}

/// Which dead letters; the default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
}

impl Filter {
    /// Reads a filter; blanks separate its terms, and a value with blanks stands in `"`.
    ///
    /// # Errors
    /// What is wrong, and at which column.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::terms(text).map(|terms| Self { terms })
    }

    /// Its terms; an item meets all of them.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Whether every item matches.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The filter of those terms that are wanted.
    #[must_use]
    pub fn only(&self, wanted: impl Fn(&Term) -> bool) -> Self {
        Self { terms: self.terms.iter().filter(|term| wanted(term)).cloned().collect() }
    }

    /// The filter with one more term.
    #[must_use]
    pub fn and(mut self, term: Term) -> Self {
        self.terms.push(term);
        self
    }
}
