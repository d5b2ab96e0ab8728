//! A filter means the same in Postgres and in memory.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kansoku_schemas::filter::{Fault, Filter, Item, Piece};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use sqlx::{Connection, PgConnection, QueryBuilder, Row};
use uuid::Uuid;

use super::{read, service};

const FILTERS: u32 = 400;

/// More of everything that a filter may ask for.
const MORE: &str = "
    update dead_letter set state = 'discarded', edited = true, source = null where row % 4 = 1;
    update dead_letter set state = 'failed', failures = row % 3, version = row, catalogue = null where row % 4 = 2;
    update dead_letter set state = 'resolved', stage = 'load', dataset = 'season.2026.fall', title = 'ROW Ünï' where row % 4 = 3;
    insert into dlq_plan (plan, created_at, created_by, filter) values
        ('00000000-0000-0000-0000-000000000001', '2026-11-14Z', 'x', ''), ('00000000-0000-0000-0000-000000000002', '2026-11-14Z', 'x', '');
    insert into dlq_plan_member (plan, root, version, verdict)
    select p.plan, d.root, 1, case when d.row % 2 = 0 then 'pass' else 'fail' end from dlq_plan p, dead_letter d where d.row > 4;
    insert into dlq_job (job, plan, created_at, created_by, reason, members, rate, canary, stop_share)
    select plan, plan, '2026-11-14Z', 'x', 'x', case when plan::text like '%1' then 'pass' else 'all' end, 1, 1, 0 from dlq_plan;";

fn term() -> impl Strategy<Value = String> {
    let states = ["open", "failed", "discarded", "resolved", "open,failed", "published"];
    prop_oneof![
        proptest::sample::select(states.to_vec()).prop_map(|state| format!("state:{state}")),
        proptest::sample::select(vec![
            "reason:schema",
            "reason:not_json",
            "stage:validate",
            "stage:load",
            "stage:fetch",
            "dataset:top.score",
            "dataset:top.*",
            "dataset:season.*",
            "dataset:season",
            "path:/aired/from",
            "path:/aired/*",
            "path:/genres/3/name",
            "path:*",
            "keyword:type",
            "keyword:pattern",
            "only:yes",
            "group:172919340654497",
            "group:39042878594626,134879424772618",
            "group:99",
            "page:2",
            "page:1",
            "source:station",
            "source:mirror",
            "catalogue:sample",
            "catalogue:mal",
            "judge:judge-1",
            "judge:x",
            "title:row",
            "title:ROW",
            "title:ünï",
            "title:Ünï",
            "title:\"w 1\"",
            "title:%",
            "title:_",
            "edited:yes",
            "edited:no",
            "attempts:0",
            "attempts:>0",
            "attempts:<2",
            "version:2",
            "run:00000000-0000-5000-8000-000000000005",
            "job:00000000-0000-0000-0000-000000000001",
            "job:00000000-0000-0000-0000-000000000002",
            "root:00000000-0000-5000-8000-000000000005:2:7:validate",
            "since:2026-11-14T04:05:00Z",
            "until:2026-11-14T04:05:00Z",
            "since:2026-11-14",
            "until:2026-11-13T05:00:01.000001Z",
        ])
        .prop_map(str::to_owned),
        (0_u32..3_000).prop_map(|minutes| format!("since:{minutes}m")),
        (0_u32..40).prop_map(|hours| format!("until:{hours}h")),
    ]
}

async fn items(database: &mut PgConnection) -> Vec<Item> {
    let sql = "select d.*, coalesce((select jsonb_agg(jsonb_build_array(g.grp, g.path, g.keyword)) from dead_letter_fault f
            join dead_letter_group g using (grp) where f.item = d.item), '[]') as faults,
        array(select j.job from dlq_job j join dlq_plan_member m using (plan) where m.root = d.root
            and (j.members = 'all' or m.verdict = 'pass')) as jobs
        from dead_letter d";
    let rows = sqlx::query(sql).fetch_all(database).await.expect("items");
    let word = |row: &sqlx::postgres::PgRow, name: &str| row.get::<String, _>(name);
    rows.iter()
        .map(|row| Item {
            root: word(row, "root"),
            run: row.get("run"),
            page: row.get::<i32, _>("page").into(),
            stage: word(row, "stage").parse().expect("a stage"),
            reason: word(row, "reason").parse().expect("a reason"),
            dataset: word(row, "dataset"),
            catalogue: row
                .get::<Option<String>, _>("catalogue")
                .map(|word| word.parse().expect("a catalogue")),
            source: row.get("source"),
            judge: word(row, "judge"),
            state: word(row, "state").parse().expect("a state"),
            title: row.get("title"),
            edited: row.get("edited"),
            first_at: row.get("first_at"),
            failures: row.get::<i32, _>("failures").into(),
            version: row.get::<i32, _>("version").into(),
            faults: row
                .get::<sqlx::types::Json<Vec<(i64, String, String)>>, _>("faults")
                .0
                .into_iter()
                .map(|(group, path, keyword)| Fault { group, path, keyword })
                .collect(),
            jobs: row.get::<Vec<Uuid>, _>("jobs"),
        })
        .collect()
}

