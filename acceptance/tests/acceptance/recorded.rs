//! Recorded real payloads go through the whole pipeline; what the API then says is compared with numbers computed from the files by
//! plain JSON reading, without a type or a rule of ours.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use kansoku_acceptance::ledger_balances;
use kansoku_stack::{pipeline::Pipeline, process::Running, tools::recorded};
use serde_json::Value;

fn json(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// Every anime resource in the folder that has an address and an instant, oldest first; `(instant, address, row)`.
fn rows(folder: &Path) -> Vec<(String, String, Value)> {
    let index = json(&folder.join("captures.json"));
    let mut rows = Vec::new();
    for entry in index.as_array().unwrap() {
        let (Some(url), Some(date)) = (entry["url"].as_str(), entry["date"].as_str()) else { continue };
        if !url.starts_with("http") {
            continue; // where no address was recorded, the index tells a file's name instead
        }
        let body = json(&folder.join(entry["name"].as_str().unwrap()));
        let data = match &body["data"] {
            Value::Array(rows) => rows.clone(),
            one @ Value::Object(_) => vec![one.clone()],
            _ => continue,
        };
        // Only an anime resource has both.
        let anime =
            data.into_iter().filter(|row| row.get("scored_by").is_some() && row.get("aired").is_some());
        rows.extend(anime.map(|row| (date.to_owned(), url.to_owned(), row)));
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0)); // a stable sort: the later of two at one instant stays later
    rows
}

/// The last known row of each title that is not for adults only.
fn newest(rows: &[(String, String, Value)]) -> BTreeMap<u64, &Value> {
    let mut newest: BTreeMap<u64, &Value> =
        rows.iter().map(|(_, _, row)| (row["mal_id"].as_u64().unwrap(), row)).collect();
    newest.retain(|_, row| !row["rating"].as_str().is_some_and(|rating| rating.starts_with("Rx")));
    newest
}

