//! Questions and answers: a pure function from a snapshot and an address to status, headers and bytes.

mod headers;
mod params;
mod refusal;
mod route;

pub use headers::of as headers;
pub(crate) use headers::{of_refusal as refusal_headers, of_served as served_headers};
pub use refusal::Refusal;
pub use route::Route;

use crate::snapshot::Snapshot;

/// What a client gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case, in the order they are sent.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Answers a GET of this path and query (without the question mark) as things stand in the snapshot.
pub fn answer(snapshot: &Snapshot, path: &str, query: &str) -> Answer {
    let body = Route::parse(path, query).and_then(|route| route.body(snapshot, &[]));
    match body {
        Ok(body) => Answer { status: 200, headers: headers(snapshot.at(), path, query), body },
        Err(refusal) => refused(snapshot, &refusal),
    }
}

/// The answer to a question that cannot be answered.
pub fn refused(snapshot: &Snapshot, refusal: &Refusal) -> Answer {
    Answer { status: refusal.status(), headers: headers::of_refusal(snapshot.at()), body: refusal.body() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;
    use crate::world::World;

    fn world() -> (World, chrono::DateTime<chrono::Utc>) {
        let at = "2026-11-23T12:00:00Z".parse().unwrap();
        (World::until(4, at), at)
    }

    fn get(snapshot: &Snapshot, path: &str, query: &str) -> (u16, Value) {
        let answer = answer(snapshot, path, query);
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    #[test]
    fn paging_covers_each_title_exactly_once() {
        let (world, at) = world();
        let snapshot = Snapshot::of(&world, at);
        for (path, query) in [
            ("/v4/top/anime", ""),
            ("/v1/top/anime", "filter=bypopularity&limit=7"),
            ("/v4/top/anime", "filter=favorite"),
            ("/v4/seasons/now", "continuing=true"),
            ("/v4/seasons/2026/spring", "limit=25"),
            ("/v4/seasons/upcoming", ""),
            ("/v4/anime", "type=movie"),
            ("/v4/schedules", "filter=friday"),
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
    fn titles_can_be_found_and_looked_up() {
        let (world, at) = world();
        let snapshot = Snapshot::of(&world, at);
        let (_, top) = get(&snapshot, "/v4/top/anime", "limit=1");
        let best = &top["data"][0];
        assert_eq!(best["rank"], 1);
        let (_, one) = get(&snapshot, &format!("/v4/anime/{}", best["mal_id"]), "");
        assert_eq!(&one["data"], best);
        let asked = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("q", best["title_japanese"].as_str().unwrap())
            .finish();
        let (_, found) = get(&snapshot, "/v4/anime", &asked);
        assert!(found["data"].as_array().unwrap().contains(best));
    }

    #[test]
    fn what_does_not_exist_and_what_is_not_allowed_is_said_in_upstreams_shapes() {
        let (world, at) = world();
        let snapshot = Snapshot::of(&world, at);
        for (path, kind) in [
            ("/v4/anime/1", "BadResponseException"),
            ("/v4/anime/best", "HttpException"),
            ("/v4/seasons/2026/autumn", "HttpException"),
            ("/v4/manga/1", "HttpException"),
            ("/top/anime", "HttpException"),
        ] {
            let (status, body) = get(&snapshot, path, "");
            assert_eq!((status, &body["status"], &body["type"]), (404, &404.into(), &kind.into()), "{path}");
            assert!(body["message"].is_string() && body.get("error").is_some());
        }
        let (status, body) = get(&snapshot, "/v4/top/anime", "limit=26&page=0&filter=best&type=opera");
        assert_eq!((status, &body["type"]), (400, &"ValidationException".into()));
        let messages: Vec<_> = body["messages"].as_object().unwrap().keys().collect();
        assert_eq!(messages, ["filter", "limit", "page", "type"]);
        assert!(body.get("message").is_none());
    }
}
