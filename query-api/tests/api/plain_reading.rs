//! The analytics against a plain reading of every observation, for every instant and source.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kansoku_stack::postgres::Database;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use crate::support::{self, Instance, NO_REDIS};

/// Every observation of a title that is not adult, with what the title counts in.
const OBSERVATIONS: &str = "
    select a.mal_id, a.year, a.season, o.captured_at, s.name as source, o.score::float8 as score, o.members,
        array(select t.name from anime_tag l join tag t on t.catalogue = l.catalogue and t.kind = l.kind and t.mal_id = l.tag_id
            where l.catalogue = a.catalogue and l.anime_id = a.mal_id and l.kind = 'genre') as genres
    from anime a
    join observation o on o.catalogue = a.catalogue and o.mal_id = a.mal_id
    join source s using (source_id)
    where a.catalogue = 'sample' and coalesce(a.rating, '') not like 'Rx%'
    order by o.captured_at, o.epoch, o.seq";

#[derive(sqlx::FromRow, Clone)]
struct Observation {
    mal_id: i32,
    year: Option<i32>,
    season: Option<String>,
    captured_at: DateTime<Utc>,
    source: String,
    score: Option<f64>,
    members: Option<i32>,
    genres: Vec<String>,
}

/// The last observation of each title up to an instant, of one source or of any.
fn last(observations: &[Observation], until: DateTime<Utc>, source: Option<&str>) -> Vec<Observation> {
    let counts =
        |one: &&Observation| one.captured_at <= until && source.is_none_or(|name| name == one.source);
    let last: BTreeMap<i32, Observation> =
        observations.iter().filter(counts).map(|one| (one.mal_id, one.clone())).collect();
    last.into_values().collect()
}

/// What a chart says of some titles.
#[derive(Debug, PartialEq)]
struct Figures {
    titles: i64,
    scored: i64,
    mean_score: Option<f64>,
    median_score: Option<f64>,
    median_members: Option<f64>,
    members: Option<i64>,
}

impl Figures {
    fn of(titles: &[&Observation]) -> Self {
        let scores: Vec<f64> = titles.iter().filter_map(|one| one.score).collect();
        let members: Vec<f64> = titles.iter().filter_map(|one| one.members.map(f64::from)).collect();
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        Self {
            titles: titles.len() as i64,
            scored: scores.len() as i64,
            mean_score: (!scores.is_empty()).then_some(rounded(mean)),
            median_score: median(scores),
            median_members: median(members.clone()),
            members: (!members.is_empty()).then_some(members.iter().sum::<f64>() as i64),
        }
    }

