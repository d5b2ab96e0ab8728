//! What every query reads of a big database: by index, and no more than its bound. `KANSOKU_PLAN_ROWS=10000000` makes as many
//! rows of observations and days; the bounds are the same.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use kansoku_stack::postgres::Database;
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use tracing::{Event, Subscriber, field, subscriber::DefaultGuard};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt, registry};

use crate::support::{Instance, NO_REDIS, execute};

/// Rows of observations and of days together, where the environment says nothing.
const ROWS: i64 = 800_000;
/// Of each title there are as many observations as days.
const TITLES: i64 = 5_000;

/// A request and the pages of 8 KiB that its queries may read.
const BOUNDS: [(&str, u64); 28] = [
    ("analytics/top-anime", 3_000),
    ("analytics/top-anime?limit=100&days=120", 30_000),
    ("analytics/top-anime?as_of=2026-11-01T05:00:00Z&since=week", 3_000),
    ("analytics/genre-distribution", 1_500),
    ("analytics/genre-distribution?as_of=2026-11-01", 1_500),
    ("analytics/genre-distribution?as_of=2026-11-01T05:00:00Z", 5_000),
    ("analytics/genre-distribution?source=second", 1_500),
    ("analytics/seasonal-trend", 1_500),
    ("analytics/seasonal-trend?as_of=2026-11-01", 1_500),
    ("sources", 1_000),
    ("runs?limit=200", 2_000),
    ("runs?dataset=top.score&source=big", 2_000),
    ("runs/days?days=400", 1_500),
    ("titles?q=Title%2042", 2_000),
    ("titles?q=the", 2_000),
    ("titles?q=a", 2_000),
    ("titles?q=月", 2_000),
    ("titles?q=の", 2_000),
    ("titles?q=titel%204242", 2_000),
    ("titles/42", 500),
    ("titles/7?source=second&as_of=2026-11-01T05:00:00Z", 1_500),
    ("analytics/titles/7/days", 20_000),
    ("analytics/titles/42/days?days=90", 1_500),
    ("analytics/titles/7/days?source=second&as_of=2026-11-01T05:00:00Z", 20_000),
    ("analytics/titles/42/weeks", 500),
    ("analytics/titles/7/weeks?source=second", 1_500),
    ("analytics/titles/42/similar", 300),
    ("journey/1/1002?mal_id=42", 500),
];

/// Tables that grow with every capture, or with every title and name.
const LARGE: [&str; 6] =
    ["observation", "title_daily", "title_week", "title_name", "page", "ranking_position"];

/// The server says what it did, as notices to the session that asked.
const EXPLAINED: &str = "
    do $$ begin
        execute format('alter database %I set session_preload_libraries = auto_explain', current_database());
        execute format('alter database %I set auto_explain.log_min_duration = 0', current_database());
        execute format('alter database %I set auto_explain.log_analyze = on', current_database());
        execute format('alter database %I set auto_explain.log_buffers = on', current_database());
        execute format('alter database %I set auto_explain.log_format = json', current_database());
        execute format('alter database %I set client_min_messages = log', current_database());
    end $$";

/// Plans as of a statement that is run again and again, whatever it is asked.
const GENERIC: &str = "
    do $$ begin execute format('alter database %I set plan_cache_mode = force_generic_plan', current_database()); end $$";

/// What was executed since it was last looked at.
#[derive(Clone, Default)]
struct Executed(Arc<Mutex<Vec<Value>>>);

impl<S: Subscriber> Layer<S> for Executed {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::postgres::notice" {
            event.record(&mut self.clone());
        }
    }
}

impl field::Visit for Executed {
    fn record_str(&mut self, _: &field::Field, message: &str) {
        if let Some((_, plan)) = message.split_once("plan:\n") {
            self.0.lock().expect("no panic").push(serde_json::from_str(plan).expect("a plan"));
        }
    }

    fn record_debug(&mut self, _: &field::Field, _: &dyn std::fmt::Debug) {}
}

impl Executed {
    fn listen(&self) -> DefaultGuard {
        tracing::subscriber::set_default(registry().with(self.clone()))
    }

    fn take(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().expect("no panic"))
    }
}

#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn rows() -> i64 {
    std::env::var("KANSOKU_PLAN_ROWS").ok().map_or(ROWS, |rows| rows.parse().expect("a number"))
}

async fn fill(database: &Database) {
    execute(database, include_str!("plans.sql")).await;
    let rows = rows();
    let mut session = PgConnection::connect(database.url()).await.expect("a database");
    let days = i32::try_from(rows / 2 / TITLES).expect("not that many");
    let fill = sqlx::query("select fill($1, $2)").bind(i32::try_from(TITLES).expect("few")).bind(days);
    fill.execute(&mut session).await.expect("rows");
    execute(database, "vacuum analyze").await;
    execute(database, EXPLAINED).await;
}

/// A node of a plan with all below it.
fn nodes(plan: &Value) -> Vec<&Value> {
    let below = plan["Plans"].as_array().into_iter().flatten();
    std::iter::once(plan).chain(below.flat_map(nodes)).collect()
}

fn is_large_scan(node: &Value) -> bool {
    let table = node["Relation Name"].as_str().unwrap_or_default();
    let is_large = LARGE.contains(&table) || table.starts_with("observation_");
    is_large && node["Node Type"] == "Seq Scan"
}

fn blocks(plan: &Value) -> u64 {
    let of = |kind: &str| plan[kind].as_u64().unwrap_or_default();
    of("Shared Hit Blocks") + of("Shared Read Blocks")
}

fn is_of_every_catalogue(path: &str) -> bool {
    path.starts_with("sources") || path.starts_with("journey")
}

#[tokio::test]
async fn no_query_reads_a_large_table_or_more_than_its_bound() {
    let database = Database::migrated().await.expect("a database");
    fill(&database).await;
    let executed = Executed::default();
    let _listening = executed.listen();
    let mut wrong = Vec::new();
    for mode in ["custom", "generic"] {
        if mode == "generic" {
            execute(&database, GENERIC).await;
        }
        let service = Instance::over(&database, NO_REDIS).await;
        for (path, most) in BOUNDS {
            executed.take();
            let and = if path.contains('?') { '&' } else { '?' };
            let catalogue =
                if is_of_every_catalogue(path) { String::new() } else { format!("{and}catalogue=sample") };
            let got = service.get(&format!("/api/v1/{path}{catalogue}")).await;
            assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.text());
            let plans = executed.take();
            assert!(!plans.is_empty(), "{path}: nothing was executed");
            let read: u64 = plans.iter().map(|plan| blocks(&plan["Plan"])).sum();
            println!("{path} ({mode}): {read} pages");
            if read > most {
                wrong.push(format!("{path} ({mode}): {read} pages, not {most}"));
            }
            for plan in &plans {
                for scan in nodes(&plan["Plan"]).into_iter().filter(|node| is_large_scan(node)) {
                    wrong.push(format!("{path} ({mode}) reads all of {}: {plan}", scan["Relation Name"]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
