//! What a filter is held against in memory.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Comparison, Filter, Term};
use crate::{Catalogue, ItemState, Reason, Stage};

/// A fault of an item, as groups know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The group's number.
    pub group: i64,
    /// Where in the body, with `*` for every index.
    pub path: String,
    /// The keyword of the schema.
    pub keyword: String,
}

/// A dead letter, as far as a filter asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `<run>:<page>:<row or page>:<stage>`
    pub root: String,
    /// The run.
    pub run: Uuid,
    /// Its number in the run.
    pub page: i64,
    /// Where it first died.
    pub stage: Stage,
    /// Why.
    pub reason: Reason,
    /// What was captured.
    pub dataset: String,
    /// The catalogue.
    pub catalogue: Option<Catalogue>,
    /// Where its bytes came from.
    pub source: Option<String>,
    /// Who rejected it last.
    pub judge: String,
    /// What became of it.
    pub state: ItemState,
    /// The title.
    pub title: Option<String>,
    /// Whether its text is an operator's.
    pub edited: bool,
    /// When it first died.
    pub first_at: DateTime<Utc>,
    /// Replays that failed.
    pub failures: i64,
    /// The number of its facts.
    pub version: i64,
    /// The faults of its newest letter.
    pub faults: Vec<Fault>,
    /// The jobs that were to replay it.
    pub jobs: Vec<Uuid>,
}

impl Filter {
    /// Whether the item meets every term.
    pub fn matches(&self, item: &Item, now: DateTime<Utc>) -> bool {
        let (of_fault, others): (Vec<_>, Vec<_>) = self.terms.iter().partition(|term| term.is_of_fault());
        let fits = |fault: &Fault| of_fault.iter().all(|term| fits(term, fault, item.faults.len() == 1));
        others.into_iter().all(|term| meets(term, item, now))
            && (of_fault.is_empty() || item.faults.iter().any(fits))
    }
}

impl Filter {
    /// Whether a fault of an item that has others meets every term about a fault's group.
    pub fn fits(&self, fault: &Fault) -> bool {
        let of_group = self.terms.iter().filter(|term| term.is_of_fault() && **term != Term::Only);
        of_group.into_iter().all(|term| fits(term, fault, false))
    }
}

/// Whether a fault meets a term that is about faults.
fn fits(term: &Term, fault: &Fault, alone: bool) -> bool {
    match term {
        Term::Path(pattern) => pattern.matches(&fault.path),
        Term::Keyword(keyword) => fault.keyword == *keyword,
        Term::Group(groups) => groups.contains(&fault.group),
        _ => alone,
    }
}

/// Whether an item meets a term that is not about its faults.
fn meets(term: &Term, item: &Item, now: DateTime<Utc>) -> bool {
    match term {
        Term::State(states) => states.contains(&item.state),
        Term::Reason(reason) => item.reason == *reason,
        Term::Stage(stage) => item.stage == *stage,
        Term::Dataset(pattern) => pattern.matches(&item.dataset),
        Term::Run(run) => item.run == *run,
        Term::Page(page) => item.page == *page,
        Term::Source(source) => item.source.as_ref() == Some(source),
        Term::Catalogue(catalogue) => item.catalogue == Some(*catalogue),
        Term::Judge(judge) => item.judge == *judge,
        Term::Root(root) => item.root == *root,
        Term::Title(part) => item
            .title
            .as_ref()
            .is_some_and(|title| title.to_ascii_lowercase().contains(&part.to_ascii_lowercase())),
        Term::Edited(edited) => item.edited == *edited,
        Term::Since(moment) => item.first_at >= moment.instant(now),
        Term::Until(moment) => item.first_at < moment.instant(now),
        Term::Attempts(comparison, number) => match comparison {
            Comparison::Equal => item.failures == *number,
            Comparison::Above => item.failures > *number,
            Comparison::Below => item.failures < *number,
        },
        Term::Job(job) => item.jobs.contains(job),
        Term::Version(version) => item.version == *version,
        Term::Path(_) | Term::Keyword(_) | Term::Group(_) | Term::Only => true,
    }
}