    fn told(body: &Value) -> Self {
        Self {
            titles: body["titles"].as_i64().expect("a number"),
            scored: body["scored"].as_i64().expect("a number"),
            mean_score: body["mean_score"].as_f64().map(rounded),
            median_score: body["median_score"].as_f64().map(rounded),
            median_members: body["median_members"].as_f64(),
            members: body["members"].as_i64(),
        }
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some(rounded((low + high) / 2.0))
}

/// Sums of floats differ in their last digits by their order.
fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// Around every capture of the seed, and the ends of its days.
const INSTANTS: [&str; 11] = [
    "2026-11-09T23:59:59.999999Z",
    "2026-11-10T03:59:59.999999Z",
    "2026-11-10T04:00:00Z",
    "2026-11-10T23:59:59.999999Z",
    "2026-11-12T12:00:00Z",
    "2026-11-13T04:00:00Z",
    "2026-11-13T05:00:00Z",
    "2026-11-14T03:00:00Z",
    "2026-11-14T05:59:59Z",
    "2026-11-14T06:00:00Z",
    "2026-12-24T00:00:00Z",
];

#[tokio::test]
async fn seasons_and_genres_agree_with_a_plain_reading() {
    let database = Database::migrated().await.expect("a database");
    support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let mut session = PgConnection::connect(database.url()).await.expect("a session");
    let observations: Vec<Observation> =
        sqlx::query_as(OBSERVATIONS).fetch_all(&mut session).await.expect("observations");
    for instant in INSTANTS {
        for source in [None, Some("station"), Some("mirror")] {
            let titles = last(&observations, instant.parse().expect("an instant"), source);
            let of = source.map(|name| format!("&source={name}")).unwrap_or_default();
            let get = async |resource: &str| {
                let path = format!("/api/v1/analytics/{resource}?catalogue=sample&as_of={instant}{of}");
                service.get(&path).await.json()["data"].clone()
            };

            let mut seasons = BTreeMap::<_, Vec<_>>::new();
            for title in &titles {
                if let (Some(year), Some(season)) = (title.year, &title.season) {
                    seasons.entry((i64::from(year), season.clone())).or_default().push(title);
                }
            }
            let plain: BTreeMap<_, _> =
                seasons.into_iter().map(|(season, titles)| (season, Figures::of(&titles))).collect();
            let trend = get("seasonal-trend").await;
            let told = trend.as_array().expect("a list").iter().filter(|point| point["titles"] != 0);
            let key = |point: &Value| {
                (
                    point["year"].as_i64().expect("a year"),
                    point["season"].as_str().expect("a season").to_owned(),
                )
            };
            let told: BTreeMap<_, _> = told.map(|point| (key(point), Figures::told(point))).collect();
            assert_eq!(told, plain, "seasons at {instant}{of}");

            let mut genres = BTreeMap::<_, Vec<_>>::new();
            for title in &titles {
                for genre in &title.genres {
                    genres.entry(genre.clone()).or_default().push(title);
                }
            }
            let distribution = get("genre-distribution").await;
            assert_eq!(distribution["titles"], titles.len(), "genres at {instant}{of}");
            let told = distribution["genres"].as_array().expect("a list");
            assert_eq!(told.len(), genres.len(), "genres at {instant}{of}");
            for genre in told {
                let plain = Figures::of(&genres[genre["name"].as_str().expect("a name")]);
                let told = Figures::told(genre);
                assert_eq!(
                    (told.titles, told.scored, told.mean_score, told.members),
                    (plain.titles, plain.scored, plain.mean_score, Some(plain.members.unwrap_or(0))),
                    "{genre} at {instant}{of}"
                );
                let share = plain.titles as f64 / titles.len() as f64;
                assert_eq!(genre["share"].as_f64().map(rounded), Some(rounded(share)), "{genre}");
            }
        }
    }
}

#[tokio::test]
async fn the_ranking_of_every_day_is_the_run_of_that_day() {
    let database = Database::migrated().await.expect("a database");
    support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    for (as_of, run, previous) in [
        ("2026-11-09", json!(null), json!(null)),
        ("2026-11-10", json!(1), json!(null)),
        ("2026-11-11", json!(2), json!(1)),
        ("2026-11-12", json!(2), json!(1)),
        ("2026-11-14T03:59:59Z", json!(3), json!(2)),
        ("2026-11-14T04:00:00Z", json!(5), json!(3)),
    ] {
        let path = format!("/api/v1/analytics/top-anime?catalogue=sample&as_of={as_of}");
        let body = service.get(&path).await.json();
        let number = |run: &serde_json::Value| {
            run["run"]
                .as_str()
                .map_or(json!(null), |id| id[id.len() - 2..].parse::<u32>().expect("a number").into())
        };
        assert_eq!(
            (number(&body["data"]["run"]), number(&body["data"]["previous"])),
            (run, previous),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_ranking_is_compared_with_an_earlier_capture_day_or_week() {
    let database = Database::migrated().await.expect("a database");
    support::seed(&database).await;
    // Two captures more: hours before the newest one, and a week before it.
    support::execute(&database, include_str!("more_rankings.sql")).await;
    let service = Instance::over(&database, NO_REDIS).await;
    for (since, previous) in [("", 9), ("&since=capture", 9), ("&since=day", 3), ("&since=week", 10)] {
        let path = format!("/api/v1/analytics/top-anime?catalogue=sample{since}");
        let body = service.get(&path).await.json();
        let run = |of: &str| body["data"][of]["run"].as_str().map(str::to_owned);
        assert_eq!(run("run").as_deref(), Some("00000000-0000-5000-8000-000000000005"), "{path}");
        let expected = format!("00000000-0000-5000-8000-{previous:012}");
        assert_eq!(run("previous"), Some(expected), "{path}");
    }
}
