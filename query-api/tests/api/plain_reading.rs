//! The analytics against a plain reading of every observation, for every instant and source.

use kansoku_stack::postgres::Database;
use serde_json::json;
use sqlx::{Connection, PgConnection, Row};

use crate::support::{self, Instance, NO_REDIS};

/// Titles and members by the last observation of each title that has a season, adult titles left out.
const PLAIN: &str = "
    select count(*) as titles, coalesce(sum(last.members), 0)::bigint as members
    from anime a
    cross join lateral (
        select o.members from observation o
        join source s using (source_id)
        where o.catalogue = a.catalogue and o.mal_id = a.mal_id
            and o.captured_at <= $1 and ($2::text is null or s.name = $2)
        order by o.captured_at desc, o.epoch desc, o.seq desc limit 1
    ) last
    where a.catalogue = 'sample' and a.year is not null and coalesce(a.rating, '') not like 'Rx%'";

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
async fn seasons_agree_with_a_plain_reading() {
    let database = Database::fresh().await.expect("a database");
    support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let mut session = PgConnection::connect(database.url()).await.expect("a session");
    for instant in INSTANTS {
        for source in [None, Some("station"), Some("mirror")] {
            let of = source.map(|name| format!("&source={name}")).unwrap_or_default();
            let path = format!("/api/v1/analytics/seasonal-trend?catalogue=sample&as_of={instant}{of}");
            let body = service.get(&path).await.json();
            let seasons = body["data"].as_array().expect("a list");
            let sum = |key: &str| seasons.iter().filter_map(|season| season[key].as_i64()).sum::<i64>();
            let at: chrono::DateTime<chrono::Utc> = instant.parse().expect("an instant");
            let plain =
                sqlx::query(PLAIN).bind(at).bind(source).fetch_one(&mut session).await.expect("a reading");
            let (titles, members): (i64, i64) = (plain.get("titles"), plain.get("members"));
            assert_eq!((sum("titles"), sum("members")), (titles, members), "{path}");
        }
    }
}

#[tokio::test]
async fn the_ranking_of_every_day_is_the_run_of_that_day() {
    let database = Database::fresh().await.expect("a database");
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
    let database = Database::fresh().await.expect("a database");
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
