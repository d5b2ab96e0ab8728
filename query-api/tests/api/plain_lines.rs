//! The line of each title against a plain reading of every observation, for every instant and source.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use kansoku_stack::postgres::Database;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use crate::{
    history::LESS,
    support::{self, Instance, NO_REDIS},
};

/// Every observation, the oldest first.
const OBSERVATIONS: &str = "
    select o.mal_id, o.captured_at, s.name as source, o.seq, o.score::float8 as score, o.members
    from observation o
    join source s using (source_id)
    where o.catalogue = 'sample' and o.owner
    order by o.captured_at, o.epoch, o.seq";

#[derive(sqlx::FromRow, Clone)]
struct Observation {
    mal_id: i32,
    captured_at: DateTime<Utc>,
    source: String,
    seq: i64,
    score: Option<f64>,
    members: Option<i32>,
}

/// What is told of one day, or of one title.
struct Told {
    /// Whose score it is; where nobody tells or denies one, who observed last.
    origin: Observation,
    /// Only histories observed it.
    silent: bool,
    score: Option<f64>,
    members: Option<i32>,
}

fn is_history(source: &str) -> bool {
    source.starts_with("csv:")
}

/// The newest of some values that was told or denied; a history denies nothing.
fn known<T: Copy>(newest_first: impl Iterator<Item = (Option<T>, bool)>) -> Option<T> {
    newest_first.into_iter().find(|(value, silent)| value.is_some() || !silent).and_then(|(value, _)| value)
}

fn by_day(observations: &[Observation]) -> BTreeMap<NaiveDate, Told> {
    let mut days = BTreeMap::<NaiveDate, Vec<&Observation>>::new();
    for one in observations {
        days.entry(one.captured_at.date_naive()).or_default().push(one);
    }
    let told = |seen: Vec<&Observation>| Told {
        origin: (*seen
            .iter()
            .rev()
            .find(|one| one.score.is_some() || !is_history(&one.source))
            .unwrap_or(&seen[seen.len() - 1]))
        .clone(),
        silent: seen.iter().all(|one| is_history(&one.source)),
        score: known(seen.iter().rev().map(|one| (one.score, is_history(&one.source)))),
        members: known(seen.iter().rev().map(|one| (one.members, is_history(&one.source)))),
    };
    days.into_iter().map(|(day, seen)| (day, told(seen))).collect()
}

/// The numbers of a day; what a history is silent on is told by the days before.
fn numbers(days: &BTreeMap<NaiveDate, Told>, day: NaiveDate) -> Value {
    let told = &days[&day];
    let (mut score, mut members) = (told.score, told.members);
    if told.silent {
        let before = || days.range(..=day).rev().map(|(_, told)| told);
        score = known(before().map(|told| (told.score, told.silent)));
        members = known(before().map(|told| (told.members, told.silent)));
    }
    json!({"day": day, "score": score, "members": members})
}

fn expected_days(days: &BTreeMap<NaiveDate, Told>, last: NaiveDate) -> Vec<Value> {
    let Some(first) = days.keys().next() else { return Vec::new() };
    let told = |day| {
        let told = days.get(&day);
        let origin = told.map(|told| &told.origin);
        json!({
            "day": day,
            "observed": told.is_some(),
            "score": told.and_then(|told| told.score),
            "members": told.and_then(|told| told.members),
            "source": origin.map(|origin| &origin.source),
            "seq": origin.map(|origin| origin.seq),
        })
    };
    first.iter_days().take_while(|day| *day <= last).map(told).collect()
}

fn fields(of: &Value, names: &[&str]) -> Value {
    if of.is_null() {
        Value::Null
    } else {
        names.iter().map(|name| ((*name).to_owned(), of[*name].clone())).collect()
    }
}

/// Around the captures of the seed and of the history, and the ends of their days.
const INSTANTS: [&str; 9] = [
    "2026-11-08T20:00:00Z",
    "2026-11-10T03:59:59.999999Z",
    "2026-11-11T12:00:00Z",
    "2026-11-11T20:00:00Z",
    "2026-11-12T23:59:59.999999Z",
    "2026-11-13T04:00:00Z",
    "2026-11-14T05:59:59Z",
    "2026-11-14T23:59:59.999999Z",
    "2026-12-24T00:00:00Z",
];

#[tokio::test]
async fn days_and_newest_numbers_agree_with_a_plain_reading() {
    let database = Database::migrated().await.expect("a database");
    support::seed(&database).await;
    support::execute(&database, LESS).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let mut session = PgConnection::connect(database.url()).await.expect("a session");
    let all: Vec<Observation> =
        sqlx::query_as(OBSERVATIONS).fetch_all(&mut session).await.expect("observations");
    for instant in INSTANTS {
        for source in [None, Some("station"), Some("mirror"), Some("csv:notes")] {
            let until: DateTime<Utc> = instant.parse().expect("an instant");
            let counts =
                |one: &&Observation| one.captured_at <= until && source.is_none_or(|name| name == one.source);
            let counted: Vec<Observation> = all.iter().filter(counts).cloned().collect();
            let of = source.map(|name| format!("&source={name}")).unwrap_or_default();
            for mal_id in 101..=105 {
                let of_title: Vec<_> = counted.iter().filter(|one| one.mal_id == mal_id).cloned().collect();
                let plain = by_day(&of_title);
                let get = async |path: String| {
                    let path = format!("/api/v1/{path}?catalogue=sample&as_of={instant}{of}");
                    service.get(&path).await.json()
                };

                let days = get(format!("analytics/titles/{mal_id}/days")).await;
                let captured_at = days["meta"]["captured_at"]
                    .as_str()
                    .map(|at| at.parse::<DateTime<Utc>>().expect("an instant"));
                let names = ["day", "observed", "score", "members", "source", "seq"];
                let told: Vec<_> = days["data"]["days"]
                    .as_array()
                    .expect("days")
                    .iter()
                    .map(|day| fields(day, &names))
                    .collect();
                let last = captured_at.map_or(NaiveDate::MIN, |at| at.date_naive());
                assert_eq!(told, expected_days(&plain, last), "days of {mal_id} at {instant}{of}");

                let title = get(format!("titles/{mal_id}")).await["data"].clone();
                let newest = plain.keys().next_back().copied();
                let week_before = newest.and_then(|day| {
                    let range = day - Days::new(13)..=day - Days::new(7);
                    plain.range(range).next_back().map(|(day, _)| *day)
                });
                for (name, day) in [("latest", newest), ("week_before", week_before)] {
                    let expected = day.map_or(Value::Null, |day| numbers(&plain, day));
                    let told = fields(&title[name], &["day", "score", "members"]);
                    assert_eq!(told, expected, "{name} of {mal_id} at {instant}{of}");
                }
            }
        }
    }
}