/// An address without the parameters that only cut a list into pages.
fn list(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let cuts = |part: &&str| ["page=", "limit=", "sfw"].iter().any(|cut| part.starts_with(cut));
    let rest: Vec<&str> = query.split('&').filter(|part| !cuts(part)).collect();
    format!("{path}?{}", rest.join("&"))
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        length if length % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

fn same(said: &Value, expected: Option<f64>, what: &str) {
    match (said.as_f64(), expected) {
        (None, None) => {}
        (Some(said), Some(expected)) => {
            assert!(
                (said - expected).abs() < 1e-9 * expected.abs().max(1.0),
                "{what}: {said} for {expected}"
            );
        }
        other => panic!("{what}: {other:?}"),
    }
}

async fn answer(api: &Running, path: &str) -> Value {
    let (status, body) = api.get(&format!("/api/v1/{path}")).await.unwrap();
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn the_api_says_what_the_recorded_files_say() {
    let Some(folder) = recorded() else { return };
    let pipeline = Pipeline::start().await.unwrap();
    let _services = [pipeline.ready("validator").await.unwrap(), pipeline.ready("loader").await.unwrap()];
    let table = pipeline.import(&folder).unwrap();
    assert_eq!(table["captures"], 142, "{table}");
    pipeline.at_rest().await.unwrap();
    ledger_balances(&pipeline).await.unwrap();
    let api = pipeline.ready("query-api").await.unwrap();

    let rows = rows(&folder);
    assert!(rows.len() > 1_000, "{}", rows.len());
    sources(&api, &rows).await;
    top_anime(&api, &rows).await;
    genre_distribution(&api, &newest(&rows)).await;
    seasonal_trend(&api, &newest(&rows)).await;
}

async fn sources(api: &Running, rows: &[(String, String, Value)]) {
    let said = answer(api, "sources").await;
    // One recording names no host: it is of the source "file", and an error.
    let is_host = |source: &&Value| source["source"] != "file";
    let said = said["data"].as_array().unwrap().iter().find(is_host).unwrap();
    // A title is observed once by each list of an instant, though it may stand on two of its pages.
    let observations: BTreeSet<_> =
        rows.iter().map(|(at, url, row)| (at, list(url), row["mal_id"].as_u64())).collect();
    let titles: BTreeSet<_> = rows.iter().map(|(_, _, row)| row["mal_id"].as_u64()).collect();
    assert_eq!(said["catalogue"], "mal");
    assert_eq!(said["titles"], titles.len());
    assert_eq!(said["observations"], observations.len());
    assert_eq!(said["first_captured_at"].as_str(), rows.first().map(|(at, _, _)| at.as_str()));
    assert_eq!(said["last_captured_at"].as_str(), rows.last().map(|(at, _, _)| at.as_str()));
}

async fn top_anime(api: &Running, rows: &[(String, String, Value)]) {
    let said = answer(api, "analytics/top-anime?catalogue=mal&limit=25").await;
    let is_list = |url: &str| {
        url.split_once("/top/anime")
            .is_some_and(|(_, query)| !query.contains("filter") && !query.contains("type"))
    };
    let (at, url) = rows.iter().rev().find(|(_, url, _)| is_list(url)).map(|(at, url, _)| (at, url)).unwrap();
    let expected: Vec<_> =
        rows.iter().filter(|row| (&row.0, &row.1) == (at, url)).map(|row| &row.2).collect();
    let titles = said["data"]["titles"].as_array().unwrap();
    assert!(!titles.is_empty());
    assert_eq!(titles.len(), expected.len());
    for (place, (said, row)) in titles.iter().zip(expected).enumerate() {
        assert_eq!(said["place"], place + 1);
        for key in [
            "mal_id",
            "title",
            "title_english",
            "title_japanese",
            "type",
            "season",
            "year",
            "scored_by",
            "members",
        ] {
            assert_eq!(said[key], row[key], "{key} of place {}", place + 1);
        }
        same(&said["score"], row["score"].as_f64(), "score");
        let studios: Vec<_> =
            row["studios"].as_array().unwrap().iter().map(|studio| &studio["name"]).collect();
        assert_eq!(said["studios"].as_array().unwrap().iter().collect::<Vec<_>>(), studios);
    }
}

async fn genre_distribution(api: &Running, titles: &BTreeMap<u64, &Value>) {
    for (kind, key) in [("genre", "genres"), ("theme", "themes"), ("studio", "studios")] {
        let said = answer(api, &format!("analytics/genre-distribution?catalogue=mal&kind={kind}")).await;
        assert_eq!(said["data"]["titles"], titles.len());
        let mut expected: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
        for row in titles.values() {
            for tag in row[key].as_array().unwrap() {
                expected.entry(tag["mal_id"].as_u64().unwrap()).or_default().push(row);
            }
        }
        let genres = said["data"]["genres"].as_array().unwrap();
        assert!(genres.len() > 10, "{kind}: {}", genres.len());
        assert_eq!(genres.len(), expected.len(), "{kind}");
        for genre in genres {
            let having = &expected[&genre["genre_id"].as_u64().unwrap()];
            let scores: Vec<f64> = having.iter().filter_map(|row| row["score"].as_f64()).collect();
            let members: u64 = having.iter().filter_map(|row| row["members"].as_u64()).sum();
            let what = &genre["name"].to_string();
            assert_eq!(genre["titles"], having.len(), "{what}");
            assert_eq!(genre["scored"], scores.len(), "{what}");
            assert_eq!(genre["members"], members, "{what}");
            same(&genre["mean_score"], mean(&scores), what);
            same(&genre["share"], Some(having.len() as f64 / titles.len() as f64), what);
        }
    }
}

async fn seasonal_trend(api: &Running, titles: &BTreeMap<u64, &Value>) {
    let said = answer(api, "analytics/seasonal-trend?catalogue=mal").await;
    let mut expected: BTreeMap<(u64, &str), Vec<&Value>> = BTreeMap::new();
    for row in titles.values() {
        if let (Some(year), Some(season)) = (row["year"].as_u64(), row["season"].as_str()) {
            expected.entry((year, season)).or_default().push(row);
        }
    }
    assert!(expected.len() > 20, "{}", expected.len());
    let mut seen = 0;
    for point in said["data"].as_array().unwrap() {
        let key = (point["year"].as_u64().unwrap(), point["season"].as_str().unwrap());
        let none = Vec::new();
        let having = expected.get(&key).unwrap_or(&none);
        seen += usize::from(!having.is_empty());
        let mut scores: Vec<f64> = having.iter().filter_map(|row| row["score"].as_f64()).collect();
        let mut members: Vec<f64> = having.iter().filter_map(|row| row["members"].as_f64()).collect();
        let what = format!("{key:?}");
        assert_eq!(point["titles"], having.len(), "{what}");
        assert_eq!(point["scored"], scores.len(), "{what}");
        same(&point["mean_score"], mean(&scores), &what);
        same(&point["median_score"], median(&mut scores), &what);
        same(&point["members"], (!members.is_empty()).then(|| members.iter().sum()), &what);
        same(&point["median_members"], median(&mut members), &what);
    }
    assert_eq!(seen, expected.len(), "a season is missing");
}
