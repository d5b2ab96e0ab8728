//! Which titles an answer lists, and in which order.

use std::cmp::Reverse;

use super::{Sighting, Snapshot, Status};
use crate::{calendar::Quarter, tags::Tag};

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Best first; leaves out what has no rank.
    Rank,
    /// Most members first.
    Members,
    /// Fewest members first.
    FewestMembers,
    /// Most favourites first.
    Favorites,
    /// By id.
    Id,
}

/// Which titles are listed; every condition has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Of this format, by its token in a query.
    pub kind: Option<&'static str>,
    /// With this status.
    pub status: Option<Status>,
    /// With this rating: how upstream's label begins.
    pub rating: Option<&'static str>,
    /// First broadcast in this season …
    pub quarter: Option<Quarter>,
    /// … or begun earlier and still on in it.
    pub continuing: bool,
    /// Broadcast weekly on this day (`monday` …), on no fixed one (`other`), or on one not known yet (`unknown`).
    pub broadcast: Option<&'static str>,
    /// With this text in one of its names.
    pub text: Option<String>,
    /// With one of these genres.
    pub genres: Vec<i32>,
}

impl<'w> Snapshot<'w> {
    /// The selected titles in this order.
    pub fn list(&self, selection: &Selection, order: Order) -> Vec<&Sighting<'w>> {
        let mut list: Vec<&Sighting> = self.sightings.iter().filter(|one| selection.holds(one)).collect();
        match order {
            Order::Rank => {
                list.retain(|one| one.rank.is_some());
                list.sort_by_key(|one| one.rank);
            }
            Order::Members => list.sort_by_key(|one| one.popularity),
            Order::FewestMembers => list.sort_by_key(|one| Reverse(one.popularity)),
            Order::Favorites => list.sort_by_key(|one| (Reverse(one.favorites), one.title.id)),
            Order::Id => list.sort_by_key(|one| one.title.id),
        }
        list
    }
}

impl Selection {
    fn holds(&self, one: &Sighting) -> bool {
        let title = one.title;
        self.kind.is_none_or(|kind| title.kind.token() == kind)
            && self.status.is_none_or(|status| one.status == status)
            && self.rating.is_none_or(|rating| title.labels.rating.starts_with(rating))
            && self.quarter.is_none_or(|quarter| {
                let still_on = title.quarter < quarter && title.last_day >= quarter.first_day();
                title.quarter == quarter || (self.continuing && still_on && one.status != Status::NotYetAired)
            })
            && self.broadcast.is_none_or(|day| one.broadcast_day() == day)
            && self.text.as_ref().is_none_or(|text| one.is_called(text))
            && (self.genres.is_empty() || one.tags().any(|tag| self.genres.contains(&tag.id)))
    }
}

impl Sighting<'_> {
    /// `monday` …, `unknown`, or `other`.
    pub fn broadcast_day(&self) -> &'static str {
        match (self.title.slot, self.dated) {
            (None, _) => "other",
            (Some(_), false) => "unknown",
            (Some(_), true) => weekday_token(self.title.first_day),
        }
    }

    /// All its genres, themes and demographics.
    pub fn tags(&self) -> impl Iterator<Item = &'static Tag> {
        let labels = &self.title.labels;
        labels.genres.iter().chain(&labels.themes).chain(&labels.demographics).copied()
    }

    fn is_called(&self, text: &str) -> bool {
        let name = &self.title.name;
        let text = text.to_lowercase();
        let names = [Some(&name.romaji), name.english.as_ref(), Some(&name.japanese)];
        names.into_iter().flatten().chain(&name.synonyms).any(|name| name.to_lowercase().contains(&text))
    }
}

/// `monday` … `sunday`.
fn weekday_token(day: chrono::NaiveDate) -> &'static str {
    use chrono::Datelike;
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    DAYS[day.weekday().num_days_from_monday() as usize]
}