async fn found(database: &mut PgConnection, filter: &Filter, now: DateTime<Utc>) -> Vec<String> {
    let mut query = QueryBuilder::new("select root from dead_letter d where ");
    for piece in filter.sql(now) {
        match piece {
            Piece::Sql(text) => query.push(text),
            Piece::Text(text) => query.push_bind(text),
            Piece::Texts(texts) => query.push_bind(texts),
            Piece::Int(number) => query.push_bind(number),
            Piece::Ints(numbers) => query.push_bind(numbers),
            Piece::Instant(instant) => query.push_bind(instant),
            Piece::Uuid(id) => query.push_bind(id),
        };
    }
    query.push(" order by root");
    query.build_query_scalar().fetch_all(database).await.expect("a condition")
}

#[tokio::test]
async fn a_filter_means_the_same_in_postgres_and_in_memory() {
    let (database, service) = service().await;
    let mut session = PgConnection::connect(database.url()).await.expect("a database");
    sqlx::raw_sql(MORE).execute(&mut session).await.expect("more");
    let all = items(&mut session).await;
    let now = kansoku_service::Clock::now(&*service.clock);
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRunner::deterministic().new_rng());
    let terms = proptest::collection::vec(term(), 0..4);
    // By how many items match: a property of filters that find nothing would say little.
    let mut sizes = BTreeMap::<usize, u32>::new();
    let mut tried = 0;
    while tried < FILTERS {
        let text = terms.new_tree(&mut runner).expect("a filter").current().join(" ");
        let Ok(filter) = Filter::parse(&text) else { continue };
        tried += 1;
        let mut expected: Vec<_> =
            all.iter().filter(|item| filter.matches(item, now)).map(|item| item.root.clone()).collect();
        expected.sort();
        assert_eq!(found(&mut session, &filter, now).await, expected, "{text}");
        *sizes.entry(expected.len()).or_default() += 1;
    }
    assert!(sizes.len() > 8 && sizes[&0] < FILTERS / 2, "{sizes:?}");
}

/// The index of titles is not asked for words that most of them have: what is found stays the same.
#[tokio::test]
async fn a_part_of_a_title_finds_what_it_says_whatever_its_words() {
    let (database, service) = service().await;
    let mut session = PgConnection::connect(database.url()).await.expect("a database");
    let titles = "update dead_letter set title = case when page = 2 and row % 5 = 4 then 'Sun ' else 'Moon ' end || 'Light 1' || item";
    sqlx::raw_sql(titles).execute(&mut session).await.expect("titles");
    let all = items(&mut session).await;
    let now = kansoku_service::Clock::now(&*service.clock);
    let mut sizes = Vec::new();
    for part in [
        "moon light 12",
        "MOON light 1",
        "oon light 1",
        "n li",
        "sun light",
        "sun light 1",
        "sun moon",
        "light 13",
        "light 3",
        " light ",
        "moon",
        "moon  light",
        "  ",
        "% light 1",
        "light _",
        "light moon",
    ] {
        let filter = Filter::parse(&format!("title:\"{part}\"")).expect("a filter");
        let mut expected: Vec<_> =
            all.iter().filter(|item| filter.matches(item, now)).map(|item| item.root.clone()).collect();
        expected.sort();
        let asked: String = part.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let list = read(&service, &format!("dead-letters?limit=500&filter=title:%22{asked}%22")).await;
        let items = list["items"].as_array().expect("items").iter();
        let mut found: Vec<_> = items.map(|item| item["root"].as_str().expect("a root").to_owned()).collect();
        found.sort();
        assert_eq!(found, expected, "{part}");
        assert_eq!(list["total"], expected.len(), "{part}");
        sizes.push(expected.len());
    }
    assert!(
        sizes.contains(&0) && sizes.contains(&all.len()) && sizes.iter().any(|size| (1..5).contains(size)),
        "{sizes:?}"
    );
}
