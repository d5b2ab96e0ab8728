//! Requests that a program makes of the OpenAPI document: in its bounds, around them and against them.

use std::{path::Path, process::Command};

use kansoku_stack::postgres::Database;
use tokio::net::TcpListener;

use crate::support::{Instance, NO_REDIS, execute, seed};

/// Whether a source or a dataset of that name is there, no document tells.
const ARGUMENTS: [&str; 12] = [
    "--exclude-checks=positive_data_acceptance",
    "--header=Authorization: Bearer night-shift", // an operator with every right
    "--phases=examples,coverage,fuzzing",
    "--max-examples=10",
    "--seed=1",
    "--generation-database=none",
    "--workers=2",
    "--request-timeout=30",
    "--suppress-health-check=all",
    "--max-failures=5",
    "--no-color",
    "--warnings=off",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_finds_nothing_that_the_document_does_not_tell() {
    // `scripts/setup.sh tests` puts it there.
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/schemathesis");
    if !packages.exists() {
        println!("SKIPPED: there is no .tools/schemathesis; scripts/setup.sh tests installs it");
        return;
    }
    let database = Database::migrated().await.expect("a database");
    seed(&database).await;
    execute(&database, include_str!("titles.sql")).await;
    execute(&database, include_str!("operator/seed.sql")).await;
    let service =
        Instance::start(database.url(), NO_REDIS, |settings| settings.limits.requests_per_minute = 0);
    service.ready().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(axum::serve(listener, service.router.clone()).into_future());

    let mut command = Command::new("python3");
    command.args(["-m", "schemathesis.cli", "run", &format!("{address}/openapi.json")]).args(ARGUMENTS);
    command.env("PYTHONPATH", packages).current_dir(std::env::temp_dir());
    let ran = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("Python");
    let report = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{report}{}", String::from_utf8_lossy(&ran.stderr));
}
