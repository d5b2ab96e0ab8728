//! Requests and replies: a pure function from a snapshot and an address to status, headers and bytes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kansoku_schemas::{Classified, Dataset, classify};
use serde_json::{Value, json};
use url::Url;

use crate::{
    SOURCE,
    body::{self, HOST, Paging},
    snapshot::Snapshot,
};

/// The most rows on a page, and the usual number.
const MAX_ROWS: u32 = 25;

/// Status, headers and bytes, whoever they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// In the order they are sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A reply of JSON.
    pub fn new(at: DateTime<Utc>, status: u16, body: Vec<u8>) -> Self {
        Self { status, headers: headers(at), body }
    }

    /// An error, in upstream's shape.
    pub fn error(at: DateTime<Utc>, status: u16, body: &Value) -> Self {
        Self::new(at, status, body::to_vec(body))
    }

    /// Puts a header in place of those of its name.
    pub fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }
}

/// The headers of every reply. The last one keeps anybody from taking the titles for real ones.
pub fn headers(at: DateTime<Utc>) -> Vec<(String, String)> {
    let headers = [
        ("date", http_date(at)),
        ("content-type", "application/json".to_owned()),
        ("x-kansoku-source", SOURCE.to_owned()),
    ];
    headers.map(|(name, value)| (name.to_owned(), value)).into()
}

/// `Mon, 23 Nov 2026 12:00:00 GMT`.
pub(crate) fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// A page of a list.
    List(Dataset, Paging),
    /// `/anime/{id}`
    Title(i32),
}

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such endpoint, or no such year or season.
    NotFound,
    /// There is no title with this id.
    NoSuchTitle(i32),
    /// Only GET and HEAD are understood.
    MethodNotAllowed,
    /// Parameters that are wrong: messages by parameter.
    Invalid(BTreeMap<String, [String; 1]>),
}

impl Route {
    /// Reads a path that begins with `/v4` or `/v1`, and a query without its question mark.
    ///
    /// # Errors
    /// What upstream would refuse, and lists that are narrowed by other parameters than the datasets'.
    pub fn parse(path: &str, query: &str) -> Result<Self, Refusal> {
        let rest =
            path.strip_prefix("/v4/").or_else(|| path.strip_prefix("/v1/")).ok_or(Refusal::NotFound)?;
        if let Some(id) = rest.strip_prefix("anime/") {
            return id.parse().map(Self::Title).map_err(|_| Refusal::NotFound);
        }
        let url = Url::parse(&format!("{HOST}{path}?{query}")).map_err(|_| Refusal::NotFound)?;
        match classify(&url) {
            Classified::Taken(Dataset::Season { year, .. }) if !(1917..=2100).contains(&year) => {
                Err(Refusal::NotFound)
            }
            Classified::Taken(Dataset::Anime) if rest != "anime" => {
                let message =
                    "jikan-sim serves whole lists: only page, limit and the filter of a dataset are known.";
                Err(Refusal::Invalid([("filter".to_owned(), [message.to_owned()])].into()))
            }
            Classified::Taken(Dataset::Anime | Dataset::History) | Classified::NotTaken(_) => {
                Err(Refusal::NotFound)
            }
            Classified::Taken(dataset) => paging(&url).map(|paging| Self::List(dataset, paging)),
        }
    }

    /// The body in this snapshot.
    ///
    /// # Errors
    /// When there is no such title.
    pub fn body(self, snapshot: &Snapshot) -> Result<Vec<u8>, Refusal> {
        Ok(match self {
            Self::List(Dataset::Genres, _) => body::genres(snapshot),
            Self::List(dataset, paging) => body::page(&snapshot.list(dataset), paging),
            Self::Title(id) => body::single(snapshot.title(id).ok_or(Refusal::NoSuchTitle(id))?),
        })
    }
}

/// `page` and `limit`; of a parameter given twice the last value counts.
fn paging(url: &Url) -> Result<Paging, Refusal> {
    let mut wrong = BTreeMap::new();
    let mut number = |name: &str, usual: u32, max: u32| {
        let Some((_, value)) = url.query_pairs().filter(|(key, _)| key == name).last() else { return usual };
        let problem = match value.parse::<u32>() {
            Ok(0) => format!("The {name} must be at least 1."),
            Ok(number) if number > max => format!("The {name} may not be greater than {max}."),
            Ok(number) => return number,
            Err(_) => format!("The {name} must be an integer."),
        };
        wrong.insert(name.to_owned(), [problem]);
        usual
    };
    let paging = Paging { page: number("page", 1, u32::MAX), limit: number("limit", MAX_ROWS, MAX_ROWS) };
    if wrong.is_empty() { Ok(paging) } else { Err(Refusal::Invalid(wrong)) }
}

