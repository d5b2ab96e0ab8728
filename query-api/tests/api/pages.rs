//! Cursors: the pages of a list add up to the list, whatever is captured meanwhile.

use crate::support::{Instance, NO_REDIS};
use kansoku_stack::postgres::Database;
use proptest::prelude::*;
use serde_json::Value;

/// Many runs, most of them at the same few instants, so that ties are the rule.
const RUNS: &str = "
    insert into source (catalogue, name, first_seen_at) values ('sample', 'crowd', '2026-10-01Z');
    insert into run (run, catalogue, source_id, dataset, captured_at, state)
    select md5('run' || n)::uuid, 'sample', s.source_id, 'season.now', '2026-10-01Z'::timestamptz + (n / 7) * interval '1 hour', 'complete'
    from generate_series(1, 50) n, source s where s.name = 'crowd';";

/// A capture that is newer than all, and the version it raises.
const NEWER: &str = "
    insert into run (run, catalogue, source_id, dataset, captured_at, state)
    select '00000000-0000-5000-8000-0000000000ff', 'sample', source_id, 'season.now', '2026-10-20Z', 'complete'
    from source where name = 'crowd';
    update data_version set version = version + 1 where catalogue = 'sample';
    select pg_notify('kansoku_data', '');";

async fn service() -> (Database, Instance) {
    let database = Database::migrated().await.expect("a database");
    crate::support::execute(&database, RUNS).await;
    let service = Instance::over(&database, NO_REDIS).await;
    (database, service)
}

fn ids(page: &Value) -> Vec<String> {
    let runs = page["data"].as_array().expect("a list");
    runs.iter().map(|run| run["run"].as_str().expect("an id").to_owned()).collect()
}

async fn page(service: &Instance, limit: usize, cursor: Option<&str>) -> Value {
    let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    service.get(&format!("/api/v1/runs?catalogue=sample&limit={limit}{cursor}")).await.json()
}

async fn walk(service: &Instance, limits: &[usize]) -> Vec<String> {
    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    for limit in limits.iter().cycle() {
        let page = page(service, *limit, cursor.as_deref()).await;
        let new = ids(&page);
        assert!(new.len() <= *limit);
        seen.extend(new);
        cursor = page["meta"]["next_cursor"].as_str().map(Into::into);
        if cursor.is_none() {
            return seen;
        }
    }
    seen
}

#[test]
fn pages_of_any_sizes_add_up_to_the_whole_list() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (_database, service) = runtime.block_on(service());
    let whole = runtime.block_on(async { ids(&page(&service, 200, None).await) });
    assert_eq!(whole.len(), 50);
    let sizes = proptest::collection::vec(1usize..60, 1..5);
    proptest!(ProptestConfig::with_cases(24), |(limits in sizes)| {
        prop_assert_eq!(&runtime.block_on(walk(&service, &limits)), &whole);
    });
}

#[tokio::test]
async fn a_capture_that_comes_meanwhile_moves_no_page() {
    let (database, service) = service().await;
    let whole = ids(&page(&service, 200, None).await);
    let first = page(&service, 20, None).await;
    let before = first["meta"]["version"].clone();
    crate::support::execute(&database, NEWER).await;
    let newest = || async { page(&service, 1, None).await["meta"]["version"] != before };
    kansoku_stack::until("the new version", crate::support::SOON, newest).await.expect("a notice");
    let second = page(&service, 200, first["meta"]["next_cursor"].as_str()).await;
    assert_eq!([ids(&first), ids(&second)].concat(), whole);
    assert_eq!(ids(&page(&service, 1, None).await), ["00000000-0000-5000-8000-0000000000ff"]);
}
