//! What the rows of a capture were like, in a few numbers: enough to notice that an upstream has changed under us.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Dataset, Season, judge::news};

/// The most news of a page that are told.
const MOST_NEWS: usize = 50;

/// The rows of all pages of a capture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Census {
    /// The digest of each page's body.
    pub digests: BTreeMap<u32, String>,
    /// Where RAW has the pages of a history: what is mended is compared with them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub seqs: BTreeMap<u32, u64>,
    /// How many rows hold `null`, by key; keys that never do are left out.
    pub nulls: BTreeMap<String, u64>,
    /// Titles with votes whose score is 0 (jikan-rest#525).
    pub zero_scores: u64,
    /// Titles that stood on the capture's pages more than once.
    pub duplicates: u64,
    /// Keys and words of open lists that no recorded page had, and seasons other than the one that was asked for.
    pub news: BTreeSet<String>,
}

/// The rows of one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageCensus {
    /// The `mal_id` of each row that has one.
    pub ids: Vec<u64>,
    /// See [`Census::nulls`].
    pub nulls: BTreeMap<String, u64>,
    /// See [`Census::zero_scores`].
    pub zero_scores: u64,
    /// See [`Census::news`].
    pub news: BTreeSet<String>,
}

impl PageCensus {
    /// Counts the rows of a page. What cannot be read counts nothing: it is the judge's to say.
    pub fn of(dataset: &Dataset, body: &[u8]) -> Self {
        let mut census = Self::default();
        let Ok(page) = serde_json::from_slice::<Value>(body) else { return census };
        let rows = page.get("data").and_then(Value::as_array).into_iter().flatten();
        for row in rows.filter_map(Value::as_object) {
            let number = |key: &str| row.get(key).and_then(Value::as_f64);
            census.ids.extend(row.get("mal_id").and_then(Value::as_u64));
            for (key, _) in row.iter().filter(|(_, value)| value.is_null()) {
                *census.nulls.entry(key.clone()).or_default() += 1;
            }
            let unscored =
                number("score") == Some(0.0) && number("scored_by").is_some_and(|votes| votes > 0.0);
            census.zero_scores += u64::from(unscored);
            if dataset.is_anime_rows() {
                let news = news(row).chain(other_season(dataset, row));
                census.news.extend(news.take(MOST_NEWS.saturating_sub(census.news.len())));
            }
        }
        census
    }
}

/// The season of a row in the list of another one. MyAnimeList has no season for most of what is no series: that is no
/// other season.
fn other_season(dataset: &Dataset, row: &Map<String, Value>) -> Option<String> {
    let Dataset::Season { year, season } = dataset else { return None };
    let found: (Season, u64) = (row.get("season")?.as_str()?.parse().ok()?, row.get("year")?.as_u64()?);
    (found != (*season, u64::from(*year))).then(|| format!("other season {} {}", found.0, found.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_counted_by_its_rows() {
        let body = br#"{"data":[
            {"mal_id":1,"score":0,"scored_by":12,"season":null,"year":null},
            {"mal_id":2,"score":0,"scored_by":0,"season":null,"mood":1,"type":"Hologram"},
            {"mal_id":1,"score":null,"scored_by":null}, "no row"]}"#;
        let census = PageCensus::of(&Dataset::TopScore, body);
        assert_eq!(census.ids, [1, 2, 1]);
        assert_eq!(census.zero_scores, 1);
        let nulls: Vec<_> = census.nulls.iter().map(|(key, rows)| (key.as_str(), *rows)).collect();
        assert_eq!(nulls, [("score", 1), ("scored_by", 1), ("season", 2), ("year", 1)]);
        assert_eq!(Vec::from_iter(census.news), ["key mood", "type Hologram"]);
        assert_eq!(PageCensus::of(&Dataset::TopScore, b"<html>"), PageCensus::default());
    }

    #[test]
    fn a_title_of_another_season_is_news() {
        let body = br#"{"data":[
            {"season":"fall","year":2026}, {"season":null,"year":null}, {"season":"fall","year":2025},
            {"season":"summer","year":2026}, {"season":"fall","year":2025}, {"season":"autumn","year":2026}]}"#;
        let news = |dataset: &str| PageCensus::of(&dataset.parse().unwrap(), body).news;
        assert_eq!(
            Vec::from_iter(news("season.2026.fall")),
            ["other season fall 2025", "other season summer 2026", "season autumn"]
        );
        assert_eq!(Vec::from_iter(news("season.now")), ["season autumn"]);
    }
}