impl Refusal {
    /// The reply: upstream's, where validation has `messages` instead of a `message`.
    pub fn reply(&self, at: DateTime<Utc>) -> Reply {
        let (status, kind, message, error) = match self {
            Self::NotFound => (404, "HttpException", json!("Not Found"), None),
            Self::MethodNotAllowed => (405, "HttpException", json!("Method Not Allowed"), None),
            Self::NoSuchTitle(id) => {
                let error = format!("404 on {HOST}/anime/{id}");
                (404, "BadResponseException", json!("Resource does not exist"), Some(error))
            }
            Self::Invalid(messages) => {
                let body = json!({ "status": 400, "type": "ValidationException", "messages": messages,
                    "error": "Invalid or incomplete request. Make sure your request is correct." });
                return Reply::error(at, 400, &body);
            }
        };
        let body = json!({ "status": status, "type": kind, "message": message, "error": error });
        Reply::error(at, status, &body)
    }
}

/// Answers a GET of this path and query (without the question mark).
pub fn answer(snapshot: &Snapshot, path: &str, query: &str) -> Reply {
    match Route::parse(path, query).and_then(|route| route.body(snapshot)) {
        Ok(body) => Reply::new(snapshot.at(), 200, body),
        Err(refusal) => refusal.reply(snapshot.at()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::world::World;

    fn world() -> (World, DateTime<Utc>) {
        let at = "2026-11-23T12:00:00Z".parse().unwrap();
        (World::until(3, at), at)
    }

    fn get(snapshot: &Snapshot, path: &str, query: &str) -> (u16, Value) {
        let reply = answer(snapshot, path, query);
        (reply.status, serde_json::from_slice(&reply.body).unwrap())
    }

    #[test]
    fn paging_covers_each_title_exactly_once() {
        let (world, at) = world();
        let snapshot = Snapshot::of(&world, at);
        for (path, query) in [
            ("/v4/top/anime", ""),
            ("/v1/top/anime", "filter=bypopularity&limit=7"),
            ("/v4/top/anime", "filter=favorite"),
            ("/v4/top/anime", "filter=airing"),
            ("/v4/top/anime", "filter=upcoming"),
            ("/v4/seasons/now", ""),
            ("/v4/seasons/2026/spring", "limit=25"),
            ("/v4/seasons/upcoming", ""),
        ] {
            let mut seen = HashSet::new();
            let mut page = 1;
            loop {
                let (status, body) = get(&snapshot, path, &format!("{query}&page={page}"));
                assert_eq!(status, 200, "{path}?{query}: {body}");
                let rows = body["data"].as_array().unwrap();
                assert_eq!(body["pagination"]["items"]["count"], rows.len());
                for row in rows {
                    assert!(seen.insert(row["mal_id"].as_i64().unwrap()), "twice in {path}?{query}");
                }
                if body["pagination"]["has_next_page"] == false {
                    assert_eq!(body["pagination"]["items"]["total"], seen.len());
                    assert_eq!(body["pagination"]["last_visible_page"], page);
                    break;
                }
                page += 1;
            }
            assert!(!seen.is_empty(), "{path}?{query} lists nothing");
            let (_, beyond) = get(&snapshot, path, &format!("{query}&page={}", page + 1));
            assert_eq!(beyond["data"].as_array().map(Vec::len), Some(0));
        }
    }

    #[test]
    fn a_title_alone_is_its_row_in_a_list() {
        let (world, at) = world();
        let snapshot = Snapshot::of(&world, at);
        let (_, top) = get(&snapshot, "/v4/top/anime", "limit=1");
        let best = &top["data"][0];
        assert_eq!(best["rank"], 1);
        let (_, one) = get(&snapshot, &format!("/v4/anime/{}", best["mal_id"]), "");
        assert_eq!(&one["data"], best);
    }

    #[test]
    fn refusals_have_upstreams_shapes() {
        let (world, at) = world();
        let snapshot = Snapshot::of(&world, at);
        for (path, kind) in [
            ("/v4/anime/1", "BadResponseException"),
            ("/v4/anime/best", "HttpException"),
            ("/v4/seasons/2026/autumn", "HttpException"),
            ("/v4/seasons/1916/winter", "HttpException"),
            ("/v4/manga/1", "HttpException"),
            ("/top/anime", "HttpException"),
        ] {
            let (status, body) = get(&snapshot, path, "");
            assert_eq!((status, &body["status"], &body["type"]), (404, &404.into(), &kind.into()), "{path}");
            assert!(body["message"].is_string() && body.get("error").is_some());
        }
        for (query, keys) in [("limit=26&page=0", &["limit", "page"][..]), ("filter=best", &["filter"])] {
            let (status, body) = get(&snapshot, "/v4/top/anime", query);
            assert_eq!((status, &body["type"]), (400, &"ValidationException".into()));
            assert_eq!(body["messages"].as_object().unwrap().keys().collect::<Vec<_>>(), keys);
            assert!(body.get("message").is_none());
        }
    }
}
