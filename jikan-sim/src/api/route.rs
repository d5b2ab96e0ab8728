//! Which endpoint an address means, and what it lists.

use super::{Refusal, params::Params};
use crate::{
    body::{self, Flaw, Paging},
    calendar::Quarter,
    snapshot::{Order, Selection, Sighting, Snapshot, Status},
    tags::TagKind,
};

/// A question that makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// One page of a list.
    List {
        /// Which titles.
        selection: Selection,
        /// The season that is on, whichever that is; otherwise what the selection says.
        now: bool,
        /// In which order.
        order: Order,
        /// Which page.
        paging: Paging,
    },
    /// `/anime/{id}`
    Title(i32),
    /// `/genres/anime`
    Genres(Option<TagKind>),
    /// `/seasons`
    Seasons,
}

/// Formats that a query may name; of some there are no titles here.
const KINDS: [&str; 9] = ["tv", "movie", "ova", "special", "ona", "music", "cm", "pv", "tv_special"];
/// Ratings by token, and how their labels begin.
const RATINGS: [(&str, &str); 6] =
    [("g", "G -"), ("pg", "PG -"), ("pg13", "PG-13"), ("r17", "R -"), ("r", "R+"), ("rx", "Rx")];
const STATUS: [(&str, Status); 3] =
    [("airing", Status::Airing), ("complete", Status::Finished), ("upcoming", Status::NotYetAired)];
const BROADCASTS: [&str; 9] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "unknown", "other"];

impl Route {
    /// Reads a path that begins with `/v4` or `/v1`, and a query without its question mark.
    pub fn parse(path: &str, query: &str) -> Result<Self, Refusal> {
        Self::parse_up_to(25, path, query)
    }

    /// The same where a page may have up to so many rows.
    pub fn parse_up_to(most_rows: u32, path: &str, query: &str) -> Result<Self, Refusal> {
        let path: Vec<&str> = path.trim_end_matches('/').split('/').skip(1).collect();
        let ["v4" | "v1", path @ ..] = &path[..] else {
            return Err(Refusal::NotFound);
        };
        let mut params = Params::parse(query, most_rows);
        let route = match path {
            ["top", "anime"] => top(&mut params),
            ["seasons"] => Self::Seasons,
            ["seasons", "now"] => season(None, &mut params),
            ["seasons", "upcoming"] => {
                let kind = kind(&mut params, "filter");
                let selection = Selection { kind, status: Some(Status::NotYetAired), ..Selection::default() };
                Self::list(selection, Order::Members, &mut params)
            }
            ["seasons", year, name] => {
                let year = year.parse().ok().filter(|year| (1917..=2100).contains(year));
                let quarter = year.and_then(|year| Quarter::named(year, name)).ok_or(Refusal::NotFound)?;
                season(Some(quarter), &mut params)
            }
            ["genres", "anime"] => Self::Genres(params.one_of(
                "filter",
                &[
                    ("genres", TagKind::Genre),
                    ("explicit_genres", TagKind::ExplicitGenre),
                    ("themes", TagKind::Theme),
                    ("demographics", TagKind::Demographic),
                ],
            )),
            ["anime"] => search(&mut params),
            ["anime", id] => Self::Title(id.parse().map_err(|_| Refusal::NotFound)?),
            ["schedules"] => {
                let broadcast = params.one_of("filter", &BROADCASTS.map(|day| (day, day)));
                let selection = Selection { broadcast, status: Some(Status::Airing), ..Selection::default() };
                Self::list(selection, Order::FewestMembers, &mut params)
            }
            _ => return Err(Refusal::NotFound),
        };
        params.checked(route)
    }

    /// The body as things stand. Flaws go by row of the page.
    pub fn body(&self, snapshot: &Snapshot, flaws: &[(usize, Flaw)]) -> Result<Vec<u8>, Refusal> {
        Ok(match self {
            Self::List { paging, .. } => body::page(&self.listed(snapshot), *paging, flaws),
            Self::Title(id) => body::single(snapshot.title(*id).ok_or(Refusal::NoSuchTitle(*id))?),
            Self::Genres(kind) => body::genres(snapshot, *kind),
            Self::Seasons => body::seasons(snapshot),
        })
    }

    /// All titles of the list that this is a page of; none where it is no list.
    pub fn listed<'s, 'w>(&self, snapshot: &'s Snapshot<'w>) -> Vec<&'s Sighting<'w>> {
        match self {
            Self::List { selection, now: true, order, .. } => {
                let selection = Selection { quarter: Some(snapshot.quarter()), ..selection.clone() };
                snapshot.list(&selection, *order)
            }
            Self::List { selection, order, .. } => snapshot.list(selection, *order),
            Self::Title(_) | Self::Genres(_) | Self::Seasons => Vec::new(),
        }
    }

    fn list(selection: Selection, order: Order, params: &mut Params) -> Self {
        Self::List { selection, now: false, order, paging: params.paging() }
    }
}

fn kind(params: &mut Params, name: &'static str) -> Option<&'static str> {
    params.one_of(name, &KINDS.map(|kind| (kind, kind)))
}

fn top(params: &mut Params) -> Route {
    let filters = [
        ("airing", (Some(Status::Airing), Order::Rank)),
        ("upcoming", (Some(Status::NotYetAired), Order::Members)),
        ("bypopularity", (None, Order::Members)),
        ("favorite", (None, Order::Favorites)),
    ];
    let (status, order) = params.one_of("filter", &filters).unwrap_or((None, Order::Rank));
    let kind = kind(params, "type");
    let rating = params.one_of("rating", &RATINGS);
    Route::list(Selection { kind, status, rating, ..Selection::default() }, order, params)
}

fn season(quarter: Option<Quarter>, params: &mut Params) -> Route {
    let continuing = params.flag("continuing");
    let kind = kind(params, "filter");
    let selection = Selection { kind, quarter, continuing, ..Selection::default() };
    Route::List { selection, now: quarter.is_none(), order: Order::Members, paging: params.paging() }
}

fn search(params: &mut Params) -> Route {
    let text = params.text("q");
    let order = if text.is_some() { Order::Members } else { Order::Id };
    let genres = params.text("genres").unwrap_or_default();
    let selection = Selection {
        text,
        kind: kind(params, "type"),
        status: params.one_of("status", &STATUS),
        rating: params.one_of("rating", &RATINGS),
        genres: genres.split(',').filter_map(|id| id.trim().parse().ok()).collect(),
        ..Selection::default()
    };
    Route::list(selection, order, params)
}
